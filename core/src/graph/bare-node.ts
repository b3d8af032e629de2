import type { CallSite } from '../facts/types.js'
import type { Resolver } from '../resolve/resolver.js'
import type { CallNode } from './model.js'
import { calleeText } from './names.js'

/** A call of which no more is known than where it stands. `unnamed` is its name where the text gives none. */
export function bareNode(
  r: Resolver,
  file: string,
  site: CallSite,
  id: number,
  unnamed: string,
): CallNode {
  const expr = r.program.expr(file, site.expr)
  const isCall = expr.k === 'call' || expr.k === 'tag'
  const named = isCall ? expr.callee : site.expr
  const { start, end } = r.program.expr(file, named)
  return {
    id,
    file,
    expr: site.expr,
    site,
    fn: site.fn,
    kind: 'call',
    callee: { start, end },
    name: calleeText(r, file, named, unnamed),
    targets: [],
    sink: undefined,
    slot: undefined,
    given: { k: 'missing' },
    unawaited: false,
  }
}
