import { namesIn, parentsOf } from '../facts/around.js'
import type { Binding, Expr, ExprId, FnId } from '../facts/types.js'
import { oncePer } from '../once-per.js'
import type { Resolver } from '../resolve/resolver.js'
import type { FnRef } from './model.js'

/** What becomes of an options object besides that members are read from it by their names. */
export interface BagUses {
  /** Its keys are listed, or it is sent to a database as a whole: one more key would be seen. */
  readonly listed: boolean
  /** It is changed, which its caller may look for: a copy with one more key would not be. */
  readonly written: boolean
  /** It goes where this cannot be told. */
  readonly unknown: boolean
}

const known = oncePer((_: Resolver) => new Map<string, BagUses>())

/** What a function, and those that it hands it on to, do with the object given to it at an index. */
export function bagUses(r: Resolver, { file, fn }: FnRef, index: number, key: string): BagUses {
  const memo = known(r)
  const at = `${file}\0${fn}\0${index}\0${key}`
  const found = memo.get(at)
  if (found) return found
  const reader = new BagReader(r, key)
  reader.parameter(file, fn, index)
  memo.set(at, reader)
  return reader
}

const listing = new Set([
  'keys',
  'values',
  'entries',
  'getOwnPropertyNames',
  'getOwnPropertyDescriptors',
])

class BagReader implements BagUses {
  listed = false
  written = false
  unknown = false
  readonly #seen = new Set<Binding>()

  constructor(
    readonly r: Resolver,
    readonly key: string,
  ) {}

  parameter(file: string, fn: FnId, index: number): void {
    const { bindings } = this.r.program.facts(file)
    const own = bindings.filter((each) => each.param?.fn === fn && each.param.index === index)
    this.#pattern(file, own)
  }

  /** What names are bound to the object, or to what a pattern leaves over of it. */
  #pattern(file: string, bound: readonly Binding[]): void {
    const isTaken = bound.some(
      ({ path: [step] }) => step && 'prop' in step && step.prop === this.key,
    )
    for (const each of bound) {
      const [step, ...below] = each.path
      if (!step) this.#binding(file, each)
      else if ('rest' in step && below.length === 0 && !isTaken) this.#binding(file, each)
    }
  }

  #binding(file: string, binding: Binding): void {
    if (this.#seen.has(binding)) return
    this.#seen.add(binding)
    const { program } = this.r
    for (const { id, scope } of namesIn(program.facts(file)).get(binding.name) ?? [])
      if (program.lookUp(file, binding.name, scope) === binding) this.#use(file, id, false)
  }

  /** @param isInside the object is a part of the expression, under a key or as an element. */
  #use(file: string, id: ExprId, isInside: boolean): void {
    const facts = this.r.program.facts(file)
    const parent = parentsOf(facts).get(id)
    const expr = parent === undefined ? undefined : facts.exprs[parent]
    if (parent === undefined || !expr) this.#statement(file, id, isInside)
    else if (expr.k === 'call' || expr.k === 'new') this.#argument(file, parent, expr, id, isInside)
    else if (expr.k === 'member' || expr.k === 'index') {
      if (isInside) this.unknown = true
      else if (expr.object === id) this.#member(file, parent)
    } else if (expr.k === 'as' || expr.k === 'nonnull') this.#use(file, parent, isInside)
    else if (expr.k === 'either') {
      // A test, and what is left of `&&`, stand for their truth.
      const isTest = expr.of.indexOf(id) === (expr.op === '&&' ? 0 : 2)
      if (!isTest) this.#use(file, parent, isInside)
    } else if (expr.k === 'obj') {
      const isSpread = expr.props.some((each) => each.value === id && each.spread)
      const isReplaced = expr.props.some((each) => each.name === this.key)
      if (!isSpread || !isReplaced) this.#use(file, parent, isInside || !isSpread)
    } else if (expr.k === 'arr') this.#use(file, parent, true)
    else if (expr.k === 'assign') this.#assigned(file, expr, id, isInside)
    else this.unknown = true
  }

  #member(file: string, id: ExprId): void {
    const { exprs } = this.r.program.facts(file)
    const parent = parentsOf(this.r.program.facts(file)).get(id)
    const around = parent === undefined ? undefined : exprs[parent]
    if (around?.k === 'assign' && around.target === id) this.written = true
  }

  #assigned(file: string, expr: Expr & { k: 'assign' }, id: ExprId, isInside: boolean): void {
    if (expr.target === id) return
    const target = this.r.program.expr(file, expr.target)
    const binding =
      target.k === 'id' ? this.r.program.lookUp(file, target.name, target.scope) : undefined
    if (binding && !isInside) this.#binding(file, binding)
    else this.unknown = true
  }

  /** A declaration, `for (const key in bag)`, and whatever else has no expression around it. */
  #statement(file: string, id: ExprId, isInside: boolean): void {
    const { bindings, exprs } = this.r.program.facts(file)
    const bound = bindings.filter((each) => each.init === id)
    const start = exprs[id]?.start ?? 0
    // Between the two there is nothing but `in`.
    const isIterated = bindings.some(
      (each) => each.kind === 'loop' && !each.over && each.end < start && start <= each.end + 4,
    )
    if (isIterated) this.listed = true
    else if (bound.length > 0 && !isInside) this.#pattern(file, bound)
    else this.unknown = true
  }

  #argument(
    file: string,
    id: ExprId,
    call: Expr & { k: 'call' | 'new' },
    arg: ExprId,
    isInside: boolean,
  ): void {
    const { program } = this.r
    const index = call.args.indexOf(arg)
    if (index < 0) return
    const callee = program.expr(file, call.callee)
    const owner = callee.k === 'member' ? program.expr(file, callee.object) : undefined
    const global = owner?.k === 'id' ? owner.name : callee.k === 'id' ? callee.name : ''
    const name = callee.k === 'member' ? callee.name : ''
    if (global === 'Object' && name === 'assign' && !isInside) {
      if (index === 0) this.written = true
      this.#use(file, id, false)
    } else if (global === 'Object' && name === 'freeze') this.#use(file, id, isInside)
    else if (global === 'Object' && listing.has(name)) this.listed ||= !isInside
    else if ((global === 'JSON' && name === 'stringify') || global === 'structuredClone')
      this.listed = true
    else this.#handedOn(file, call, index, isInside)
  }

  #handedOn(
    file: string,
    call: Expr & { k: 'call' | 'new' },
    index: number,
    isInside: boolean,
  ): void {
    const { r } = this
    const values = call.k === 'call' ? r.expr(file, call.callee) : []
    const isCounted = !call.args
      .slice(0, index)
      .some((each) => r.program.expr(file, each).k === 'spread')
    for (const value of values) {
      if (value.k === 'fn' && value.bound === undefined && isCounted && !isInside)
        this.parameter(value.file, value.fn, index)
      else this.unknown = true
      if (value.k !== 'libmember' || value.lib.kind !== 'database') continue
      const { sink } = value.member
      const isOptions = sink?.carriers.some((each) => each.kind === 'option' && each.arg === index)
      if (isInside || isOptions !== true) this.listed = true
    }
    if (values.length === 0) this.unknown = true
  }
}
