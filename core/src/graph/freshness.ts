import type { Binding, CallSite, ExprId } from '../facts/types.js'
import { libraryCall } from '../resolve/calls.js'
import type { Resolver } from '../resolve/resolver.js'
import { isLibrary, isSignal } from '../resolve/values.js'

/** Unlinked: nothing but its own timer or controller aborts it. Otherwise, how many signals it is derived from in a row. */
export type Freshness = 'unlinked' | { readonly rank: number }

const plain: Freshness = { rank: 0 }

/** Whether a variable holds a signal that no caller can abort. */
export function freshness(r: Resolver, file: string, binding: Binding, depth = 0): Freshness {
  if (binding.param || binding.init === undefined || depth > 8) return plain
  if (binding.writes.length > 0) return plain
  if (binding.path.length > 0) return plain
  return expressionFreshness(r, file, binding.init, depth)
}

export function expressionFreshness(r: Resolver, file: string, id: ExprId, depth = 0): Freshness {
  if (depth > 8) return plain
  const expr = r.program.expr(file, id)
  switch (expr.k) {
    case 'as':
    case 'nonnull':
    case 'await':
      return expressionFreshness(r, file, expr.of, depth)
    case 'id': {
      const binding = r.program.lookUp(file, expr.name, expr.scope)
      return binding ? freshness(r, file, binding, depth + 1) : plain
    }
    case 'either': {
      const parts = expr.of.slice(0, 2).map((each) => expressionFreshness(r, file, each, depth + 1))
      const linked = parts.filter((each) => each !== 'unlinked')
      return linked.length === 0
        ? 'unlinked'
        : { rank: Math.max(...linked.map((each) => each.rank)) }
    }
    case 'member':
      return controllerFreshness(r, file, expr.object, depth)
    case 'call': {
      const derives = r
        .expr(file, expr.callee)
        .map((each) => libraryCall(each)?.member.derives)
        .find((each) => each !== undefined)
      if (derives === 'fresh') return 'unlinked'
      if (derives === undefined) return madeByHelper(r, file, expr.callee, depth) ?? plain
      if (joinsFreshAlone(r, file, expr.args, depth)) return 'unlinked'
      return { rank: 1 + rankOfArguments(r, file, expr.args, depth) }
    }
    default:
      return plain
  }
}

/** `const fresh = () => AbortSignal.timeout(500)`: every signal that the helper gives is one of its own. */
function madeByHelper(
  r: Resolver,
  file: string,
  callee: ExprId,
  depth: number,
): Freshness | undefined {
  const values = r.expr(file, callee)
  const isFresh = values.every((each) => {
    if (each.k !== 'fn') return false
    const { returns } = r.program.fn(each.file, each.fn)
    // A controller that others can reach through a member is not the helper's own.
    return (
      returns.length > 0 &&
      returns.every(
        (id) =>
          r.program.expr(each.file, id).k !== 'member' &&
          expressionFreshness(r, each.file, id, depth + 1) === 'unlinked',
      )
    )
  })
  return values.length > 0 && isFresh ? 'unlinked' : undefined
}

/** `AbortSignal.any([stop.signal, AbortSignal.timeout(500)])`: of those that are joined, none is a caller's. */
function joinsFreshAlone(
  r: Resolver,
  file: string,
  args: readonly ExprId[],
  depth: number,
): boolean {
  const [first] = args
  const list = first === undefined ? undefined : r.program.expr(file, first)
  return (
    list?.k === 'arr' &&
    list.of.length > 0 &&
    list.of.every((each) => expressionFreshness(r, file, each, depth + 1) === 'unlinked')
  )
}

/** The rank of what a signal is derived from: elements of an array, or the argument itself. */
function rankOfArguments(
  r: Resolver,
  file: string,
  args: readonly ExprId[],
  depth: number,
): number {
  const ranks = args.flatMap((arg): number[] => {
    const expr = r.program.expr(file, arg)
    if (expr.k === 'arr') return [rankOfArguments(r, file, expr.of, depth + 1)]
    if (!r.expr(file, arg).some(isSignal)) return []
    const inner = expressionFreshness(r, file, arg, depth + 1)
    return inner === 'unlinked' ? [] : [inner.rank]
  })
  return Math.max(0, ...ranks)
}

