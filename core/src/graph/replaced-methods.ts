import type { CallSite, ExprId, FnId } from '../facts/types.js'
import type { Resolver } from '../resolve/resolver.js'
import type { Value } from '../resolve/values.js'
import { decoratorOf } from './decorated.js'
import type { FnRef } from './model.js'
import { isKept } from './shared.js'

/**
 * What an own decorator makes of a method. `keeps`: what it gives is kept for others. `alters`: something is
 * put in its place that calls it with other arguments than it is called with itself. `passes`: with the same,
 * or nothing is put in its place.
 */
export type Replacement = 'keeps' | 'alters' | 'passes'

export function replacement(r: Resolver, { file, fn }: Value & { k: 'fn' }): Replacement {
  const calls = r
    .index(file)
    .callsBelow(fn)
    .filter((site) => callsOriginal(r, file, fn, site))
  if (calls.some((site) => isKept(r.program, { file, site }) || isStored(r, file, site)))
    return 'keeps'
  return calls.every((site) => handsOnAll(r, file, site)) ? 'passes' : 'alters'
}

/** Whether a decorator of a method stands between it and the arguments that its callers give. */
export function isAltered(r: Resolver, { file, fn }: FnRef): boolean {
  return r.program
    .fn(file, fn)
    .decorators.some((each) =>
      decoratorOf(r, file, each.expr).values.some(
        (value) => value.k === 'fn' && replacement(r, value) === 'alters',
      ),
    )
}

/** `original(…)`, `original.apply(this, …)`, where `original` is `descriptor.value` or what is decorated. */
function callsOriginal(r: Resolver, file: string, decorator: FnId, site: CallSite): boolean {
  const call = r.program.expr(file, site.expr)
  if (call.k !== 'call') return false
  const callee = r.program.expr(file, call.callee)
  const isApplied = callee.k === 'member' && (callee.name === 'call' || callee.name === 'apply')
  return isOriginal(r, file, decorator, site, isApplied ? callee.object : call.callee)
}

function isOriginal(
  r: Resolver,
  file: string,
  decorator: FnId,
  site: CallSite,
  id: ExprId,
): boolean {
  const expr = r.program.expr(file, id)
  if (expr.k === 'as' || expr.k === 'nonnull') return isOriginal(r, file, decorator, site, expr.of)
  if (expr.k === 'member') return expr.name === 'value'
  if (expr.k !== 'id') return false
  const binding = r.program.lookUp(file, expr.name, expr.scope)
  if (!binding) return false
  // The first parameter is what is decorated; within the function itself it is only looked at.
  if (binding.param) return binding.param.index === 0 && binding.param.fn !== site.fn
  if (binding.path.some((step) => 'prop' in step && step.prop === 'value')) return true
  const { init } = binding
  return init !== undefined && binding.fn !== 0 && isOriginal(r, file, decorator, site, init)
}

/** `const found = await original.apply(this, args); await redis.set(key, found)` */
function isStored(r: Resolver, file: string, site: CallSite): boolean {
  const { calls, bindings, exprs } = r.program.facts(file)
  const call = exprs[site.expr]
  const names = new Set(
    bindings
      .filter(({ fn, init }) => {
        const made = init === undefined ? undefined : exprs[init]
        return fn === site.fn && made && call && made.start <= call.start && call.end <= made.end
      })
      .map((each) => each.name),
  )
  return calls.some((other) => {
    const store = other.fn === site.fn ? exprs[other.expr] : undefined
    const callee = store?.k === 'call' ? exprs[store.callee] : undefined
    if (store?.k !== 'call' || callee?.k !== 'member' || !stores.has(callee.name)) return false
    return exprs.some(
      (each) =>
        each.k === 'id' &&
        names.has(each.name) &&
        store.args.some((arg) => isInside(each, exprs[arg])),
    )
  })
}

const stores = new Set(['set', 'setex', 'setEx', 'put', 'save', 'add'])

function isInside(
  inner: { start: number; end: number },
  outer: { start: number; end: number } | undefined,
): boolean {
  return outer !== undefined && outer.start <= inner.start && inner.end <= outer.end
}

/** `original.apply(this, args)` and `original.call(this, ...args)` with all that the function around was given. */
function handsOnAll(r: Resolver, file: string, site: CallSite): boolean {
  const call = r.program.expr(file, site.expr)
  const last = call.k === 'call' ? call.args.at(-1) : undefined
  if (last === undefined) return false
  const expr = r.program.expr(file, last)
  const list = expr.k === 'spread' ? r.program.expr(file, expr.of) : expr
  if (list.k !== 'id') return false
  const binding = r.program.lookUp(file, list.name, list.scope)
  if (!binding) return list.name === 'arguments'
  const param = binding.param && r.program.fn(file, binding.param.fn).params[binding.param.index]
  return param?.rest === true && binding.param?.index === 0
}
