import { type Found, type Refusal, type Report, type StepId } from '@ctx-fix/core'
import {
  materialize,
  prepareWrite,
  settleSteps,
  type PreparedWrite,
  type RenderedFile,
} from './apply/index.js'
import { madeUpRequests } from './made-up-requests.js'
import { assertedArguments, assertionNotices, assertionSteps } from './assertions/index.js'
import type { CodemodPlan } from './codemods/codemod.js'
import { codemodOf, type CodemodName } from './codemods/index.js'
import { installHint } from './install-hint.js'
import { collectFromTexts } from './passes/1-collect-facts.js'
import { planSteps, type PlanContext, type ProgramPlan } from './passes/6-plan-steps.js'
import { planAmbient, setupSteps } from './passes/8-plan-ambient.js'
import { analyzeTexts, collect, type Read } from './read-program.js'
import { refusalsOf } from './refusals.js'
import {
  checkedIn,
  isEditableIn,
  isOn,
  tsconfigsOf,
  type CtxFixConfig,
  type ProjectInput,
} from './project-input.js'
import { makeReport, surroundedBy } from './report.js'
import { unheededCalls } from './runtime-notice.js'
import { runtimeTypes } from './runtime-types.js'
import { writeTodos } from './todo.js'
import { UsageError } from './usage-error.js'
import {
  UnreadableConfigError,
  UnsupportedProjectError,
  verifyPlan,
  type VerifyNotice,
} from './verify/index.js'

export type { CtxFixConfig, ProjectInput } from './project-input.js'

export interface FileChange {
  readonly file: string
  readonly before: string
  readonly after: string
}

export interface FixResult {
  readonly report: Report
  readonly changes: readonly FileChange[]
  /**
   * Makes sure that every change may be written, writes it beside its file, and gives the function that puts
   * them in place, each file atomically. In two parts, so that several projects are written together or not
   * at all.
   */
  prepareWrite(): Promise<PreparedWrite>
  /** How to install what the edits import, where the project has not. */
  readonly installHint?: string
}

export interface FixOptions {
  /** Whether the result is type-checked before anything is written. */
  readonly verify: boolean
  /** Writes the reason above each place that is left. */
  readonly todo?: boolean
  /** Lets assertions on the exact arguments of changed calls take a signal. */
  readonly updateTests?: boolean
  /** Instead of threading signals: one rule's fix over the whole program. */
  readonly codemod?: CodemodRequest
}

export interface CodemodRequest {
  readonly name: CodemodName
  /** Why work is detached: one line. */
  readonly reason?: string
}

/** @throws {UsageError} where a file that was asked for does not parse. */
export async function analyzeProject(input: ProjectInput): Promise<{ readonly report: Report }> {
  const startedAt = performance.now()
  const read = analyzeTexts(input, await collect(input))
  return { report: makeReport({ ...partsOf(input, read), startedAt }) }
}

/**
 * Plans every edit, applies them in memory, and takes back what the type checker does not accept.
 * Nothing is written before `prepareWrite()` and what it gives.
 *
 * @throws {UsageError} where a file does not parse, or the project cannot be verified.
 */
export async function fixProject(given: ProjectInput, options: FixOptions): Promise<FixResult> {
  const startedAt = performance.now()
  const codemod = options.codemod && codemodOf(options.codemod.name)
  const input = codemod?.propagation ? inStyle(given, codemod.propagation) : given
  const isAbout = codemod ? ({ finding }: Found) => codemod.isAbout(finding) : () => true
  const before = analyzeTexts(input, await collect(input))
  const rounds = await applyRounds(input, before, options)
  const last = lastOf(rounds)
  const { applied, after } = last
  const asked = { ...after, found: after.found.filter(isAbout) }
  const left = new Set(asked.found.map((each) => each.finding.fingerprint))
  const refusals = refusalsIn(last, asked.found)
  const { texts } = after
  const todos =
    options.todo === true
      ? writeTodos({ left: asked.found, refusals, texts, isEditable: isEditableIn(input) })
      : new Map<string, string>()
  const changes = [...texts]
    .map(([file, text]) => ({
      file,
      before: before.texts.get(file) ?? '',
      after: todos.get(file) ?? text,
    }))
    .filter((each) => each.before !== each.after)
  const hint = rounds.map((each) => installHint(each.applied.plan, each.applied.kept)).find(Boolean)
  return {
    report: makeReport({
      ...partsOf(input, asked),
      startedAt,
      rolledBack: rounds.reduce((sum, each) => sum + each.applied.rolledBack, 0),
      notices: [
        ...styleNotice(given, input, changes.length),
        ...applied.notices.map(({ kind, message }) => ({ code: kind, message })),
        ...assertionNotices(
          rounds.flatMap(({ read, applied }) =>
            assertedArguments(read.analysis, applied.plan, applied.kept, read.texts),
          ),
          options.updateTests === true,
        ),
        ...rounds.flatMap((each) =>
          madeUpRequests(each.read.analysis, each.applied.plan, each.applied.kept),
        ),
      ],
      fixed: before.found.filter((each) => isAbout(each) && !left.has(each.finding.fingerprint)),
      refusals,
    }),
    changes,
    prepareWrite: () =>
      prepareWrite(input.root, new Map(changes.map(({ file, ...texts }) => [file, texts]))),
    ...(hint === undefined ? {} : { installHint: hint }),
  }
}

