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
import { takeSignal } from './rewrite.js'

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

/** The assertions that calls of the kept steps will not meet any more. */
export function assertedArguments(
  analysis: Analysis,
  plan: ProgramPlan,
  kept: ReadonlySet<StepId>,
): readonly AssertedArguments[] {
  return findAsserted(analysis, plan, (step) => kept.has(step))
}

const SHOWN = 20

/** One for each place, as far as a person reads on, and what to do about them. */
export function assertionNotices(
  asserted: readonly AssertedArguments[],
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
  const message = `${count} on exact arguments will not hold: --update-tests lets them take a signal; ${cure}`
  return [...shown, { code: 'asserted-arguments', message }]
}

/** Steps that let the assertions take any signal: `toHaveBeenCalledWith('1', anySignal)`. */
export function assertionSteps(
  { analysis, texts, isEditable }: PlanContext,
  plan: ProgramPlan,
): Step[] {
  return findAsserted(analysis, plan, () => true)
    .flatMap(({ file, name, assertion, change }): Omit<Step, 'id'>[] => {
      if (!change.slot || !isEditable(file)) return []
      const facts = analysis.resolver.program.facts(file)
      const rewritten = takeSignal(assertion, change.slot, facts, texts.get(file) ?? '')
      if (!rewritten) return []
      return [
        {
          kind: 'call-site',
          ...rewritten,
          requires: [change.step],
          onlyIfRequired: false,
          label: `let the assertion on ${name} take a signal`,
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
  if (!isSink || expected.k !== 'arguments') return false
  // `COMMIT` goes without a signal as before.
  const call = exprs[site.expr]
  const first = call?.k === 'call' ? exprs[call.args[expected.from] ?? -1] : undefined
  return first?.k === 'str' && classifySql(first.value) !== 'work'
}
