import { memoisers, memoisingDecorator } from '../catalog/memoisers.js'
import type { ExprId, FnId } from '../facts/types.js'
import { libraryCall } from '../resolve/calls.js'
import type { Resolver } from '../resolve/resolver.js'
import type { Value } from '../resolve/values.js'
import { decoratorOf } from './decorated.js'
import { fnKey, type CallNode } from './model.js'
import { replacement } from './replaced-methods.js'
import { isKept } from './shared.js'

/**
 * Whether what a call gives is kept for others with the same arguments, by something that was put around the
 * function it stands in, or the function that it hands over: `memoize(load)`, `@Cacheable()`. What is made
 * anew by each run of a function is that run's own: `const load = memoize(find)` in a handler.
 */
export function isMemoised(r: Resolver, node: CallNode): boolean {
  const { file } = node
  if (node.kind === 'reference' && isHandedToMemoiser(r, file, node.fn, node.expr)) return true
  for (let fn: FnId | undefined = node.fn; fn !== undefined && fn !== 0;) {
    if (isMemoisedFunction(r, file, fn)) return true
    fn = r.program.fn(file, fn).parent
  }
  return false
}

/** `export const findOnce = memoize(find)` */
export function isHandedToMemoiser(r: Resolver, file: string, fn: FnId, expr: ExprId): boolean {
  const place = isLasting(r, file, fn) ? r.index(file).argumentOf(expr) : undefined
  return place !== undefined && memoises(r, file, place.call, place.index)
}

const known = new WeakMap<Resolver, Map<string, boolean>>()

function isMemoisedFunction(r: Resolver, file: string, id: FnId): boolean {
  const byFunction = known.get(r) ?? new Map<string, boolean>()
  known.set(r, byFunction)
  const key = fnKey({ file, fn: id })
  const found = byFunction.get(key) ?? findMemoised(r, file, id)
  byFunction.set(key, found)
  return found
}

function findMemoised(r: Resolver, file: string, id: FnId): boolean {
  const fn = r.program.fn(file, id)
  if (fn.decorators.some((each) => isMemoisingDecorator(r, file, each.expr))) return true
  return (
    fn.argOf !== undefined &&
    isLasting(r, file, fn.parent ?? 0) &&
    memoises(r, file, fn.argOf.call, fn.argOf.index)
  )
}

/** What is made there outlives any request: in the module, or as part of an object. */
function isLasting(r: Resolver, file: string, fn: FnId): boolean {
  const { kind } = r.program.fn(file, fn)
  return kind === 'module' || kind === 'constructor' || kind === 'static-block'
}

function isMemoisingDecorator(r: Resolver, file: string, expr: ExprId): boolean {
  const { name, values } = decoratorOf(r, file, expr)
  if (values.some((each) => each.k === 'fn'))
    return values.some((each) => each.k === 'fn' && replacement(r, each) === 'keeps')
  return memoisingDecorator.test(name) && !values.some((each) => each.k === 'lib')
}

function memoises(r: Resolver, file: string, id: ExprId, index: number): boolean {
  const call = r.program.expr(file, id)
  if (call.k !== 'call' && call.k !== 'new') return false
  return r.expr(file, call.callee).some((value) => {
    if (value.k === 'external') return index === 0 && isNamedMemoiser(value)
    if (value.k === 'fn') return keepsCallback(r, value.file, value.fn, index)
    return libraryCall(value, call.k)?.member.memoises === true
  })
}

/** `memoize` of `import { memoize }`, `_.memoize` of `import _`, and what `require` gives. */
function isNamedMemoiser({ module, name }: Value & { k: 'external' }): boolean {
  const own = /[^.]*$/.exec(name)?.[0] ?? ''
  const names = memoisers[module] ?? []
  return names.includes(own) || (names.includes('default') && (own === 'export=' || own === '*'))
}

/** An own function that keeps what the function given to it at `index` gives: `cache.set(key, load(...args))`. */
export function keepsCallback(r: Resolver, file: string, id: FnId, index: number): boolean {
  return r
    .index(file)
    .callsBelow(id)
    .some((site) => {
      const call = r.program.expr(file, site.expr)
      const callee = call.k === 'call' ? r.program.expr(file, call.callee) : undefined
      if (callee?.k !== 'id' || site.fn === id) return false
      const param = r.program.lookUp(file, callee.name, callee.scope)?.param
      return param?.fn === id && param.index === index && isKept(r.program, { file, site })
    })
}
