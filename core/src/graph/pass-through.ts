import type { ExprId } from '../facts/types.js'
import { definitionsOf } from '../resolve/definitions.js'
import type { Resolver } from '../resolve/resolver.js'
import type { Value } from '../resolve/values.js'
import { keepsCallback } from './memoised.js'

/**
 * The function behind a wrapper that hands all its arguments on: `const tracedLoad = traced(load)`, where
 * `traced` gives back `(...args) => fn(...args)`. Of other values nothing.
 */
export function passedThrough(
  r: Resolver,
  file: string,
  callee: ExprId,
  values: readonly Value[],
): readonly Value[] {
  return values.flatMap((value) => {
    const wrapped = value.k === 'fn' ? wrappedParameter(r, value.file, value.fn) : undefined
    if (value.k !== 'fn' || !wrapped) return []
    // What is kept for others takes no one caller's signal.
    if (keepsCallback(r, value.file, wrapped.maker, wrapped.index)) return []
    return [{ file, expr: callee }, ...definitionsOf(r, { file, expr: callee })].flatMap((made) => {
      const call = r.program.expr(made.file, made.expr)
      if (call.k !== 'call') return []
      const isMaker = r
        .expr(made.file, call.callee)
        .some((each) => each.k === 'fn' && each.file === value.file && each.fn === wrapped.maker)
      const given = isMaker ? call.args[wrapped.index] : undefined
      return given === undefined ? [] : r.expr(made.file, given)
    })
  })
}

/** The function whose parameter a wrapper calls with what it was called with itself. */
function wrappedParameter(
  r: Resolver,
  file: string,
  id: number,
): { readonly maker: number; readonly index: number } | undefined {
  const facts = r.program.facts(file)
  const fn = r.program.fn(file, id)
  const [rest, ...more] = fn.params
  if (!rest?.rest || rest.name === undefined || more.length > 0) return undefined
  for (const { expr, fn: within } of facts.calls) {
    const call = within === id ? facts.exprs[expr] : undefined
    if (call?.k !== 'call' || call.args.length !== 1) continue
    const spread = facts.exprs[call.args[0] ?? -1]
    const given = spread?.k === 'spread' ? facts.exprs[spread.of] : undefined
    const callee = facts.exprs[call.callee]
    if (given?.k !== 'id' || given.name !== rest.name || callee?.k !== 'id') continue
    const param = r.program.lookUp(file, callee.name, callee.scope)?.param
    if (param && param.fn === fn.parent) return { maker: param.fn, index: param.index }
  }
  return undefined
}
