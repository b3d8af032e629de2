import type { ExprId, FnId } from '../facts/types.js'
import type { Resolver } from '../resolve/resolver.js'
import { keeperOf } from './kept-closures.js'
import { fnKey, type CallNode, type EntryPoint, type FnKey, type FnRef } from './model.js'
import { placedSignatures } from './placed.js'
import { isListener } from './placement.js'

/** Finds the function whose signature would have to carry a signal for a call inside it. */
export class Units {
  readonly #memo = new Map<FnKey, FnRef | undefined>()
  readonly #callees = new Map<string, Set<ExprId>>()

  constructor(
    readonly resolver: Resolver,
    readonly entries: ReadonlyMap<FnKey, EntryPoint>,
    readonly callers: ReadonlyMap<FnKey, readonly CallNode[]>,
  ) {}

  /**
   * A callback or a local helper sees the names of the function around it, so that one is asked; a
   * method, a function of the module, a returned function or a handler is asked itself. Undefined
   * where nothing that could pass a signal calls it: module code, listeners, intervals.
   */
  of(ref: FnRef): FnRef | undefined {
    const key = fnKey(ref)
    if (this.#memo.has(key)) return this.#memo.get(key)
    this.#memo.set(key, undefined)
    const unit = this.#find(ref)
    this.#memo.set(key, unit)
    return unit
  }

  #find(ref: FnRef): FnRef | undefined {
    const { file } = ref
    const fn = this.resolver.program.fn(file, ref.fn)
    if (fn.kind === 'module' || fn.kind === 'static-block') return undefined
    if (this.entries.has(fnKey(ref))) return ref
    if (fn.kind !== 'function' && fn.kind !== 'arrow') return ref
    if (isListener(this.resolver, file, ref.fn)) return undefined
    const parent: FnRef = { file, fn: fn.parent ?? 0 }
    // Called by others, when the function that made it has ended.
    if (keeperOf(this.resolver, file, ref.fn) !== undefined) return ref
    // What keeps a function calls it later, through the type that it has there.
    if (fn.argOf) return placedSignatures(this.resolver, ref).length > 0 ? ref : this.of(parent)
    if (fn.expr !== undefined) {
      if (this.resolver.index(file).propertyOf(fn.expr)) return ref
      if (this.#isCallee(file, fn.expr)) return this.of(parent)
      if (this.resolver.program.fn(file, parent.fn).returns.includes(fn.expr)) return ref
    }
    if (parent.fn === 0) return ref
    return this.#isOnlyCalledWithin(ref, parent) ? this.of(parent) : ref
  }

  #isCallee(file: string, expr: ExprId): boolean {
    let callees = this.#callees.get(file)
    if (!callees) {
      callees = new Set()
      for (const each of this.resolver.program.facts(file).exprs)
        if (each.k === 'call') callees.add(each.callee)
      this.#callees.set(file, callees)
    }
    return callees.has(expr)
  }

  #isOnlyCalledWithin(ref: FnRef, parent: FnRef): boolean {
    const callers = this.callers.get(fnKey(ref)) ?? []
    return (
      callers.length > 0 &&
      callers.every(
        (each) => each.file === ref.file && this.#isWithin(each.file, each.fn, parent.fn),
      )
    )
  }

  /** Whether a function lies in another with no entry point between them. */
  #isWithin(file: string, inner: FnId, outer: FnId): boolean {
    for (let at: FnId | undefined = inner; at !== undefined;) {
      if (at === outer) return true
      if (this.entries.has(fnKey({ file, fn: at }))) return false
      at = this.resolver.program.fn(file, at).parent
    }
    return false
  }
}
