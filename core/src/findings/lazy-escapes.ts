import { traitOf } from '../catalog/index.js'
import type { Expr, ExprId, Fn } from '../facts/types.js'
import type { Analysis } from '../graph/analysis.js'
import { libraryCall } from '../resolve/calls.js'
import { makeFinding, type Found } from './make-finding.js'

/**
 * A query that runs when it is awaited, and is awaited where the signal around it is no longer.
 *
 * Reported: a builder that a function returns un-awaited out of `run` of an AsyncLocalStorage; one within an
 * object or a list that it returns, out of `withSignal()` and `detached()` too.
 * Not reported: functions that are async or await it, since the query then runs inside; a builder that
 * `withSignal()` or `detached()` is given, as both await that.
 */
export function lazyEscapeFindings(analysis: Analysis): Found[] {
  if (!analysis.resolver.hasLazy()) return []
  const found: Found[] = []
  for (const [file, facts] of analysis.reported) {
    if (analysis.isExempt(facts.path)) continue
    for (const fn of facts.functions) {
      const scope = scopeOf(analysis, file, fn)
      if (!scope) continue
      for (const id of fn.returns)
        for (const query of escaping(analysis, file, id, scope === 'awaits' || fn.async))
          found.push(finding(analysis, file, fn, query))
    }
  }
  return found
}

function finding(analysis: Analysis, file: string, fn: Fn, query: Expr): Found {
  return {
    finding: makeFinding(analysis, {
      rule: 'no-lazy-query-escape',
      reason: 'lazy-query-escapes',
      file,
      span: query,
      fn: fn.id,
      name: 'The query',
      safety: 'suggestion',
      chain: [],
      data: {},
    }),
  }
}

/** Whether a function runs inside a signal of its own, and whether what it gives is awaited in there. */
function scopeOf({ resolver: r }: Analysis, file: string, fn: Fn): 'awaits' | 'leaves' | undefined {
  const call = fn.argOf && r.program.expr(file, fn.argOf.call)
  if (call?.k !== 'call' || fn.argOf?.index !== 1) return undefined
  for (const value of r.expr(file, call.callee)) {
    if (!libraryCall(value) || value.k !== 'lib' || value.lib.kind !== 'runtime') continue
    if (value.entity === 'WithSignal' || value.entity === 'Detached') return 'awaits'
  }
  return isStorageRun(r.program.facts(file).exprs, call.callee) ? 'leaves' : undefined
}

/** `storage.run(store, fn)`, where the program names what it is: `new AsyncLocalStorage()`. */
function isStorageRun(exprs: readonly Expr[], id: ExprId): boolean {
  const callee = exprs[id]
  const owner = callee?.k === 'member' && callee.name === 'run' ? exprs[callee.object] : undefined
  return owner?.k === 'id' && /als|asyncLocalStorage|storage$/i.test(owner.name)
}

/** The builders that leave with a returned value. */
function escaping(
  analysis: Analysis,
  file: string,
  id: ExprId,
  isAwaited: boolean,
): readonly Expr[] {
  const r = analysis.resolver
  const expr = r.program.expr(file, id)
  if (expr.k === 'obj')
    return expr.props.flatMap((each) => escaping(analysis, file, each.value, false))
  if (expr.k === 'arr') return expr.of.flatMap((each) => escaping(analysis, file, each, false))
  if (isAwaited || expr.k === 'await') return []
  const isLazy = r
    .expr(file, id)
    .some((each) => each.k === 'lib' && traitOf(each.lib, each.entity, 'awaited') !== undefined)
  return isLazy ? [expr] : []
}
