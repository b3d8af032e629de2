import { append } from '../append.js'
import { firstFrom } from '../facts/text.js'
import type {
  CallSite,
  ClassId,
  ClassMember,
  Cls,
  ExprId,
  FileFacts,
  Fn,
  FnId,
  MemberWrite,
  TypeId,
} from '../facts/types.js'

const chainLinks = new Set(['then', 'catch', 'finally'])

/** `object.method(…args)` */
export interface MethodCall {
  readonly object: ExprId
  readonly args: readonly ExprId[]
}

/** Look-ups within a file that its facts do not give directly. Built when first asked. */
export class FileIndex {
  #argumentOf: Map<ExprId, { call: ExprId; index: number }> | undefined
  #elementOf: Map<ExprId, ExprId> | undefined
  #propertyOf: Map<ExprId, { object: ExprId; name: string }> | undefined
  #typeOf: Map<ExprId, TypeId> | undefined
  #writesByName: Map<string, MemberWrite[]> | undefined
  #methodCalls: Map<string, MethodCall[]> | undefined
  #chained: Set<ExprId> | undefined
  #sites: readonly Placed[] | undefined
  #inner: Map<FnId, FnId[]> | undefined

  readonly #members = new Map<ClassId, Map<string, ClassMember[]>>()
  readonly #callsBelow = new Map<FnId, readonly CallSite[]>()

  constructor(readonly facts: FileFacts) {}

  /** The calls, and the names awaited or returned, in a function and in the functions inside it. */
  callsBelow(id: FnId): readonly CallSite[] {
    const known = this.#callsBelow.get(id)
    if (known) return known
    const fn = this.facts.functions[id]
    this.#sites ??= sitesByStart(this.facts)
    const found: Placed[] = []
    for (let at = fn ? firstFrom(this.#sites, fn.start) : Infinity; fn; at += 1) {
      const placed = this.#sites[at]
      if (!placed || placed.start >= fn.end) break
      found.push(placed)
    }
    const sites = found.sort((a, b) => a.order - b.order).map((each) => each.site)
    this.#callsBelow.set(id, sites)
    return sites
  }

  /** The functions that stand directly in a function. */
  functionsIn(id: FnId): readonly FnId[] {
    if (!this.#inner) {
      this.#inner = new Map()
      for (const { id: inner, parent } of this.facts.functions) {
        if (parent === undefined) continue
        append(this.#inner, parent, inner)
      }
    }
    return this.#inner.get(id) ?? []
  }

  /** The members of one of the file's classes that have a name. */
  membersOf(cls: Cls, name: string): readonly ClassMember[] {
    let members = this.#members.get(cls.id)
    if (!members) {
      members = new Map()
      for (const each of cls.members) {
        append(members, each.name, each)
      }
      this.#members.set(cls.id, members)
    }
    return members.get(name) ?? []
  }

  /** The call that an expression is an argument of. */
  argumentOf(id: ExprId): { call: ExprId; index: number } | undefined {
    if (!this.#argumentOf) this.#build()
    return this.#argumentOf?.get(id)
  }

  /** The array literal that an expression is an element of. */
  elementOf(id: ExprId): ExprId | undefined {
    if (!this.#elementOf) this.#build()
    return this.#elementOf?.get(id)
  }

  /** The object literal that an expression is the value of a property of. */
  propertyOf(id: ExprId): { object: ExprId; name: string } | undefined {
    if (!this.#propertyOf) this.#build()
    return this.#propertyOf?.get(id)
  }

  /** The type that a value is written with: `const x: Type = value`, `value satisfies Type`. */
  typeOf(id: ExprId): TypeId | undefined {
    if (!this.#typeOf) {
      this.#typeOf = new Map()
      for (const expr of this.facts.exprs)
        if (expr.k === 'as' && expr.type !== undefined) this.#typeOf.set(expr.of, expr.type)
      for (const { init, type, path } of this.facts.bindings)
        if (init !== undefined && type !== undefined && path.length === 0)
          this.#typeOf.set(init, type)
    }
    return this.#typeOf.get(id)
  }

  /** Whether an expression is the object of `.then`, `.catch` or `.finally`. */
  isChained(id: ExprId): boolean {
    if (!this.#chained) {
      this.#chained = new Set()
      for (const expr of this.facts.exprs)
        if (expr.k === 'member' && chainLinks.has(expr.name)) this.#chained.add(expr.object)
    }
    return this.#chained.has(id)
  }

  #build(): void {
    this.#argumentOf = new Map()
    this.#elementOf = new Map()
    this.#propertyOf = new Map()
    this.facts.exprs.forEach((expr, id) => {
      if (expr.k === 'call' || expr.k === 'new')
        expr.args.forEach((arg, index) => this.#argumentOf?.set(arg, { call: id, index }))
      else if (expr.k === 'arr') for (const each of expr.of) this.#elementOf?.set(each, id)
      else if (expr.k === 'obj')
        for (const prop of expr.props)
          if (prop.name !== undefined)
            this.#propertyOf?.set(prop.value, { object: id, name: prop.name })
    })
  }

  writes(name: string): readonly MemberWrite[] {
    if (!this.#writesByName) {
      this.#writesByName = new Map()
      for (const write of this.facts.writes) {
        append(this.#writesByName, write.name, write)
      }
    }
    return this.#writesByName.get(name) ?? []
  }

  /** The calls of members by a name. */
  methodCalls(name: string): readonly MethodCall[] {
    if (!this.#methodCalls) {
      this.#methodCalls = new Map()
      for (const expr of this.facts.exprs) {
        const callee = expr.k === 'call' ? this.facts.exprs[expr.callee] : undefined
        if (expr.k !== 'call' || callee?.k !== 'member') continue
        append(this.#methodCalls, callee.name, { object: callee.object, args: expr.args })
      }
    }
    return this.#methodCalls.get(name) ?? []
  }

  /** The method, or function that is not an arrow, around a function: the one whose `this` it sees. */
  methodAround(fn: FnId): Fn | undefined {
    for (let at = this.facts.functions[fn]; at;) {
      if (at.kind !== 'arrow') return at
      at = at.parent === undefined ? undefined : this.facts.functions[at.parent]
    }
    return undefined
  }

  /** The field of a class whose value an arrow is, or stands in: `run = async () => {}`. */
  fieldAround(arrow: Fn): { readonly cls: ClassId; readonly member: ClassMember } | undefined {
    // A class within a class comes behind it.
    for (const { id, members, start, end } of this.facts.classes.toReversed()) {
      if (arrow.start < start || end < arrow.end) continue
      for (const member of members) {
        const value = member.value === undefined ? undefined : this.facts.exprs[member.value]
        if (!value || arrow.start < value.start || value.end < arrow.end) continue
        const parent = this.facts.functions[arrow.parent ?? 0]
        // A function between the field and the arrow would be seen first.
        if (!parent || parent.start < value.start || value.end < parent.end)
          return { cls: id, member }
      }
    }
    return undefined
  }

  /** The object literal whose method a function is, or is an arrow in. */
  objectAround(fn: FnId): ExprId | undefined {
    const method = this.methodAround(fn)
    return method?.expr === undefined ? undefined : this.propertyOf(method.expr)?.object
  }
}

/** A call with where it begins, and which it is of all that the file's facts list. */
interface Placed {
  readonly site: CallSite
  readonly start: number
  readonly order: number
}

function sitesByStart({ calls, uses, exprs }: FileFacts): readonly Placed[] {
  return [...calls, ...uses]
    .map((site, order) => ({ site, start: exprs[site.expr]?.start ?? -1, order }))
    .sort((a, b) => a.start - b.start)
}
