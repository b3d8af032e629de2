import type { ExprId, FnId } from '../facts/types.js'
import type { Resolver } from './resolver.js'

/**
 * Whether a value is made from what a database library gives a callback of which the catalog tells nothing, as in
 * `.where((builder) => builder.where(…))` and `.on(function () { this.on(…) })`: a part of the statement, never
 * one of its own. A type checker would have to infer the whole chain around it to say as much.
 */
export function isHandedByLibrary(r: Resolver, file: string, id: ExprId): boolean {
  const fn = callbackOf(r, file, rootOf(r, file, id))
  const place = fn === undefined ? undefined : r.program.fn(file, fn).argOf
  const call = place && r.program.expr(file, place.call)
  if (call?.k !== 'call') return false
  const called = r.expr(file, call.callee)
  if (called.length === 0) return isHandedByLibrary(r, file, call.callee)
  return called.every(
    (each) =>
      each.k === 'libmember' && each.lib.kind === 'database' && each.member.callbacks === undefined,
  )
}

/** What a chain of members and calls begins with. */
function rootOf(r: Resolver, file: string, id: ExprId): ExprId {
  for (let at = id; ;) {
    const expr = r.program.expr(file, at)
    if (expr.k === 'member') at = expr.object
    else if (expr.k === 'call') at = expr.callee
    else return at
  }
}

/** The function whose parameter, or own `this`, an expression is. */
function callbackOf(r: Resolver, file: string, id: ExprId): FnId | undefined {
  const expr = r.program.expr(file, id)
  if (expr.k === 'id') return r.program.lookUp(file, expr.name, expr.scope)?.param?.fn
  // The `this` of an arrow is that of the code around it.
  const isOwn = expr.k === 'this' && r.program.fn(file, expr.fn).kind === 'function'
  return isOwn ? expr.fn : undefined
}
