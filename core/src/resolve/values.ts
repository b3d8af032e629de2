import type { Library, Member } from '../catalog/types.js'
import type { ClassId, ExprId, FnId, Signature, TypeId } from '../facts/types.js'

/**
 * How sure a value is: traced to where it is made, told by a written type, or guessed by a name.
 * A chain is as sure as its weakest link.
 */
export type Certainty = 'value' | 'type' | 'name'

export type Env = ReadonlyMap<string, readonly Value[]>

/** What an expression can be, as far as it matters here. Types and values share one form. */
export type Value =
  | {
      readonly k: 'lib'
      readonly lib: Library
      readonly entity: string
      readonly args: readonly (readonly Value[])[]
      /** The instance of an own class that inherits from the entity. */
      readonly self?: Value
      readonly by: Certainty
    }
  | {
      readonly k: 'libclass'
      readonly lib: Library
      readonly entity: string
      readonly self?: Value
      readonly by: Certainty
    }
  | { readonly k: 'libns'; readonly lib: Library; readonly module: string; readonly by: Certainty }
  /** A member of a library's value, not yet called. */
  | {
      readonly k: 'libmember'
      readonly lib: Library
      readonly entity: string
      readonly name: string
      readonly member: Member
      readonly receiver: Value | undefined
      readonly by: Certainty
    }
  | {
      readonly k: 'inst'
      readonly file: string
      readonly cls: ClassId
      readonly args: readonly (readonly Value[])[]
      readonly by: Certainty
    }
  | { readonly k: 'cls'; readonly file: string; readonly cls: ClassId; readonly by: Certainty }
  | {
      readonly k: 'fn'
      readonly file: string
      readonly fn: FnId
      readonly overloads: readonly FnId[]
      readonly receiver: Value | undefined
      /** How many arguments `bind` has given it; infinite where they cannot be counted. */
      readonly bound?: number
      readonly by: Certainty
    }
  /** What `new` makes of a function: `function Users() {}` with `Users.prototype.find = …`. */
  | { readonly k: 'made'; readonly file: string; readonly fn: FnId; readonly by: Certainty }
  | { readonly k: 'obj'; readonly file: string; readonly expr: ExprId; readonly by: Certainty }
  | {
      readonly k: 'iface'
      readonly file: string
      readonly decls: readonly number[]
      readonly env: Env
      readonly by: Certainty
    }
  | {
      readonly k: 'lit'
      readonly file: string
      readonly type: TypeId
      readonly env: Env
      readonly by: Certainty
    }
  /** Something callable of which only the signature is known. */
  | {
      readonly k: 'sig'
      readonly file: string
      readonly sigs: readonly Signature[]
      readonly env: Env
      readonly owner: Value | undefined
      readonly name: string
      readonly by: Certainty
    }
  | { readonly k: 'ns'; readonly file: string; readonly by: Certainty }
  | {
      readonly k: 'array' | 'promise'
      readonly of: readonly Value[]
      /** Of a tuple or an array literal, each element by itself. */
      readonly items?: readonly (readonly Value[])[]
      readonly by: Certainty
    }
  /** A Map, or an object of which only the type of its values is known: `Record<string, Pool>`. */
  | {
      readonly k: 'keyed'
      readonly as: 'map' | 'record'
      readonly of: readonly Value[]
      readonly by: Certainty
    }
  /** `f.bind`, `f.call`, `list.map`, `promise.then`: a built-in method of what it is taken from. */
  | { readonly k: 'builtin'; readonly name: string; readonly of: Value; readonly by: Certainty }
  /** From a package that the catalog does not know. */
  | {
      readonly k: 'external'
      readonly module: string
      readonly name: string
      readonly by: Certainty
    }

const rank: Record<Certainty, number> = { value: 0, type: 1, name: 2 }

/** The values, each as no surer than `by`. */
export function weaken(values: readonly Value[], by: Certainty): readonly Value[] {
  if (by === 'value' || values.every((each) => rank[each.by] >= rank[by])) return values
  return values.map((each) => (rank[each.by] >= rank[by] ? each : { ...each, by }))
}

export function valueKey(value: Value): string {
  switch (value.k) {
    case 'lib':
      return `lib ${value.lib.name}#${value.entity}`
    case 'libclass':
      return `libclass ${value.lib.name}#${value.entity}`
    case 'libns':
      return `libns ${value.module}`
    case 'libmember':
      return `libmember ${value.lib.name}#${value.entity}.${value.name}`
    case 'inst':
    case 'cls':
      return `${value.k} ${value.file} ${value.cls}`
    case 'fn':
      return `fn ${value.file} ${value.fn} ${value.bound ?? 0}`
    case 'made':
      return `made ${value.file} ${value.fn}`
    case 'obj':
      return `obj ${value.file} ${value.expr}`
    case 'iface':
      return `iface ${value.file} ${value.decls.join()}`
    case 'lit':
      return `lit ${value.file} ${value.type}`
    case 'sig':
      return `sig ${value.file} ${value.sigs[0]?.close ?? 0} ${value.name}`
    case 'ns':
      return `ns ${value.file}`
    case 'array':
    case 'promise':
      return `${value.k}<${value.of.map(valueKey).join('|')}>`
    case 'keyed':
      return `${value.as}<${value.of.map(valueKey).join('|')}>`
    case 'builtin':
      return `builtin ${value.name} ${valueKey(value.of)}`
    case 'external':
      return `external ${value.module} ${value.name}`
  }
}

/** Where the members of an own interface or object type are declared. */
export function typeKeys(value: Value): readonly string[] {
  if (value.k === 'iface') return value.decls.map((decl) => `iface ${value.file} ${decl}`)
  return value.k === 'lit' ? [`lit ${value.file} ${value.type}`] : []
}

/** More alternatives than this say nothing any more. */
const LIMIT = 24

export function union(...lists: readonly (readonly Value[])[]): readonly Value[] {
  const filled = lists.filter((list) => list.length > 0)
  if (filled.length <= 1) return filled[0] ?? []
  const seen = new Map<string, Value>()
  for (const list of filled)
    for (const value of list) {
      const key = valueKey(value)
      const known = seen.get(key)
      if (!known || rank[value.by] < rank[known.by]) seen.set(key, value)
      if (seen.size >= LIMIT) return [...seen.values()]
    }
  return [...seen.values()]
}

/** An array of known length, as a tuple type or a literal gives it. */
export function arrayOf(items: readonly (readonly Value[])[], by: Certainty): Value {
  return { k: 'array', of: union(...items), items, by }
}

/** What awaiting the values gives, but for lazy queries: `Resolver.settled` knows what those give. */
export function unwrapPromise(values: readonly Value[]): readonly Value[] {
  if (!values.some((each) => each.k === 'promise')) return values
  return union(...values.map((each) => (each.k === 'promise' ? unwrapPromise(each.of) : [each])))
}

export function elements(values: readonly Value[]): readonly Value[] {
  return union(
    ...values.map((each) => {
      if (each.k === 'array') return each.of
      return each.k === 'keyed' && each.as === 'map' ? [arrayOf([[], each.of], each.by)] : []
    }),
  )
}

export function isLibrary(value: Value, library: string, entity: string): boolean {
  return value.k === 'lib' && value.entity === entity && value.lib.name === library
}

export function isSignal(value: Value): boolean {
  return isLibrary(value, 'web', 'AbortSignal')
}
