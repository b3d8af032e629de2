import type { Plan, StepId } from '@ctx-fix/core'
import { createMaterializer, type ProgramOf, type RenderedFile } from '../apply/materialize.js'
import { settleSteps } from '../apply/settle.js'
import { locate } from './locate.js'
import { ParseJudge } from './parse-judge.js'
import type { Problem } from './problem.js'
import { rollBack } from './roll-back.js'
import type { RuntimeTypes } from './types/runtime-mount.js'

export interface VerifyOptions {
  readonly plan: Plan
  /** The text of every file that the plan edits, by the absolute path that its edits name. */
  readonly sources: ReadonlyMap<string, string>
  /** The project's configurations; none for plain JavaScript, where an edit only has to parse. */
  readonly tsconfigPaths: readonly string[]
  /** Declarations of modules that the edits import, for projects that have not installed them. */
  readonly runtimeTypes?: RuntimeTypes
  /** As for `materialize`. */
  readonly programOf?: ProgramOf
}

/** A complaint that cost a step. Line and column are 1-based, in the text before the edits. */
export interface VerifyDiagnostic {
  readonly file: string
  readonly line: number
  readonly column: number
  /** TypeScript's error code; 0 for a parse error. */
  readonly code: number
  readonly message: string
}

export interface RolledBackStep {
  readonly step: StepId
  /** The complaint about the step itself, or about the one that it relied on. */
  readonly diagnostic: VerifyDiagnostic
}

/** Something to tell the user about how far the verification can be relied on. */
export interface VerifyNotice {
  readonly kind: 'bundled-compiler' | 'errors-before-edits' | 'only-parsed'
  readonly message: string
}

export interface VerifyResult {
  readonly kept: ReadonlySet<StepId>
  readonly rolledBack: readonly RolledBackStep[]
  /** What the kept steps make of the files. */
  readonly files: ReadonlyMap<string, RenderedFile>
  readonly notices: readonly VerifyNotice[]
}

/**
 * Applies a plan in memory and takes back, as little as possible, what breaks the program: what no
 * longer parses, and what makes the type checker complain where it did not before.
 *
 * @throws {UnsupportedProjectError} where the project is too old to compile the edits.
 * @throws {UnreadableConfigError} where a tsconfig is missing or broken.
 * @throws {OverlapError} where two steps edit the same text.
 */
export async function verifyPlan(options: VerifyOptions): Promise<VerifyResult> {
  const { plan, sources, programOf } = options
  const planned = settleSteps(plan, new Set(plan.steps.map(({ id }) => id)))
  const render = createMaterializer(plan, sources, programOf)
  const parsed = rollBack(plan, planned, render, new ParseJudge())
  const typed =
    options.tsconfigPaths.length === 0 || parsed.files.size === 0
      ? undefined
      : await verifyTypes(options, parsed.kept, render)
  const { kept, files } = typed ?? parsed
  const rolledBack = [...parsed.rolledBack, ...(typed?.rolledBack ?? [])].map(
    ([step, problem]) => ({ step, diagnostic: describe(problem, sources) }),
  )
  return { kept, files, rolledBack, notices: typed?.notices ?? [] }
}

async function verifyTypes(
  { plan, sources, tsconfigPaths, runtimeTypes = {} }: VerifyOptions,
  initial: ReadonlySet<StepId>,
  render: ReturnType<typeof createMaterializer>,
) {
  // Loading a compiler takes longer than all the rest of a small run.
  const [{ openProject }, { TypeJudge }] = await Promise.all([
    import('./types/open-project.js'),
    import('./types/type-judge.js'),
  ])
  const { compiler, files, programs, unseen } = await openProject({
    tsconfigPaths,
    sources,
    edited: render(initial),
    needs: plan.steps.flatMap(({ imports }) => imports),
    runtimeTypes,
  })
  const judge = new TypeJudge(compiler.ts, files, programs, sources)
  const result = rollBack(plan, initial, render, judge)
  const notices: VerifyNotice[] = []
  if (!compiler.own) {
    const project = compiler.projectVersion
    notices.push({
      kind: 'bundled-compiler',
      message:
        `verified with the bundled TypeScript ${compiler.ts.version}` +
        (project === undefined
          ? ': the project has none of its own'
          : `: the project's own (${project}) is not installed or has no JavaScript API`),
    })
    const errors = judge.countBaseline()
    if (errors > 0) {
      notices.push({
        kind: 'errors-before-edits',
        message: `the program had ${errors} type errors before the edits: install its dependencies, so that the edits are checked against them`,
      })
    }
  }
  if (unseen.length > 0) {
    notices.push({
      kind: 'only-parsed',
      message: `${unseen.length} edited files belong to no TypeScript program and were only parsed`,
    })
  }
  return { ...result, notices }
}

function describe(problem: Problem, sources: ReadonlyMap<string, string>): VerifyDiagnostic {
  const { file, code, message, oldStart } = problem
  return { file, ...locate(file, oldStart, sources), code, message }
}