/** A plan that was applied, the program that it was made for, and what it made of that. */
interface Round {
  readonly read: Read
  readonly applied: Applied
  readonly after: Read
  /** Another is to follow. */
  readonly again: boolean
}

/** As often as a plan has left something for the next. */
const ROUNDS = 8

async function applyRounds(
  input: ProjectInput,
  before: Read,
  options: FixOptions,
): Promise<[Round, ...Round[]]> {
  const next = async (read: Read): Promise<Round> => {
    const applied = await applyPlan(input, read, options)
    const after = analyzeTexts(input, collectFromTexts(textsAfter(read.texts, applied.files)))
    const again = applied.again || (!options.codemod && opensMore({ read, applied, after }))
    return { read, applied, after, again }
  }
  const rounds: [Round, ...Round[]] = [await next(before)]
  for (let last = rounds[0]; last.again && rounds.length < ROUNDS;) {
    if (last.applied.files.size === 0) break
    last = await next(last.after)
    rounds.push(last)
  }
  return rounds
}

/**
 * Whether a signal is now lost where none could be passed before: `const load = timed(plain)` takes what `plain`
 * takes, which only the type checker says.
 */
function opensMore(round: Omit<Round, 'again'>): boolean {
  const lost = round.after.found.filter(
    ({ finding, judgement }) => judgement?.verdict === 'lost' && finding.safety === 'safe',
  )
  const refusals = refusalsIn(round, lost)
  return lost.some(({ finding }) => !refusals.has(finding.fingerprint))
}

function refusalsIn(
  { read, applied, after }: Omit<Round, 'again'>,
  left: readonly Found[],
): ReadonlyMap<string, Refusal> {
  return refusalsOf({
    before: read.analysis,
    after: after.analysis,
    left,
    files: applied.files,
    refused: new Map([...applied.plan.refusals, ...applied.refused]),
  })
}

/** The last in which something was done: what was refused in it is what is left. */
function lastOf(rounds: readonly [Round, ...Round[]]): Round {
  return rounds.at(-1) ?? rounds[0]
}

/** What has been converted is checked by its own style from now on. */
function styleNotice(
  given: ProjectInput,
  { config: { propagation } }: ProjectInput,
  changed: number,
): { readonly code: string; readonly message: string }[] {
  if ((propagation ?? 'explicit') === (given.config.propagation ?? 'explicit') || changed === 0)
    return []
  const message = `set propagation to '${propagation ?? 'explicit'}' in the settings of ctx-fix and of the linter.`
  return [{ code: 'propagation', message }]
}

function inStyle(
  input: ProjectInput,
  propagation: NonNullable<CtxFixConfig['propagation']>,
): ProjectInput {
  return { ...input, config: { ...input.config, propagation } }
}

function partsOf(input: ProjectInput, read: Read) {
  const asked = new Set(input.report)
  return {
    root: input.root,
    analysis: read.analysis,
    found: read.found,
    failures: read.failures,
    isReported: (file: string) => asked.has(file),
    isAmbient: input.config.propagation === 'ambient',
  }
}

interface Applied {
  /** Another plan is to follow. */
  readonly again: boolean
  readonly plan: ProgramPlan
  readonly kept: ReadonlySet<StepId>
  readonly files: ReadonlyMap<string, RenderedFile>
  readonly rolledBack: number
  /** Calls whose step was taken back. */
  readonly refused: ReadonlyMap<number, Refusal>
  /** How far the verification can be relied on. */
  readonly notices: readonly VerifyNotice[]
}

