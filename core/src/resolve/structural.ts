import { memberOf } from '../catalog/index.js'
import type { ExprId, TypeId } from '../facts/types.js'
import type { FileSet, Resolver } from './resolver.js'
import { typeKeys, unwrapPromise, valueKey, type Value } from './values.js'

type LibraryValue = Value & { readonly k: 'lib' }

const carriesValues = new Set(['id', 'member', 'call', 'new', 'nonnull', 'as', 'await', 'obj'])

/**
 * Which of a database library's values are given where an own interface or object type is declared:
 * `constructor(db: Queryable)` and `new Repo(pool)` make a `Queryable` a pool, seen from below. From type
 * to type it is followed too. Files may join the program at any time.
 */
export class Structural {
  readonly #given = new Map<string, Map<string, LibraryValue>>()
  /** Own types that are given where another own type is declared. */
  readonly #wider = new Map<string, Set<string>>()
  readonly #read = new Set<string>()
  readonly #readSets = new WeakSet<FileSet>()

  constructor(readonly resolver: Resolver) {}

  of(owner: Value): readonly LibraryValue[] {
    const { program, within, saved } = this.resolver
    if (within) this.#readWithin(within)
    else if (this.#read.size < program.files.size)
      for (const file of program.files.keys()) this.#readOnce(file)
    const own = typeKeys(owner).flatMap((key) => [...(this.#given.get(key)?.values() ?? [])])
    return saved ? [...own, ...this.#savedOf(saved, owner)] : own
  }

  #readWithin(within: FileSet): void {
    if (this.#readSets.has(within)) return
    for (const file of within) this.#readOnce(file)
    this.#readSets.add(within)
  }

  /** What the files that have not changed say of a type that is still what it was. */
  #savedOf(saved: Resolver, owner: Value): readonly LibraryValue[] {
    if (owner.k !== 'iface' && owner.k !== 'lit') return []
    if (!isSame(saved, this.resolver, owner.file) && !isNamedAlike(saved, this.resolver, owner))
      return []
    // What they were made of may be of the text that has changed.
    return saved.structural(owner).map((each) => ({ ...each, args: [] }))
  }

  #readOnce(file: string): void {
    const { program, saved } = this.resolver
    if (this.#read.has(file) || !program.files.has(file)) return
    this.#read.add(file)
    if (saved && isSame(saved, this.resolver, file)) return
    const { calls, functions } = program.facts(file)
    for (const site of calls) this.#readCall(file, site.expr)
    for (const fn of functions)
      fn.params.forEach((param, index) => {
        if (param.type === undefined) return
        if (param.fallback !== undefined && param.fallback >= 0)
          this.#note(file, param.type, this.resolver.expr(file, param.fallback))
        if (fn.argOf) this.#note(file, param.type, this.resolver.context(file, fn.id)[index] ?? [])
      })
  }

  #readCall(file: string, id: ExprId): void {
    const r = this.resolver
    const call = r.program.expr(file, id)
    if (call.k !== 'call' && call.k !== 'new') return
    const args = call.args.map((arg) => this.#valuesOf(file, arg))
    if (args.every((values) => values.length === 0)) return
    for (const callee of r.expr(file, call.callee))
      for (const { owner, types } of parametersOf(r, callee))
        args.forEach((values, index) => {
          const type = types[index]
          if (type === undefined) return
          this.#note(owner, type, values)
          this.#noteProperties(owner, type, values)
        })
  }

  /** What an argument is, as far as it matters here. */
  #valuesOf(file: string, arg: ExprId): readonly Value[] {
    const { k } = this.resolver.program.expr(file, arg)
    if (!carriesValues.has(k)) return []
    return this.resolver
      .expr(file, arg)
      .filter((each) => each.k === 'obj' || isDatabase(each) || typeKeys(each).length > 0)
  }

  /** `{ db: pool }` for `{ db: Queryable }`. */
  #noteProperties(file: string, type: TypeId, values: readonly Value[]): void {
    const r = this.resolver
    for (const value of values) {
      const literal = value.k === 'obj' ? r.program.expr(value.file, value.expr) : undefined
      if (value.k !== 'obj' || literal?.k !== 'obj') continue
      for (const { name, value: id } of literal.props) {
        if (name === undefined) continue
        const given = this.#valuesOf(value.file, id)
        if (given.length > 0) this.#noteAt(r.member(r.type(file, type), name), given)
      }
    }
  }

  #note(file: string, type: TypeId, given: readonly Value[]): void {
    if (given.length > 0) this.#noteAt(this.resolver.type(file, type), given)
  }

  #noteAt(declared: readonly Value[], given: readonly Value[]): void {
    for (const to of declared.flatMap(typeKeys))
      for (const value of unwrapPromise(given)) {
        if (isDatabase(value)) this.#give(to, value)
        for (const from of typeKeys(value)) this.#widen(from, to)
      }
  }

