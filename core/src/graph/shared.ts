import { append } from '../append.js'
import { traitOf } from '../catalog/index.js'
import { oncePer } from '../once-per.js'
import type { Binding, Expr, ExprId, FileFacts, FnId } from '../facts/types.js'
import type { Program } from '../resolve/program.js'
import type { Resolver } from '../resolve/resolver.js'
import type { CallNode, FnRef } from './model.js'

/**
 * A call whose promise, or process, is kept beyond the function, in a variable, a field or a map: others will
 * use it, and one caller's signal would end it for all of them.
 */
export function isShared(r: Resolver, node: CallNode): boolean {
  return isKept(r.program, node) && givesRunning(r, node)
}

/** What a call gives is kept by something that outlives the function, awaited nowhere before. */
export function isKept(program: Program, { file, site }: Pick<CallNode, 'file' | 'site'>): boolean {
  const { use } = site
  if (use === 'await' || use === 'return' || use === 'void' || use === 'discard') return false
  const facts = program.facts(file)
  const fn = facts.functions[site.fn]
  if (!fn || fn.kind === 'constructor' || fn.kind === 'module') return false
  const call = facts.exprs[site.expr]
  if (!call) return false
  const place = { file, fn: site.fn }
  const held = heldIn(facts, place, call)
  return keepersOf(facts).stores.some((expr) => {
    if (expr.start < fn.start || expr.end > fn.end) return false
    if (expr.k === 'assign')
      return isOuter(program, place, expr.target) && mentions(facts, expr.value, held, call)
    if (expr.k !== 'call') return false
    const callee = facts.exprs[expr.callee]
    if (callee?.k !== 'member') return false
    return (
      isOuter(program, place, callee.object) &&
      expr.args.some((arg) => mentions(facts, arg, held, call))
    )
  })
}

/** What does not run any more can be kept without anybody waiting for it. */
function givesRunning(r: Resolver, node: CallNode): boolean {
  if (node.sink) return true
  if (node.targets.some(({ file, fn }) => r.program.fn(file, fn).async)) return true
  return r
    .expr(node.file, node.expr)
    .some(
      (each) =>
        each.k === 'promise' ||
        (each.k === 'lib' && traitOf(each.lib, each.entity, 'lasting') === true),
    )
}

/** Local names that hold the promise, or an object with it. */
function heldIn(facts: FileFacts, node: FnRef, call: Expr): ReadonlySet<string> {
  const names = new Set<string>()
  const locals = keepersOf(facts).locals.get(node.fn) ?? []
  const isHolding = (id: ExprId) => mentions(facts, id, names, call)
  for (let size = -1; size !== names.size;) {
    size = names.size
    for (const { name, init, writes } of locals)
      if ((init !== undefined && isHolding(init)) || writes.some(isHolding)) names.add(name)
  }
  return names
}

function mentions(facts: FileFacts, id: ExprId, names: ReadonlySet<string>, call: Expr): boolean {
  const outer = facts.exprs[id]
  if (!outer || outer.k === 'await') return false
  if (outer.start <= call.start && call.end <= outer.end) return true
  if (names.size === 0) return false
  const { ids } = keepersOf(facts)
  for (let at = firstFrom(ids, outer.start); at < ids.length; at += 1) {
    const each = ids[at]
    if (!each || each.start >= outer.end) return false
    if (names.has(each.name)) return true
  }
  return false
}

/** What of a file can keep a promise, looked up for every call of it: large files have thousands. */
interface Keepers {
  readonly stores: readonly Expr[]
  readonly locals: ReadonlyMap<FnId, readonly Binding[]>
  /** By position. */
  readonly ids: readonly (Expr & { readonly k: 'id' })[]
}

const keepersOf = oncePer((facts: FileFacts): Keepers => {
  const locals = new Map<FnId, Binding[]>()
  for (const binding of facts.bindings) {
    append(locals, binding.fn, binding)
  }
  return {
    stores: facts.exprs.filter((each) => each.k === 'assign' || isSetCall(facts, each)),
    locals,
    ids: facts.exprs.filter((each) => each.k === 'id').toSorted((a, b) => a.start - b.start),
  }
})

/** `cache.set(key, promise)` */
function isSetCall(facts: FileFacts, expr: Expr): boolean {
  const callee = expr.k === 'call' ? facts.exprs[expr.callee] : undefined
  return callee?.k === 'member' && callee.name === 'set'
}

function firstFrom(ids: Keepers['ids'], start: number): number {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ids[middle]?.start ?? 0) < start) low = middle + 1
    else high = middle
  }
  return low
}

/** A variable of a function around this one, of the module, or a field of the object. */
function isOuter(program: Program, node: FnRef, target: ExprId): boolean {
  const expr = program.expr(node.file, target)
  if (expr.k === 'member' || expr.k === 'index') return isOuter(program, node, expr.object)
  if (expr.k === 'this') return true
  if (expr.k !== 'id') return false
  const binding = program.lookUp(node.file, expr.name, expr.scope)
  return binding !== undefined && binding.fn !== node.fn && !binding.import
}
