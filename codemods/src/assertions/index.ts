import {
  classifySql,
  locationOf,
  type Analysis,
  type FileFacts,
  type Step,
  type StepId,
} from '@ctx-fix/core'
import type { PlanContext, ProgramPlan } from '../passes/6-plan-steps.js'
import { changesOf, type Change } from './changes.js'
import { assertionAt, type Assertion } from './find.js'
import { looseMatchers } from './vocabulary.js'
import { takeSignal, type Rewritten } from './rewrite.js'

/** A test that says with which arguments a function was called, which now gets one more. */
export interface AssertedArguments {
  readonly file: string
  readonly line: number
  readonly name: string
}

interface Asserted extends AssertedArguments {
  readonly assertion: Assertion
  readonly change: Change
}

/** The assertions that calls of the kept steps will not meet any more, but for those that kept steps rewrite. */
export function assertedArguments(
  analysis: Analysis,
  plan: ProgramPlan,
  kept: ReadonlySet<StepId>,
  texts: ReadonlyMap<string, string>,
): readonly AssertedArguments[] {
  const place = (file: string, start: number): string => `${file}\0${start}`
  const edited = new Set(
    plan.steps.flatMap(({ id, edits }) =>
      kept.has(id) ? edits.map((each) => place(each.file, each.start)) : [],
    ),
  )
  return findAsserted(analysis, plan, (step) => kept.has(step)).filter((each) => {
    const [first] = rewritten(analysis, texts, each)?.edits ?? []
    return first === undefined || !edited.has(place(first.file, first.start))
  })
}

function rewritten(
  { resolver }: Analysis,
  texts: ReadonlyMap<string, string>,
  { file, assertion, change }: Asserted,
): Rewritten | undefined {
  if (!change.slot) return undefined
  return takeSignal(assertion, change.slot, resolver.program.facts(file), texts.get(file) ?? '')
}

const SHOWN = 20

/** One for each place, as far as a person reads on, and what to do about them. */
export function assertionNotices(
  asserted: readonly AssertedArguments[],
  isUpdating: boolean,
): { readonly code: string; readonly message: string }[] {
  if (asserted.length === 0) return []
  const shown = asserted.slice(0, SHOWN).map(({ file, line, name }) => ({
    code: 'asserted-arguments',
    message: `${file}:${line} asserts the exact arguments of ${name}, which now gets a signal too`,
  }))
  const count = asserted.length === 1 ? '1 assertion' : `${asserted.length} assertions`
  const cure =
    asserted.length > SHOWN
      ? "`propagation: 'ambient'` changes no arguments at all"
      : 'or mend them by hand'
  const message = isUpdating
    ? `${count} on exact arguments will not hold, and cannot be rewritten: mend them by hand`
    : `${count} on exact arguments will not hold: --update-tests lets them take a signal; ${cure}`
  return [...shown, { code: 'asserted-arguments', message }]
}

/** Steps that let the assertions take any signal: `toHaveBeenCalledWith('1', anySignal)`. */
export function assertionSteps(
  { analysis, texts, isEditable }: PlanContext,
  plan: ProgramPlan,
): Step[] {
  return findAsserted(analysis, plan, () => true)
    .flatMap((asserted): Omit<Step, 'id'>[] => {
      const change = isEditable(asserted.file) ? rewritten(analysis, texts, asserted) : undefined
      if (!change) return []
      return [
        {
          kind: 'call-site',
          ...change,
          requires: [asserted.change.step],
          onlyIfRequired: false,
          label: `let the assertion on ${asserted.name} take a signal`,
        },
      ]
    })
    .map((step, index) => ({ ...step, id: plan.steps.length + index }))
}

function findAsserted(
  analysis: Analysis,
  plan: ProgramPlan,
  counts: (step: StepId) => boolean,
): Asserted[] {
  const changes = changesOf(analysis, plan, counts)
  if (changes.size === 0) return []
  const { program } = analysis.resolver
  const found: Asserted[] = []
  for (const [file, facts] of program.files)
    for (const site of facts.calls) {
      const assertion = assertionAt({ program, facts }, site)
      const name = assertion && [...assertion.names].find((each) => changes.has(each))
      const change = name === undefined ? undefined : changes.get(name)
      if (!assertion || name === undefined || !change) continue
      if (isUndisturbed(facts, assertion, change)) continue
      const { line } = locationOf(facts.lineStarts, facts.exprs[site.expr]?.start ?? 0)
      found.push({ file, line, name, assertion, change })
    }
  return found
}

/** Met by the call as it is now, too. */
function isUndisturbed(
  { exprs }: FileFacts,
  { isLeading, expected, site }: Assertion,
  { slot, isSink }: Change,
): boolean {
  if (isLeading && slot?.kind === 'argument') return true
  if (slot?.kind === 'option' && expected.k === 'arguments') {
    const call = exprs[site.expr]
    const options =
      call?.k === 'call' ? exprs[call.args[expected.from + slot.index] ?? -1] : undefined
    const callee = options?.k === 'call' ? exprs[options.callee] : undefined
    if (callee?.k === 'member' && looseMatchers.has(callee.name)) return true
  }
  if (!isSink || expected.k !== 'arguments') return false
  // `COMMIT` goes without a signal as before.
  const call = exprs[site.expr]
  const first = call?.k === 'call' ? exprs[call.args[expected.from] ?? -1] : undefined
  return first?.k === 'str' && classifySql(first.value) !== 'work'
}