async function applyPlan(
  input: ProjectInput,
  read: Read,
  { verify, updateTests, codemod }: FixOptions,
): Promise<Applied> {
  const isEditable = isEditableIn(input)
  const propagation = input.config.propagation ?? 'explicit'
  const planProgram = (context: PlanContext): CodemodPlan => {
    if (!codemod) return withRuntime(input, context)
    const { isAbout, plan } = codemodOf(codemod.name)
    const found = read.found.filter(({ finding }) => isAbout(finding))
    return plan(context, found, { ...codemod, propagation })
  }
  const plan = (wrapOnly: ReadonlySet<number>): CodemodPlan => {
    const context = {
      analysis: read.analysis,
      texts: read.texts,
      isEditable,
      wrapOnly,
      names: new Map<string, string>(),
      isExact: tsconfigsOf(input).some((each) => isOn(each, 'exactOptionalPropertyTypes')),
      isChecked: checkedIn(input, read.texts),
    }
    const planned = planProgram(context)
    if (updateTests !== true) return planned
    return { ...planned, steps: [...planned.steps, ...assertionSteps(context, planned)] }
  }
  const first = plan(new Set())
  if (!verify) {
    const kept = settleSteps(first, new Set(first.steps.map((each) => each.id)))
    const files = materialize(first, kept, read.texts, (file) => file)
    const again = first.again === true
    return { again, plan: first, kept, files, rolledBack: 0, refused: new Map(), notices: [] }
  }
  const verified = await verifyOrExplain(input, read, first)
  const config = configSinks(first, verified)
  if (config.size === 0) return settle(first, verified)
  // What the config form of a query did not survive, the wrapper may.
  const second = plan(config)
  return settle(second, await verifyOrExplain(input, read, second))
}

/** With the runtime's import where all that it takes is given already: a run may have been ended before it. */
function withRuntime({ root, config }: ProjectInput, context: PlanContext): ProgramPlan {
  const isAmbient = config.propagation === 'ambient'
  const plan = isAmbient ? planAmbient(context) : planSteps(context)
  if (plan.steps.some((each) => each.kind === 'setup')) return plan
  const isSurrounded = isAmbient ? surroundedBy(context.analysis) : () => false
  const calls = unheededCalls(root, context.analysis, isSurrounded).filter((each) =>
    context.isEditable(each.file),
  )
  return { ...plan, steps: [...plan.steps, ...setupSteps(context, plan.steps.length, calls)] }
}

type Verified = Awaited<ReturnType<typeof verifyPlan>>

async function verifyOrExplain(
  input: ProjectInput,
  read: Read,
  plan: ProgramPlan,
): Promise<Verified> {
  try {
    return await verifyPlan({
      plan,
      sources: read.texts,
      tsconfigPaths: tsconfigsOf(input),
      runtimeTypes: runtimeTypes(),
      // Each process of the application has its own need of the runtime's import.
      programOf: (file) => file,
    })
  } catch (error) {
    if (error instanceof UnsupportedProjectError || error instanceof UnreadableConfigError)
      throw new UsageError(error.message)
    throw error
  }
}

/** Sinks that were rolled back for themselves and could be wrapped instead. */
function configSinks(plan: ProgramPlan, verified: Verified): ReadonlySet<number> {
  const found = new Set<number>()
  for (const { step } of verified.rolledBack) {
    const node = plan.nodeOf.get(step)
    const isWrapped = plan.steps[step]?.imports.some((each) => each.module === '@ctx-fix/runtime')
    if (node?.sink && node.sink.spec.carriers.length > 1 && isWrapped !== true) found.add(node.id)
  }
  return found
}

function settle(plan: CodemodPlan, verified: Verified): Applied {
  const refused = new Map<number, Refusal>()
  const itself = new Set(verified.rolledBack.map((each) => each.step))
  for (const [step, node] of plan.nodeOf)
    if (!verified.kept.has(step))
      refused.set(node.id, itself.has(step) ? 'new-type-error' : 'rolled-back-with-dependency')
  return {
    again: plan.again === true,
    plan,
    kept: verified.kept,
    files: verified.files,
    rolledBack: verified.rolledBack.length,
    refused,
    notices: verified.notices,
  }
}

function textsAfter(
  texts: ReadonlyMap<string, string>,
  files: ReadonlyMap<string, RenderedFile>,
): ReadonlyMap<string, string> {
  return new Map([...texts].map(([file, text]) => [file, files.get(file)?.after ?? text]))
}