/** `controller.signal`: linked where something other than a timer calls `controller.abort`. */
function controllerFreshness(r: Resolver, file: string, object: ExprId, depth: number): Freshness {
  if (!r.expr(file, object).some((each) => isLibrary(each, 'web', 'AbortController'))) return plain
  const owner = r.program.expr(file, object)
  // `new AbortController().signal`: nobody keeps what could abort it.
  if (owner.k === 'new') return 'unlinked'
  if (owner.k !== 'id') return plain
  const binding = r.program.lookUp(file, owner.name, owner.scope)
  if (!binding || binding.param || binding.import || depth > 8) return plain
  const init = binding.init === undefined ? undefined : r.program.expr(file, binding.init)
  if (init?.k !== 'new') return plain
  return abortedByListener(r, file, binding) ? { rank: linkedRank(r, file, binding) } : 'unlinked'
}

const passedNowhere = new WeakMap<Binding, boolean>()

/** `const deadline = AbortSignal.timeout(500)` that was made for something and given to nothing. */
export function isPassedNowhere(r: Resolver, file: string, binding: Binding): boolean {
  let known = passedNowhere.get(binding)
  if (known === undefined) {
    const { exprs } = r.program.facts(file)
    const owners = new Set(exprs.flatMap((each) => (each.k === 'member' ? [each.object] : [])))
    known = !exprs.some(
      (each, id) =>
        each.k === 'id' &&
        each.name === binding.name &&
        !owners.has(id) &&
        r.program.lookUp(file, each.name, each.scope) === binding,
    )
    passedNowhere.set(binding, known)
  }
  return known
}

/** A controller that somebody else aborts: handed in, or linked by a listener. Its signal is there to be passed on. */
export function bindsLinkedController(r: Resolver, file: string, binding: Binding): boolean {
  if (!r.binding(file, binding).some((each) => isLibrary(each, 'web', 'AbortController')))
    return false
  if (binding.param) return true
  const init = binding.init === undefined ? undefined : r.program.expr(file, binding.init)
  return init?.k === 'new' && binding.writes.length === 0 && abortedByListener(r, file, binding)
}

/** Aborted when another signal is, by `outer.addEventListener('abort', …)`: derived from that one. */
export function linkedRank(r: Resolver, file: string, binding: Binding): number {
  const { exprs, calls } = r.program.facts(file)
  const aborting = new Set(abortSites(r, file, binding).map((site) => site.fn))
  const ranks = calls.flatMap((site): number[] => {
    const call = exprs[site.expr]
    const callee = call?.k === 'call' ? exprs[call.callee] : undefined
    const listener = call?.k === 'call' ? call.args[1] : undefined
    if (callee?.k !== 'member' || callee.name !== 'addEventListener' || listener === undefined)
      return []
    const isIts = r.expr(file, listener).some((each) => each.k === 'fn' && aborting.has(each.fn))
    if (!isIts || !r.expr(file, callee.object).some(isSignal)) return []
    const outer = expressionFreshness(r, file, callee.object, 1)
    return outer === 'unlinked' ? [] : [1 + outer.rank]
  })
  return Math.max(0, ...ranks)
}

/** `controller.abort()` */
function abortSites(r: Resolver, file: string, binding: Binding): readonly CallSite[] {
  const { exprs, calls } = r.program.facts(file)
  return calls.filter((site) => {
    const call = exprs[site.expr]
    const callee = call?.k === 'call' ? exprs[call.callee] : undefined
    if (callee?.k !== 'member' || callee.name !== 'abort') return false
    const object = exprs[callee.object]
    return object?.k === 'id' && r.program.lookUp(file, object.name, object.scope) === binding
  })
}

const timers = new Set(['setTimeout', 'setInterval', 'setImmediate'])

/** `x.addEventListener('abort', () => controller.abort())`, `res.on('close', …)`, or the listener by name. */
function abortedByListener(r: Resolver, file: string, binding: Binding): boolean {
  const { exprs, functions } = r.program.facts(file)
  return abortSites(r, file, binding).some((site) => {
    const fn = functions[site.fn]
    if (!fn || fn.id === binding.fn) return false
    if (!fn.argOf) return true
    const around = exprs[fn.argOf.call]
    const outer = around?.k === 'call' ? exprs[around.callee] : undefined
    return !(outer?.k === 'id' && timers.has(outer.name))
  })
}