  #give(key: string, value: LibraryValue): void {
    const known = this.#given.get(key) ?? new Map<string, LibraryValue>()
    if (known.has(valueKey(value))) return
    known.set(valueKey(value), value)
    this.#given.set(key, known)
    for (const wider of this.#wider.get(key) ?? []) this.#give(wider, value)
  }

  #widen(from: string, to: string): void {
    if (from === to) return
    const known = this.#wider.get(from) ?? new Set<string>()
    known.add(to)
    this.#wider.set(from, known)
    for (const value of this.#given.get(from)?.values() ?? []) this.#give(to, value)
  }
}

function isSame(saved: Resolver, now: Resolver, file: string): boolean {
  if (saved.within?.has(file) === false) return false
  const facts = saved.program.files.get(file)
  return facts !== undefined && facts === now.program.files.get(file)
}

function isNamedAlike(saved: Resolver, now: Resolver, owner: Value): boolean {
  if (owner.k !== 'iface') return false
  const before = saved.program.files.get(owner.file)?.typeDecls
  const after = now.program.facts(owner.file).typeDecls
  return owner.decls.every((each) => before?.[each]?.name === after[each]?.name)
}

/**
 * The library's values that a method of an own type can belong to: those given where the type is declared,
 * else, for want of an implementation, those whose method of that name gives the same library value.
 */
export function structuralMembers(
  r: Resolver,
  value: Value,
  isImplemented: boolean,
): readonly LibraryValue[] {
  // Finding out what is given where goes through all calls of the program.
  if (value.k !== 'sig' || !value.owner || !r.sendsStatement(value.name)) return []
  const given = r
    .structural(value.owner)
    .filter((each) => memberOf(each.lib, each.entity, value.name)?.sink !== undefined)
  return given.length > 0 || isImplemented ? given : declaredAlike(r, value)
}

/** `query(text: string): Promise<QueryResult>`, with the library's `QueryResult`. */
function declaredAlike(r: Resolver, value: Value & { k: 'sig' }): readonly LibraryValue[] {
  const type = value.sigs[0]?.returns
  if (type === undefined) return []
  const returned = unwrapPromise(r.type(value.file, type, value.env))
  return returned.flatMap((each): LibraryValue[] => {
    if (!isDatabase(each)) return []
    const entity = Object.keys(each.lib.entities).find((name) => {
      const member = memberOf(each.lib, name, value.name)
      if (!member?.sink || member.returns === undefined) return false
      const made = unwrapPromise(r.described(member.returns, each.lib, 'type'))
      return made.some((one) => valueKey(one) === valueKey(each))
    })
    return entity === undefined ? [] : [{ ...each, entity, args: [], by: 'type' }]
  })
}

function isDatabase(value: Value): value is LibraryValue {
  return value.k === 'lib' && value.lib.kind === 'database'
}

function parametersOf(
  r: Resolver,
  callee: Value,
): readonly { owner: string; types: readonly (TypeId | undefined)[] }[] {
  if (callee.k === 'fn')
    return [
      {
        owner: callee.file,
        types: r.program.fn(callee.file, callee.fn).params.map((each) => each.type),
      },
    ]
  if (callee.k === 'sig')
    return callee.sigs.map((sig) => ({
      owner: callee.file,
      types: sig.params.map((each) => each.type),
    }))
  if (callee.k !== 'cls') return []
  const made = r.program
    .cls(callee.file, callee.cls)
    .members.find((each) => each.kind === 'constructor')
  if (made?.fn === undefined)
    return r
      .superValues(callee.file, callee.cls)
      .flatMap((base) =>
        base.k === 'inst'
          ? parametersOf(r, { k: 'cls', file: base.file, cls: base.cls, by: base.by })
          : [],
      )
  return parametersOf(r, r.fnValue(callee.file, made.fn))
}
