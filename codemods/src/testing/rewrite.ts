import { dirname, join } from 'node:path/posix'
import {
  analyze,
  findAll,
  isExemptPath,
  Program,
  type FileFacts,
  type Refusal,
} from '@ctx-fix/core'
import { materialize } from '../apply/index.js'
import { parseFacts } from '../host/parse.js'
import { planSteps } from '../passes/6-plan-steps.js'

/** What the plan makes of a program, unverified: the files that it changes, and why it left calls alone. */
export interface Rewritten {
  readonly files: Readonly<Record<string, string>>
  /** The name of each call that was left, with the reason. */
  readonly refusals: Readonly<Record<string, Refusal>>
  /** Reasons of what `check` would report of the program as it was. */
  readonly reasons: readonly string[]
  /** Names of the calls that it knows as the database's. */
  readonly sinks: readonly string[]
}

/** Threads signals through a program of a few short files, given by name; relative imports are followed. */
export function rewrite(sources: Readonly<Record<string, string>>): Rewritten {
  const texts = new Map(Object.entries(sources))
  const facts = new Map<string, FileFacts>()
  for (const [file, text] of texts) {
    const parsed = parseFacts(file, text)
    if ('message' in parsed) throw new SyntaxError(`${file}: ${parsed.message}`)
    facts.set(file, parsed)
  }
  const links = new Map(
    [...facts].map(([file, { modules }]) => [
      file,
      new Map(
        modules.flatMap((module) => {
          const found = candidates(join(dirname(file), module)).find((each) => facts.has(each))
          return module.startsWith('.') && found !== undefined ? [[module, found] as const] : []
        }),
      ),
    ]),
  )
  const analysis = analyze(new Program(facts, links), { isExempt: isExemptPath })
  const plan = planSteps({
    analysis,
    texts,
    isEditable: () => true,
    wrapOnly: new Set(),
    isExact: false,
    isChecked: () => false,
    names: new Map(),
  })
  const rendered = materialize(plan, new Set(plan.steps.map(({ id }) => id)), texts, (file) => file)
  const names = new Map(analysis.calls.map((node) => [node.id, node.name]))
  return {
    files: Object.fromEntries([...rendered].map(([file, { after }]) => [file, after])),
    refusals: Object.fromEntries([...plan.refusals].map(([id, why]) => [names.get(id) ?? '', why])),
    reasons: findAll(analysis, { noSignalInScope: 'report', propagation: 'explicit' }).map(
      ({ finding }) => finding.reason,
    ),
    sinks: analysis.calls.flatMap(({ name, sink }) =>
      sink && sink.spec.onlyInScope !== true ? [name] : [],
    ),
  }
}

function candidates(path: string): string[] {
  return [path.replace(/\.js$/, '.ts'), `${path}.ts`, `${path}/index.ts`]
}
