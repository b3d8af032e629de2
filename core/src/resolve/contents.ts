import { entityOf } from '../catalog/index.js'
import { ANY_KEY, type ExprId } from '../facts/types.js'
import type { CallExpr } from './calls.js'
import type { Resolver } from './resolver.js'
import { arrayOf, elements, union, type Value } from './values.js'

const nothing: readonly Value[] = []
const maps = new Set(['Map', 'WeakMap', 'ReadonlyMap'])

export function isMapName(name: string): boolean {
  return maps.has(name)
}

export function keyed(as: 'map' | 'record', of: readonly Value[], by: Value['by']): Value[] {
  return of.length === 0 ? [] : [{ k: 'keyed', as, of, by }]
}

/** `rows[i]`, `validators[kind]`: of an object any of its properties, where it is not told which. */
export function indexedValues(
  r: Resolver,
  file: string,
  object: ExprId,
  index: ExprId,
): readonly Value[] {
  const values = r.expr(file, object)
  const key = r.program.expr(file, index)
  const name = key.k === 'str' && key.complete ? key.value : undefined
  return union(
    elements(values.filter((each) => each.k === 'array')),
    ...values.map((value) => {
      if (value.k === 'keyed') return value.as === 'record' ? value.of : nothing
      if (value.k === 'lib' || value.k === 'inst') return anyOf(r, value)
      if (value.k !== 'obj') return nothing
      if (name !== undefined) return r.member([value], name)
      const written = r.member([value], ANY_KEY, { file, expr: object })
      const added = namesWritten(r, value).map((each) => r.member([value], each))
      return union(...propertiesOf(r, value), ...added, written)
    }),
  )
}

/** `handlers.list = list`, of a variable that holds the literal. */
function namesWritten(r: Resolver, { file, expr }: Value & { k: 'obj' }): readonly string[] {
  const names = r.program.facts(file).writes.flatMap(({ object, name }): string[] => {
    const owner = r.program.expr(file, object)
    if (owner.k !== 'id' || name === ANY_KEY) return []
    return r.program.lookUp(file, owner.name, owner.scope)?.init === expr ? [name] : []
  })
  return [...new Set(names)]
}

/** `prisma[model]`: where any name that a library's value has is made up by the program. */
function anyOf(r: Resolver, value: Value & { k: 'lib' | 'inst' }): readonly Value[] {
  const bases = value.k === 'lib' ? [value] : r.superValues(value.file, value.cls)
  return bases.flatMap((base) => {
    if (base.k === 'inst') return anyOf(r, base)
    if (base.k !== 'lib') return nothing
    const properties = entityOf(base.lib, base.entity)?.properties
    return properties === undefined ? nothing : r.described(properties, base.lib, base.by, base)
  })
}

/** `Object.values(byName)`, `Object.entries(byName)` */
export function listed(r: Resolver, values: readonly Value[], how: string): readonly Value[] {
  const of = union(
    ...values.flatMap((each) =>
      each.k === 'keyed' ? [each.of] : each.k === 'obj' ? propertiesOf(r, each) : [],
    ),
  )
  if (of.length === 0) return nothing
  return how === 'entries' ? [entriesOf(of)] : [{ k: 'array', of, by: 'value' }]
}

function entriesOf(of: readonly Value[]): Value {
  return { k: 'array', of: [arrayOf([nothing, of], 'value')], by: 'value' }
}

function propertiesOf(r: Resolver, value: Value & { k: 'obj' }): (readonly Value[])[] {
  const literal = r.program.expr(value.file, value.expr)
  if (literal.k !== 'obj') return []
  return literal.props.map((each) =>
    each.name === undefined ? nothing : r.member([value], each.name),
  )
}

/** What a method of a Map or a record-like value gives. */
export function keyedResult(of: Value & { k: 'keyed' }, name: string): readonly Value[] {
  if (of.as !== 'map') return nothing
  if (name === 'get') return of.of
  if (name === 'set') return [of]
  if (name === 'values') return [{ k: 'array', of: of.of, by: of.by }]
  return name === 'entries' ? [entriesOf(of.of)] : nothing
}

/** `new Map()` and `new Set()`: by their type arguments, what they are made from and what is put in. */
export function collection(
  r: Resolver,
  file: string,
  call: CallExpr & { k: 'call' | 'new' },
): readonly Value[] | undefined {
  const callee = r.program.expr(file, call.callee)
  if (callee.k !== 'id' || r.program.lookUp(file, callee.name, callee.scope)) return undefined
  const isMap = maps.has(callee.name)
  if (!isMap && callee.name !== 'Set') return undefined
  const type = call.typeArgs[isMap ? 1 : 0]
  const [from] = call.args
  const given = from === undefined ? nothing : elements(r.expr(file, from))
  const of = union(
    type === undefined ? nothing : r.type(file, type),
    isMap ? elementAt(given, 1) : given,
    isMap ? putInto(r, file, call, 'set', 1) : putInto(r, file, call, 'add', 0),
  )
  if (isMap) return keyed('map', of, 'value')
  return [{ k: 'array', of, by: 'value' }]
}

/** What `{ [key]: value }` may take: an element, or any property of an object. */
export function anyProperty(r: Resolver, values: readonly Value[]): readonly Value[] {
  return union(
    elements(values.filter((each) => each.k === 'array')),
    ...values.flatMap((each) => {
      if (each.k === 'keyed') return each.as === 'record' ? [each.of] : []
      return each.k === 'obj' ? propertiesOf(r, each) : []
    }),
  )
}

/** An element by its position where that is known, else any. */
export function elementAt(values: readonly Value[], index: number): readonly Value[] {
  return union(
    ...values.map((each) =>
      each.k === 'array' && each.items ? (each.items[index] ?? []) : elements([each]),
    ),
  )
}

/** `tenants.set(name, pool)`: what the file puts into a collection, by the variable or field that holds that. */
function putInto(
  r: Resolver,
  file: string,
  made: object,
  method: string,
  index: number,
): readonly Value[] {
  const { exprs } = r.program.facts(file)
  return union(
    ...r
      .index(file)
      .methodCalls(method)
      .map(({ object, args }) => {
        const value = args[index]
        const holder = value === undefined ? undefined : heldBy(r, file, object)
        return value !== undefined && holder?.some((each) => exprs[each] === made)
          ? r.expr(file, value)
          : nothing
      }),
  )
}

/** What a variable or a field of the class is set to, as it is written. */
function heldBy(r: Resolver, file: string, id: ExprId): readonly ExprId[] {
  const expr = r.program.expr(file, id)
  if (expr.k === 'nonnull') return heldBy(r, file, expr.of)
  if (expr.k === 'id') {
    const binding = r.program.lookUp(file, expr.name, expr.scope)
    if (!binding || binding.path.length > 0) return []
    return binding.init === undefined ? binding.writes : [binding.init, ...binding.writes]
  }
  const object = expr.k === 'member' ? r.program.expr(file, expr.object) : undefined
  if (expr.k !== 'member' || object?.k !== 'this' || object.cls === undefined) return []
  const cls = r.program.cls(file, object.cls)
  const fields = [...r.index(file).membersOf(cls, expr.name), ...cls.fields]
  return fields.flatMap((each) =>
    each.name === expr.name && each.value !== undefined ? [each.value] : [],
  )
}
