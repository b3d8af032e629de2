import type { Binding, CallSite, Expr, ExprId, FileFacts, FnId } from '../facts/types.js'
import type { Analysis } from '../graph/analysis.js'
import { isLibrary } from '../resolve/values.js'
import { makeFinding, type Found } from './make-finding.js'

/**
 * A timer that aborts a controller and outlives the work it bounds.
 *
 * Reported: `setTimeout(() => controller.abort(), ms)` whose timer is not cleared, or only where no
 * error has been thrown before, or not where the function returns before the `try` that clears it.
 * Not reported: cleared in `finally`; timer or controller handed to the caller, kept in a field or a
 * variable of an outer function; a controller that is a parameter.
 */
export function timerFindings(analysis: Analysis): Found[] {
  const found: Found[] = []
  for (const [file, facts] of analysis.reported) {
    if (analysis.isExempt(facts.path)) continue
    for (const site of facts.calls) {
      const controller = abortedByTimer(analysis, file, site)
      if (!controller || isHandedOn(analysis, facts, controller, site.fn)) continue
      const timer = facts.bindings.find((each) => each.init === site.expr)
      const state = timer ? clearing(analysis, facts, timer, site.fn) : 'never'
      if (state === 'always') continue
      const call = facts.exprs[site.expr]
      const callee = call?.k === 'call' ? facts.exprs[call.callee] : undefined
      if (!callee) continue
      found.push({
        finding: makeFinding(analysis, {
          rule: 'dispose-deadline',
          reason: state === 'never' ? 'timer-never-cleared' : 'timer-cleared-on-one-path',
          file,
          span: callee,
          fn: site.fn,
          name: 'setTimeout',
          safety: 'manual',
          chain: [],
          data: { source: controller.name },
        }),
      })
    }
  }
  return found
}

/** The local controller that the callback of a `setTimeout` aborts. */
export function abortedByTimer(
  analysis: Analysis,
  file: string,
  site: CallSite,
): Binding | undefined {
  const r = analysis.resolver
  const facts = r.program.facts(file)
  const call = facts.exprs[site.expr]
  const callee = call?.k === 'call' ? facts.exprs[call.callee] : undefined
  if (call?.k !== 'call' || callee?.k !== 'id' || callee.name !== 'setTimeout') return undefined
  for (const target of calledBy(facts, call.args[0])) {
    const owner =
      target?.k === 'member' && target.name === 'abort' ? facts.exprs[target.object] : undefined
    if (owner?.k !== 'id') continue
    const binding = r.program.lookUp(file, owner.name, owner.scope)
    if (!binding || binding.param || binding.fn !== site.fn) continue
    if (r.binding(file, binding).some((value) => isLibrary(value, 'web', 'AbortController')))
      return binding
  }
  return undefined
}

/** What a callback calls, or what it is bound from: `controller.abort.bind(controller)`. */
function calledBy(facts: FileFacts, id: ExprId | undefined): readonly (Expr | undefined)[] {
  const callback = facts.exprs[id ?? -1]
  if (callback?.k === 'call') {
    const bind = facts.exprs[callback.callee]
    return bind?.k === 'member' && bind.name === 'bind' ? [facts.exprs[bind.object]] : []
  }
  if (callback?.k !== 'fn') return []
  return facts.calls.flatMap((each) => {
    const inner = each.fn === callback.fn ? facts.exprs[each.expr] : undefined
    return inner?.k === 'call' ? [facts.exprs[inner.callee]] : []
  })
}

/** Whether the variable itself, and not a part of it, leaves the function. */
function isHandedOn(analysis: Analysis, facts: FileFacts, binding: Binding, fn: FnId): boolean {
  const returned = facts.functions[fn]?.returns ?? []
  return facts.exprs.some((expr, id) => {
    if (expr.k !== 'id' || !isNamed(analysis, facts, expr, binding)) return false
    return returned.some((root) => isPart(facts, root, id)) || isStored(facts, id)
  })
}

/** The expression itself, or a property or element of the literal that it is. */
function isPart(facts: FileFacts, root: ExprId, id: ExprId): boolean {
  if (root === id) return true
  const expr = facts.exprs[root]
  if (expr?.k === 'obj') return expr.props.some((each) => isPart(facts, each.value, id))
  if (expr?.k === 'arr') return expr.of.some((each) => isPart(facts, each, id))
  if (expr?.k === 'fn') {
    const fn = facts.functions[expr.fn]
    const inner = facts.exprs[id]
    return fn !== undefined && inner !== undefined && fn.start <= inner.start && inner.end <= fn.end
  }
  return false
}

function isStored(facts: FileFacts, id: ExprId): boolean {
  return facts.exprs.some((expr) => expr.k === 'assign' && isPart(facts, expr.value, id))
}

function isNamed(
  { resolver: { program } }: Analysis,
  { path }: FileFacts,
  expr: Expr & { k: 'id' },
  binding: Binding,
): boolean {
  return expr.name === binding.name && program.lookUp(path, expr.name, expr.scope) === binding
}

export function clearingsOf(
  analysis: Analysis,
  facts: FileFacts,
  timer: Binding,
): readonly CallSite[] {
  return facts.calls.filter((site) => {
    const call = facts.exprs[site.expr]
    const callee = call?.k === 'call' ? facts.exprs[call.callee] : undefined
    const arg = call?.k === 'call' ? facts.exprs[call.args[0] ?? -1] : undefined
    return (
      callee?.k === 'id' &&
      callee.name === 'clearTimeout' &&
      arg?.k === 'id' &&
      isNamed(analysis, facts, arg, timer)
    )
  })
}

function clearing(
  analysis: Analysis,
  facts: FileFacts,
  timer: Binding,
  fn: FnId,
): 'always' | 'sometimes' | 'never' {
  const sites = clearingsOf(analysis, facts, timer)
  if (isHandedOn(analysis, facts, timer, fn)) return 'always'
  if (sites.length === 0) return 'never'
  // In another function: `.finally(() => clearTimeout(timer))`, or a disposer that somebody calls.
  if (sites.some((site) => site.fn !== fn)) return 'always'
  const isSafe = sites.some((site) => site.inFinally && !leavesBefore(facts, timer, site, sites))
  return isSafe ? 'always' : 'sometimes'
}

/** `return` or `throw` between the timer and the `try` that clears it. */
function leavesBefore(
  facts: FileFacts,
  timer: Binding,
  site: CallSite,
  sites: readonly CallSite[],
): boolean {
  const { start } = facts.exprs[site.expr] ?? site.statement
  const around = facts.tries.find(
    ({ finalizer }) => finalizer && finalizer.start <= start && start < finalizer.end,
  )
  const from = facts.exprs[timer.init ?? -1]?.end
  if (!around || from === undefined) return false
  const returned = (facts.functions[site.fn]?.returns ?? []).flatMap((id) => facts.exprs[id] ?? [])
  const thrown = facts.throws.filter((each) => each.fn === site.fn)
  return [...returned, ...thrown].some(
    (exit) =>
      from <= exit.start &&
      exit.start < around.start &&
      !sites.some((each) => from <= each.statement.start && each.statement.end <= exit.start),
  )
}
