import type { Binding, Expr, ExprId, FileFacts } from '../facts/types.js'
import { exprsWithin } from '../facts/within.js'
import type { Analysis } from '../graph/analysis.js'
import { libraryCall } from '../resolve/calls.js'
import { pathOf } from '../resolve/path.js'
import { makeFinding, type Found } from './make-finding.js'

/**
 * A signal that is derived again from itself: every turn adds a listener to the chain before it.
 *
 * Reported: `signal = derive(signal, …)` or `options.signal = derive(options.signal, …)` in a loop, or in a
 * function that runs more than once, on what is declared outside.
 * Not reported: what is declared anew each turn; a fallback (`signal ??= …`).
 */
export function loopFindings(analysis: Analysis): Found[] {
  const r = analysis.resolver
  const found: Found[] = []
  for (const [file, facts] of analysis.reported) {
    if (analysis.isExempt(facts.path)) continue
    facts.exprs.forEach((expr) => {
      if (expr.k !== 'assign' || expr.op !== '=') return
      const target = facts.exprs[expr.target]
      const value = facts.exprs[expr.value]
      const path = pathOf(facts.exprs, expr.target)
      if ((target?.k !== 'id' && target?.k !== 'member') || value?.k !== 'call') return
      const site = facts.calls.find((each) => each.expr === expr.value)
      const root = rootOf(facts.exprs, expr.target)
      if (!site || !root || path === undefined) return
      const binding = root.k === 'id' ? r.program.lookUp(file, root.name, root.scope) : undefined
      if (root.k === 'id' && !binding) return
      if (!isAgain(facts, target.start, binding) && (binding?.fn ?? site.fn) === site.fn) return
      const derives = r
        .expr(file, value.callee)
        .some((each) => libraryCall(each)?.member.derives === 'arguments')
      if (!derives || !mentions(facts, value, path)) return
      found.push({
        finding: makeFinding(analysis, {
          rule: 'no-signal-in-loop',
          reason: 'signal-derived-from-itself',
          file,
          span: target,
          fn: site.fn,
          name: path,
          safety: 'manual',
          chain: [],
          data: {},
        }),
      })
    })
  }
  return found
}

/** The name, or `this`, that a path of members begins with. */
function rootOf(
  exprs: FileFacts['exprs'],
  id: ExprId,
): (Expr & { k: 'id' | 'this' | 'super' }) | undefined {
  const expr = exprs[id]
  if (expr?.k === 'member') return rootOf(exprs, expr.object)
  return expr?.k === 'id' || expr?.k === 'this' ? expr : undefined
}

/** Whether a loop comes here again and finds what was there the turn before. */
function isAgain({ loops }: FileFacts, at: number, binding: Binding | undefined): boolean {
  return loops.some(
    ({ start, end }) =>
      start <= at && at < end && !(binding && start <= binding.start && binding.start < end),
  )
}

function mentions(facts: FileFacts, value: Expr, path: string): boolean {
  const last = path.slice(path.lastIndexOf('.') + 1)
  return exprsWithin(facts, value).some(
    (each) =>
      (each.k === 'id' || each.k === 'member') &&
      each.name === last &&
      pathOf(facts.exprs, facts.exprs.indexOf(each)) === path,
  )
}
