import type { Carrier } from '../catalog/types.js'
import type { Binding, Expr, FnId } from '../facts/types.js'
import type { CallExpr } from '../resolve/calls.js'
import type { Resolver } from '../resolve/resolver.js'
import type { Value } from '../resolve/values.js'
import type { SinkUse } from './model.js'
import { sinkOf } from './sinks.js'

const MAX_DEPTH = 4
const wrap: Carrier = { kind: 'wrap' }

/**
 * The statement behind a function that hands all its arguments on, `query: (...args) => pool.query(...args)`. It has
 * no place for a signal of its own, and what it is called with is a statement, so its callers are taken for those
 * that send it: what they pass may hold a signal, and around them a wrapper may give one.
 */
export function forwardedSink(
  r: Resolver,
  file: string,
  call: CallExpr,
  values: readonly Value[],
  depth = 0,
): SinkUse | undefined {
  const [value, ...others] = values
  if (call.k !== 'call' || value?.k !== 'fn' || others.length > 0 || depth > MAX_DEPTH)
    return undefined
  const fn = r.program.fn(value.file, value.fn)
  if (fn.params.at(-1)?.rest !== true || fn.params.some((each) => each.name === undefined))
    return undefined
  const { calls, exprs } = r.program.facts(value.file)
  for (const { expr } of calls) {
    const inner = exprs[expr]
    if (inner?.k !== 'call' || inner.start < fn.start || fn.end < inner.end) continue
    if (!handsAllOn(r, value.file, value.fn, inner)) continue
    const called = r.expr(value.file, inner.callee)
    // What is said of the text is said of that which the caller passes.
    const sink =
      sinkOf(r, file, call, called, false) ?? forwardedSink(r, file, call, called, depth + 1)
    if (sink?.library.kind !== 'database' || sink.spec.fluent === true) continue
    return { ...sink, spec: { ...sink.spec, carriers: [wrap, ...sink.spec.carriers] } }
  }
  return undefined
}

/** Whether a call has the arguments of a function around it, all of them: what they hold, its callers say. */
export function isForwarding(r: Resolver, file: string, within: FnId, call: CallExpr): boolean {
  const last = call.k === 'call' ? call.args.at(-1) : undefined
  if (call.k !== 'call' || last === undefined || r.program.expr(file, last).k !== 'spread')
    return false
  for (let fn: FnId | undefined = within; fn !== undefined && fn !== 0;) {
    if (r.program.fn(file, fn).params.at(-1)?.rest === true) return handsAllOn(r, file, fn, call)
    fn = r.program.fn(file, fn).parent
  }
  return false
}

/** `send(text, ...rest)` in a function of `(text, ...rest)`, of a callee that is none of its parameters. */
function handsAllOn(
  r: Resolver,
  file: string,
  fn: FnId,
  { callee, args }: Expr & { k: 'call' | 'new' },
): boolean {
  const { params } = r.program.fn(file, fn)
  const paramAt = (expr: Expr | undefined): Binding['param'] =>
    expr?.k === 'id' ? r.program.lookUp(file, expr.name, expr.scope)?.param : undefined
  if (args.length !== params.length || paramAt(r.program.expr(file, callee))) return false
  return args.every((id, index) => {
    const arg = r.program.expr(file, id)
    const isRest = params[index]?.rest === true
    if (isRest !== (arg.k === 'spread')) return false
    const param = paramAt(arg.k === 'spread' ? r.program.expr(file, arg.of) : arg)
    return param?.fn === fn && param.index === index
  })
}
