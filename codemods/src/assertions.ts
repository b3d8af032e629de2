import {
  appendItems,
  fnKey,
  importedName,
  locationOf,
  type Analysis,
  type CallNode,
  type ExprId,
  type FileFacts,
  type FnKey,
  type Step,
  type StepId,
} from '@ctx-fix/core'
import type { PlanContext, ProgramPlan } from './passes/6-plan-steps.js'

const assertions = new Set([
  'toHaveBeenCalledWith',
  'toHaveBeenLastCalledWith',
  'toHaveBeenNthCalledWith',
  'toHaveBeenCalledExactlyOnceWith',
  'toBeCalledWith',
  'lastCalledWith',
  'nthCalledWith',
  'calledWithExactly',
  'calledOnceWithExactly',
])

/** A test that says with which arguments a function was called, which now gets one more. */
export interface AssertedArguments {
  readonly file: string
  readonly line: number
  readonly name: string
}

interface Asserted extends AssertedArguments {
  readonly call: ExprId
}

/** A call whose shape changes: what it is called, and where its signal goes. */
interface Change {
  readonly step: StepId
  readonly isAppended: boolean
}

/** The assertions that calls of the kept steps will not meet any more. */
export function assertedArguments(
  analysis: Analysis,
  plan: ProgramPlan,
  kept: ReadonlySet<StepId>,
): readonly AssertedArguments[] {
  const changes = changesOf(analysis, plan, (step) => kept.has(step))
  return findAsserted(analysis, changes).map(({ call: _call, ...rest }) => rest)
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
  const changes = changesOf(analysis, plan, () => true)
  return findAsserted(analysis, changes)
    .flatMap(({ file, name, call }): Omit<Step, 'id'>[] => {
      const change = changes.get(name)
      const { exprs, calls } = analysis.resolver.program.facts(file)
      const expr = exprs[call]
      const site = calls.find((each) => each.expr === call)
      if (!change?.isAppended || expr?.k !== 'call' || !site || !isEditable(file)) return []
      const facts = analysis.resolver.program.facts(file)
      const items = expr.args.flatMap((each) => exprs[each] ?? [])
      const list = { file, text: texts.get(file) ?? '', open: site.open, close: site.close, items }
      const known = importedName(facts, RUNTIME_ASSERT, 'anySignal')
      return [
        {
          kind: 'call-site',
          edits: [appendItems(list, [known ?? 'anySignal'])],
          imports: known === undefined ? [{ file, module: RUNTIME_ASSERT, name: 'anySignal' }] : [],
          requires: [change.step],
          onlyIfRequired: false,
          label: `let the assertion on ${name} take a signal`,
        },
      ]
    })
    .map((step, index) => ({ ...step, id: plan.steps.length + index }))
}

const RUNTIME_ASSERT = '@ctx-fix/runtime/assert'

/** By the last name of the callee, as a test has nothing else: `repo.find` is asserted as `find`. */
function changesOf(
  analysis: Analysis,
  plan: ProgramPlan,
  counts: (step: StepId) => boolean,
): ReadonlyMap<string, Change> {
  const changed = new Map<string, Change & { targets: Set<FnKey> }>()
  for (const [step, node] of plan.nodeOf) {
    const isWrapped = plan.steps[step]?.imports.some((each) => each.name === 'withSignal') === true
    if (isWrapped || !counts(step) || node.kind !== 'call') continue
    const name = lastName(node)
    const known = changed.get(name)
    const targets = new Set([...(known?.targets ?? []), ...node.targets.map(fnKey)])
    const isAppended = node.sink === undefined && (known?.isAppended ?? true)
    changed.set(name, { step: known?.step ?? step, isAppended, targets })
  }
  // Of several functions with a name, one that is as it was may be the one that is meant.
  for (const [file, { functions }] of analysis.resolver.program.files)
    for (const fn of functions) {
      const change = changed.get(fn.name)
      if (!change || !fn.hasBody || analysis.isExempt(file)) continue
      if (!change.targets.has(fnKey({ file, fn: fn.id })))
        changed.set(fn.name, { ...change, isAppended: false })
    }
  return changed
}

function lastName(node: CallNode): string {
  return node.name.replace(/\(.*$/, '').split('.').at(-1) ?? node.name
}

function findAsserted(analysis: Analysis, changes: ReadonlyMap<string, Change>): Asserted[] {
  if (changes.size === 0) return []
  const found: Asserted[] = []
  for (const [file, facts] of analysis.resolver.program.files)
    for (const { expr: call } of facts.calls) {
      const name = assertedName(facts, call)
      const span = facts.exprs[call]
      if (name === undefined || !span || !changes.has(name)) continue
      found.push({ file, call, name, line: locationOf(facts.lineStarts, span.start).line })
    }
  return found
}

/** `find` of `expect(repo.find).not.toHaveBeenCalledWith('1')`. */
function assertedName({ exprs }: FileFacts, id: ExprId): string | undefined {
  const call = exprs[id]
  const callee = call?.k === 'call' ? exprs[call.callee] : undefined
  if (callee?.k !== 'member' || !assertions.has(callee.name)) return undefined
  let at = exprs[callee.object]
  while (at?.k === 'member') at = exprs[at.object]
  const subject = at?.k === 'call' ? exprs[at.args[0] ?? -1] : undefined
  if (subject?.k === 'member' || subject?.k === 'id') return subject.name
  // `sinon.assert.calledWithExactly(repo.find, '1')`
  const first = call?.k === 'call' ? exprs[call.args[0] ?? -1] : undefined
  return first?.k === 'member' && callee.name.startsWith('called') ? first.name : undefined
}
