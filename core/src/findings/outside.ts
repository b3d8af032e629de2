import type { Binding, ExprId, FnId } from '../facts/types.js'
import type { Analysis } from '../graph/analysis.js'
import { fnKey, type CallNode, type FnKey, type FnRef } from '../graph/model.js'
import { libraryCall } from '../resolve/calls.js'
import { iterating } from '../resolve/context.js'
import type { Resolver } from '../resolve/resolver.js'

/** Deeper than people call, and no walk without end. */
const MAX_STEPS = 12

interface Wanted {
  /** The database library whose transaction it is. */
  readonly library: string
  /** Between BEGIN and COMMIT: the pool that the client is from. */
  readonly pool?: string | undefined
  readonly callsOf: (ref: FnRef) => readonly CallNode[]
}

/**
 * The calls by which an own function comes to a statement on a client that stands outside of its caller's
 * transaction for certain: a constant of a module, a field that the constructor sets, or a parameter that is given
 * one of those. What a function hands out (`currentTransaction()`), a getter or a variable that is set again may be
 * the transaction itself.
 */
export function wayOutside(
  analysis: Analysis,
  from: CallNode,
  wanted: Wanted,
): readonly CallNode[] | undefined {
  return wayFrom(analysis.resolver, from, wanted, new Set())
}

function wayFrom(
  r: Resolver,
  from: CallNode,
  wanted: Wanted,
  seen: Set<FnKey>,
  before: readonly CallNode[] = [],
): readonly CallNode[] | undefined {
  if (before.length > MAX_STEPS) return undefined
  for (const target of from.targets) {
    if (seen.has(fnKey(target))) continue
    seen.add(fnKey(target))
    const callers = [...before, from]
    for (const node of callsIn(r, target, wanted)) {
      if (node.sink) {
        if (isStatement(node, wanted) && isOutside(r, node, wanted, callers)) return [node]
        continue
      }
      if (node.kind !== 'call' || node.unawaited) continue
      const way = wayFrom(r, node, wanted, seen, callers)
      if (way) return [node, ...way]
    }
  }
  return undefined
}

/** The calls of a function, and of the callbacks in it that a list is gone through with. */
function callsIn(r: Resolver, ref: FnRef, wanted: Wanted): readonly CallNode[] {
  const inner = r
    .index(ref.file)
    .functionsIn(ref.fn)
    .filter((fn) => isStep(r, ref.file, fn))
  return [
    ...wanted.callsOf(ref),
    ...inner.flatMap((fn) => callsIn(r, { file: ref.file, fn }, wanted)),
  ]
}

function isStep(r: Resolver, file: string, fn: FnId): boolean {
  const { argOf } = r.program.fn(file, fn)
  const call = argOf && r.program.expr(file, argOf.call)
  const callee = call?.k === 'call' ? r.program.expr(file, call.callee) : undefined
  return callee?.k === 'member' && (iterating.has(callee.name) || callee.name === 'then')
}

function isStatement({ sink, unawaited }: CallNode, { library }: Wanted): boolean {
  if (unawaited || sink?.library.kind !== 'database' || sink.library.name !== library) return false
  return sink.sql !== 'opening' && sink.sql !== 'completion'
}

function isOutside(
  r: Resolver,
  { file, expr }: CallNode,
  { pool }: Wanted,
  callers: readonly CallNode[],
): boolean {
  const root = rootOf(r, file, expr)
  if (!root) return false
  if (pool !== undefined && lastName(root.path) !== lastName(pool)) return false
  return standsOutside(r, file, root, callers)
}

/** `pool` of `this.pool` */
export function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1)
}

interface Root {
  /** The expression at the bottom: a name, or a member of `this`. */
  readonly expr: ExprId
  readonly path: string
}

/** What a chain of a library's calls and members begins with: `this.db` of `this.db('users').where({ id })`. */
function rootOf(r: Resolver, file: string, id: ExprId, depth = 0): Root | undefined {
  const expr = r.program.expr(file, id)
  if (depth > 40) return undefined
  switch (expr.k) {
    case 'call':
    case 'tag':
      return r.expr(file, expr.callee).some((each) => libraryCall(each, expr.k))
        ? rootOf(r, file, expr.callee, depth + 1)
        : undefined
    case 'await':
    case 'nonnull':
      return rootOf(r, file, expr.of, depth + 1)
    case 'member': {
      if (r.program.expr(file, expr.object).k === 'this') return { expr: id, path: expr.name }
      return rootOf(r, file, expr.object, depth + 1)
    }
    case 'id': {
      const binding = r.program.lookUp(file, expr.name, expr.scope)
      const isLocal = binding?.kind === 'const' && binding.fn !== 0 && binding.path.length === 0
      return isLocal && binding.init !== undefined
        ? rootOf(r, file, binding.init, depth + 1)
        : { expr: id, path: expr.name }
    }
    default:
      return undefined
  }
}

function standsOutside(
  r: Resolver,
  file: string,
  root: Root,
  callers: readonly CallNode[],
): boolean {
  const expr = r.program.expr(file, root.expr)
  if (expr.k === 'member') {
    const owner = r.program.expr(file, expr.object)
    return owner.k === 'this' && owner.cls !== undefined && isFixed(r, file, owner.cls, expr.name)
  }
  if (expr.k !== 'id') return false
  const binding = r.program.lookUp(file, expr.name, expr.scope)
  if (!binding) return false
  if (binding.kind === 'import') return true
  if (binding.param) return isGivenOutside(r, file, binding, callers)
  return binding.fn === 0 && binding.kind === 'const'
}

/** A parameter of the function that the nearest caller calls, and what that gives it. */
function isGivenOutside(
  r: Resolver,
  file: string,
  { param, fallback }: Binding,
  callers: readonly CallNode[],
): boolean {
  const caller = callers.at(-1)
  if (!param || !caller?.targets.some((each) => each.file === file && each.fn === param.fn))
    return false
  const call = r.program.expr(caller.file, caller.expr)
  const given = call.k === 'call' || call.k === 'new' ? call.args[param.index] : undefined
  const [from, value] = given === undefined ? [file, fallback] : [caller.file, given]
  const root = value === undefined ? undefined : rootOf(r, from, value)
  return root !== undefined && standsOutside(r, from, root, callers.slice(0, -1))
}

/** A field that nothing but the constructor, or its own declaration, sets. */
function isFixed(r: Resolver, file: string, cls: number, name: string, depth = 0): boolean {
  const { members, fields } = r.program.cls(file, cls)
  const member = members.find((each) => each.name === name)
  const writes = fields.filter((each) => each.name === name)
  if (member || writes.length > 0)
    return (
      (member === undefined || member.kind === 'field') &&
      writes.every((each) => r.program.fn(file, each.fn).kind === 'constructor')
    )
  return (
    depth < 8 &&
    r
      .superValues(file, cls)
      .some((each) => each.k === 'inst' && isFixed(r, each.file, each.cls, name, depth + 1))
  )
}
