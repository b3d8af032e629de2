import { namesIn, parentsOf } from '../facts/around.js'
import type { Binding, Expr, ExprId, FnId } from '../facts/types.js'
import { oncePer } from '../once-per.js'
import { storing } from '../resolve/expected-types.js'
import type { Resolver } from '../resolve/resolver.js'
import { isDeferred } from './placement.js'

/** Where something is kept: in the variables of a function (0 is the module), or in the object whose method it is. */
type Home = FnId | 'self'

const MAX_STEPS = 6
const chain = new Set(['then', 'catch', 'finally', 'bind'])

/**
 * The function in whose variables a closure is kept after the function that makes it has ended: 0 for the module,
 * for an object that lives longer, and for what is imported. Undefined where nothing is known to keep it.
 */
export function keeperOf(r: Resolver, file: string, id: FnId): FnId | undefined {
  const memo = known(r)
  const key = `${file}\0${id}`
  const found = memo.get(key)
  if (found) return found.home
  const home = findKeeper(r, file, id)
  memo.set(key, { home })
  return home
}

const known = oncePer((_: Resolver) => new Map<string, { readonly home: FnId | undefined }>())

function findKeeper(r: Resolver, file: string, id: FnId): FnId | undefined {
  const fn = r.program.fn(file, id)
  if (fn.kind !== 'arrow' && fn.kind !== 'function') return undefined
  // What a timer runs is put off, and kept by nobody.
  if (fn.parent === undefined || fn.parent === 0 || isDeferred(r, file, id)) return undefined
  const search = new KeeperSearch(r)
  if (fn.expr !== undefined) search.follow(file, fn.expr, 0)
  else
    for (const each of r.program.facts(file).bindings)
      if (each.fns.includes(id)) search.named(file, each, 0)
  // An object is made for what it is made with.
  const isMaking = r.index(file).methodAround(id)?.kind === 'constructor'
  const homes = [...search.homes].flatMap((home) =>
    home !== 'self' ? [home] : isMaking ? [] : [0],
  )
  return homes.find((home) => home !== fn.parent && isAround(r, file, home, fn.parent ?? 0))
}

export function isAround(r: Resolver, file: string, outer: FnId, inner: FnId): boolean {
  for (let at: FnId | undefined = inner; at !== undefined; at = r.program.fn(file, at).parent)
    if (at === outer) return true
  return false
}

/** Follows a value to where it is put. */
class KeeperSearch {
  readonly homes = new Set<Home>()
  readonly #seen = new Set<string>()

  constructor(readonly r: Resolver) {}

  /** Wherever a name for it is mentioned, but for where it is called. */
  named(file: string, binding: Binding, step: number): void {
    const { program } = this.r
    for (const { id, scope } of namesIn(program.facts(file)).get(binding.name) ?? [])
      if (program.lookUp(file, binding.name, scope) === binding) this.follow(file, id, step)
  }

  follow(file: string, id: ExprId, step: number): void {
    const key = `${file}\0${id}`
    if (step > MAX_STEPS || this.#seen.has(key)) return
    this.#seen.add(key)
    const facts = this.r.program.facts(file)
    const parent = parentsOf(facts).get(id)
    const expr = parent === undefined ? undefined : facts.exprs[parent]
    if (parent === undefined || !expr) {
      for (const each of facts.bindings)
        if (each.init === id && each.path.length === 0) this.named(file, each, step + 1)
      return
    }
    switch (expr.k) {
      case 'as':
      case 'nonnull':
      case 'obj':
      case 'arr':
      case 'spread':
      case 'other':
        this.follow(file, parent, step)
        return
      case 'either':
        if (expr.of.indexOf(id) !== 2) this.follow(file, parent, step)
        return
      case 'assign':
        if (expr.value !== id) return
        this.#put(file, expr.target, step)
        this.follow(file, parent, step)
        return
      case 'member': {
        const call = parentsOf(facts).get(parent)
        const around = call === undefined ? undefined : facts.exprs[call]
        if (
          call !== undefined &&
          around?.k === 'call' &&
          around.callee === parent &&
          chain.has(expr.name)
        )
          this.follow(file, call, step)
        return
      }
      case 'call':
      case 'new':
        if (expr.callee !== id) this.#given(file, parent, expr, id, step)
        return
      default:
    }
  }

  #put(file: string, target: ExprId, step: number): void {
    const expr = this.r.program.expr(file, target)
    const binding = expr.k === 'id' ? this.r.program.lookUp(file, expr.name, expr.scope) : undefined
    if (binding && !binding.import) this.named(file, binding, step + 1)
    this.#keep(file, target)
  }

  #given(
    file: string,
    id: ExprId,
    call: Expr & { k: 'call' | 'new' },
    arg: ExprId,
    step: number,
  ): void {
    const { r } = this
    const callee = r.program.expr(file, call.callee)
    const index = call.args.indexOf(arg)
    if (callee.k === 'member' && storing.get(callee.name)?.index === index)
      this.#keep(file, callee.object)
    // What is waited for has run its callback.
    const site = r.program.facts(file).calls.find((each) => each.expr === id)
    if (site?.use === 'await' || site?.use === 'return') return
    this.follow(file, id, step)
    for (const value of r.expr(file, call.callee)) {
      const target = value.k === 'cls' ? constructorOf(r, value) : value
      if (target.k !== 'fn' || target.fn === undefined) continue
      for (const home of this.#parameter(target.file, target.fn, index, step)) {
        if (home === 0) this.homes.add(0)
        else if (home === 'self' && callee.k === 'member' && value.k === 'fn')
          this.#keep(file, callee.object)
      }
    }
  }

  /** Where a function keeps what it is given. */
  #parameter(file: string, fn: FnId, index: number, step: number): ReadonlySet<Home> {
    const inner = new KeeperSearch(this.r)
    for (const each of this.r.program.facts(file).bindings)
      if (each.param?.fn === fn && each.param.index === index && each.path.length === 0)
        inner.named(file, each, step + 2)
    return inner.homes
  }

  #keep(file: string, place: ExprId): void {
    const home = homeOf(this.r, file, place, 0)
    if (home !== undefined) this.homes.add(home)
  }
}

function constructorOf(
  r: Resolver,
  { file, cls }: { readonly file: string; readonly cls: number },
): { readonly k: 'fn'; readonly file: string; readonly fn: FnId | undefined } {
  const own = r.program.cls(file, cls).members.find((each) => each.kind === 'constructor')
  return { k: 'fn', file, fn: own?.fn }
}

/** Where lives what a member, an element or a name belongs to. */
function homeOf(r: Resolver, file: string, id: ExprId, step: number): Home | undefined {
  const expr = r.program.expr(file, id)
  switch (expr.k) {
    case 'as':
    case 'nonnull':
      return homeOf(r, file, expr.of, step)
    case 'member':
      // `req.app`, `ctx.app`: the application serves all requests.
      return expr.name === 'app' ? 0 : homeOf(r, file, expr.object, step)
    case 'index':
      return homeOf(r, file, expr.object, step)
    case 'this':
    case 'super':
      return expr.cls === undefined ? undefined : 'self'
    case 'id': {
      const binding = r.program.lookUp(file, expr.name, expr.scope)
      if (!binding || binding.import) return 0
      const init = binding.init === undefined ? undefined : r.program.expr(file, binding.init)
      const isAlias = init?.k === 'id' || init?.k === 'member' || init?.k === 'index'
      const of =
        isAlias && step < MAX_STEPS ? homeOf(r, file, binding.init ?? 0, step + 1) : undefined
      return of ?? binding.fn
    }
    case 'call':
      return 0
    default:
      return undefined
  }
}
