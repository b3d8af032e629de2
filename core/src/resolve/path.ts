import type { Expr, ExprId } from '../facts/types.js'

/** `pool`, `this.pool`, `ctx.req`: undefined for what is not a path of names. */
export function pathOf(exprs: readonly Expr[], id: ExprId): string | undefined {
  const expr = exprs[id]
  if (expr?.k === 'id') return expr.name
  if (expr?.k === 'this') return 'this'
  const owner = expr?.k === 'member' ? pathOf(exprs, expr.object) : undefined
  return expr?.k === 'member' && owner !== undefined ? `${owner}.${expr.name}` : undefined
}
