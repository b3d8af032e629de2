import { memberOf } from '../catalog/index.js'
import type { Library } from '../catalog/types.js'
import { ANY_KEY, type ClassMember, type Cls, type ExprId } from '../facts/types.js'
import { elementAt } from './contents.js'
import { isLazy } from './described.js'
import { madeBy } from './prototypes.js'
import type { Resolver } from './resolver.js'
import { typeMember } from './type-members.js'
import { unnamedMember } from './unnamed.js'
import { union, weaken, type Env, type Value } from './values.js'

const nothing: readonly Value[] = []
const isPosition = /^\d+$/
const functionMethods = new Set(['bind', 'call', 'apply'])

export function memberValues(
  r: Resolver,
  value: Value,
  name: string,
  at?: { file: string; expr: ExprId },
): readonly Value[] {
  switch (value.k) {
    case 'lib':
      return value.self?.k === 'inst' && isLazy(value)
        ? instanceMember(r, value.self, name)
        : libMember(r, value.lib, value.entity, name, value)
    case 'libclass':
      return libMember(r, value.lib, value.entity, name, value)
    case 'libns': {
      const descriptor = r.catalog.exportOf(value.module, name)
      if (descriptor === undefined) return nothing
      return r.described(descriptor, value.lib, value.by)
    }
    case 'inst':
      return weaken(instanceMember(r, value, name), value.by)
    case 'cls': {
      const { file, cls, by } = value
      if (name === 'prototype') return [{ k: 'inst', file, cls, args: [], by }]
      const declared = staticMember(r, file, cls, name)
      return declared.length > 0 ? declared : writtenMember(r, value, name, at)
    }
    case 'made':
      return weaken(r.madeMember(value, name), value.by)
    case 'obj':
      return objectMember(r, value, name, at)
    case 'iface':
      return interfaceMember(r, value, name)
    case 'lit': {
      const type = r.program.type(value.file, value.type)
      return type.k === 'lit'
        ? typeMember(r, value.file, type.members, name, value.env, value)
        : nothing
    }
    case 'ns': {
      const values = r.exported(value.file, name)
      if (values.length > 0) return values
      const whole = r.exported(value.file, 'export=')
      return name === 'default' ? whole : r.member(whole, name)
    }
    case 'fn':
      if (name === 'prototype') return [madeBy(value)]
      return functionMember(r, value, name, at)
    case 'libmember':
    case 'sig':
      return functionMember(r, value, name, at)
    case 'array':
      return isPosition.test(name)
        ? elementAt([value], Number(name))
        : [{ k: 'builtin', name, of: value, by: value.by }]
    case 'keyed':
      return value.as === 'record' ? value.of : [{ k: 'builtin', name, of: value, by: value.by }]
    case 'promise':
      return [{ k: 'builtin', name, of: value, by: value.by }]
    case 'builtin':
      return nothing
    case 'external':
      return [{ ...value, name: `${value.name}.${name}` }]
  }
}

function libMember(
  r: Resolver,
  lib: Library,
  entity: string,
  name: string,
  receiver: Value & { k: 'lib' | 'libclass' },
): readonly Value[] {
  const member = memberOf(lib, entity, name)
  if (!member) return unnamedMember(r, lib, entity, name, receiver)
  if (member.type !== undefined) {
    const values = r.described(member.type, lib, receiver.by, receiver)
    if (!member.returns && !member.sink && !member.entry) return values
  }
  return [{ k: 'libmember', lib, entity, name, member, receiver, by: receiver.by }]
}

function instanceMember(
  r: Resolver,
  value: Value & { k: 'inst' },
  name: string,
  seen = new Set<string>(),
): readonly Value[] {
  const key = `${value.file} ${value.cls}`
  if (seen.has(key)) return nothing
  seen.add(key)
  const cls = r.program.cls(value.file, value.cls)
  const members = r
    .index(value.file)
    .membersOf(cls, name)
    .filter((each) => !each.static)
  const fns = members
    .filter((each) => each.kind === 'method')
    .flatMap((each) => (each.fn === undefined ? [] : [each.fn]))
  if (fns.length > 0) {
    const body = fns.find((each) => r.program.fn(value.file, each).hasBody) ?? fns[0] ?? 0
    return [{ k: 'fn', file: value.file, fn: body, overloads: fns, receiver: value, by: value.by }]
  }
  const getter = members.find((each) => each.kind === 'getter')
  if (getter?.fn !== undefined) return r.returnedBy(value.file, getter.fn)
  const field = fieldValues(r, value, name)
  if (field) return field
  return union(
    ...r
      .superValues(value.file, value.cls)
      .map((base) =>
        base.k === 'inst'
          ? instanceMember(r, base, name, seen)
          : base.k === 'lib'
            ? libMember(r, base.lib, base.entity, name, { ...base, self: value })
            : memberValues(r, base, name),
      ),
  )
}

function classEnv(r: Resolver, value: Value & { k: 'inst' }): Env {
  const cls = r.program.cls(value.file, value.cls)
  return new Map(
    cls.typeParams.flatMap((name, index) => {
      const bound = value.args[index]
      return bound && bound.length > 0 ? [[name, bound] as const] : []
    }),
  )
}

/** A field: by its annotation, what it is set to, and the constructor parameter that declares it. */
function fieldValues(
  r: Resolver,
  value: Value & { k: 'inst' },
  name: string,
): readonly Value[] | undefined {
  const { file } = value
  const cls = r.program.cls(file, value.cls)
  const members = r
    .index(file)
    .membersOf(cls, name)
    .filter((each) => each.kind === 'field' && !each.static)
  const written = cls.fields.filter((each) => each.name === name)
  if (members.length === 0 && written.length === 0) return undefined
  const env = classEnv(r, value)
  const made = union(
    ...members.map((each) => (each.value === undefined ? nothing : r.expr(file, each.value))),
    ...written.map((each) => r.expr(file, each.value)),
    ...members.map((each) => defaultOf(r, file, cls, each)),
    ...members.map((each) => r.injected(file, each.decorators)),
  ).filter((each) => each.k !== 'external')
  const typed = union(
    ...members.map((each) => (each.type === undefined ? nothing : r.type(file, each.type, env))),
  )
  // An annotation by an interface says less than what is put in, and more than nothing.
  if (made.some((each) => each.k === 'lib' || each.k === 'fn' || each.k === 'libmember'))
    return made
  if (typed.length > 0)
    return typed.some((each) => each.k === 'iface' || each.k === 'lit' || each.k === 'keyed')
      ? union(typed, made)
      : typed
  return made.length > 0 ? made : union(...members.map((each) => givenTo(r, file, cls, each)))
}

/** `constructor(private db: any)`: what the program's calls give it. */
function givenTo(
  r: Resolver,
  file: string,
  cls: Cls,
  { fromParam }: ClassMember,
): readonly Value[] {
  const constructor = cls.members.find((each) => each.kind === 'constructor')?.fn
  if (fromParam === undefined || constructor === undefined) return nothing
  return r.given(file, constructor, fromParam)
}

/** `constructor(private readonly pool = new Pool())`: what it is where nothing else is given. */
function defaultOf(
  r: Resolver,
  file: string,
  cls: Cls,
  { fromParam, type }: ClassMember,
): readonly Value[] {
  if (fromParam === undefined || type !== undefined) return nothing
  const constructor = cls.members.find((each) => each.kind === 'constructor')?.fn
  const fallback =
    constructor === undefined
      ? undefined
      : r.program.fn(file, constructor).params[fromParam]?.fallback
  return fallback === undefined ? nothing : weaken(r.expr(file, fallback), 'type')
}

/** `self` is the class that the member is asked of, which may inherit it. */
function staticMember(
  r: Resolver,
  file: string,
  clsId: number,
  name: string,
  self: Value = { k: 'cls', file, cls: clsId, by: 'value' },
  depth = 0,
): readonly Value[] {
  const cls = r.program.cls(file, clsId)
  const members = r
    .index(file)
    .membersOf(cls, name)
    .filter((each) => each.static)
  const method = members.find((each) => each.kind === 'method')
  if (method?.fn !== undefined) return [r.fnValue(file, method.fn, self)]
  const getter = members.find((each) => each.kind === 'getter')
  if (getter?.fn !== undefined) return r.returnedBy(file, getter.fn)
  const field = members.find((each) => each.kind === 'field')
  if (field) {
    const made = field.value === undefined ? nothing : r.expr(file, field.value)
    if (made.length > 0) return made
    return field.type === undefined ? nothing : r.type(file, field.type)
  }
  if (depth > 16) return nothing
  return union(
    ...r
      .bases(file, clsId)
      .map((base) =>
        base.k === 'cls'
          ? staticMember(r, base.file, base.cls, name, self, depth + 1)
          : memberValues(r, base.k === 'libclass' ? { ...base, self } : base, name),
      ),
  )
}

function objectMember(
  r: Resolver,
  value: Value & { k: 'obj' },
  name: string,
  at?: { file: string; expr: ExprId },
): readonly Value[] {
  const expr = r.program.expr(value.file, value.expr)
  if (expr.k !== 'obj') return nothing
  const found: (readonly Value[])[] = []
  for (const prop of expr.props) {
    if (prop.spread) found.push(r.spread(value.file, prop.value, name))
    else if (prop.name === name) found.push(propertyValues(r, value, prop.value, prop.getter))
  }
  const values = union(...found)
  return values.length > 0 ? values : writtenMember(r, value, name, at)
}

function propertyValues(
  r: Resolver,
  owner: Value & { k: 'obj' },
  id: ExprId,
  getter: boolean,
): readonly Value[] {
  const values = r.expr(owner.file, id)
  const [first] = values
  if (getter && first?.k === 'fn') return r.returnedBy(first.file, first.fn)
  return values.map((each) =>
    each.k === 'fn' && !each.receiver ? { ...each, receiver: owner } : each,
  )
}

/** `service.list = async () => {}` after the object was made, in the file that reads or owns it. */
function functionMember(
  r: Resolver,
  value: Value & { k: 'fn' | 'libmember' | 'sig' },
  name: string,
  at?: { file: string; expr: ExprId },
): readonly Value[] {
  return functionMethods.has(name)
    ? [{ k: 'builtin', name, of: value, by: value.by }]
    : writtenMember(r, value, name, at)
}

function writtenMember(
  r: Resolver,
  value: Value,
  name: string,
  at?: { file: string; expr: ExprId },
): readonly Value[] {
  const named = writtenUnder(r, value, name, at)
  if (named.length > 0 || value.k !== 'obj') return named
  // `models[model.name] = model`: any name may be one of them, and the class of that name surely is.
  const any = writtenUnder(r, value, ANY_KEY, at)
  const own = any.filter(
    (each) => each.k === 'cls' && r.program.cls(each.file, each.cls).name === name,
  )
  return own.length > 0 ? own : weaken(any, 'type')
}

function writtenUnder(
  r: Resolver,
  value: Value,
  name: string,
  at?: { file: string; expr: ExprId },
): readonly Value[] {
  const files = new Set([...('file' in value ? [value.file] : []), ...(at ? [at.file] : [])])
  const found: (readonly Value[])[] = []
  for (const file of files)
    for (const write of r.index(file).writes(name)) {
      const owners = r.expr(file, write.object)
      if (owners.some((owner) => sameOwner(owner, value))) found.push(r.expr(file, write.value))
    }
  return union(...found)
}

function sameOwner(a: Value, b: Value): boolean {
  if (a.k === 'obj' && b.k === 'obj') return a.file === b.file && a.expr === b.expr
  if (a.k === 'cls' && b.k === 'cls') return a.file === b.file && a.cls === b.cls
  return a.k === 'fn' && b.k === 'fn' && a.file === b.file && a.fn === b.fn
}

function interfaceMember(
  r: Resolver,
  value: Value & { k: 'iface' },
  name: string,
  depth = 0,
): readonly Value[] {
  const { typeDecls } = r.program.facts(value.file)
  const found: (readonly Value[])[] = []
  for (const index of value.decls) {
    const decl = typeDecls[index]
    if (!decl) continue
    const own = typeMember(r, value.file, decl.members, name, value.env, value)
    found.push(own)
    if (own.length > 0 || depth > 8) continue
    for (const parent of decl.extends)
      for (const base of r.type(value.file, parent, value.env))
        found.push(
          base.k === 'iface'
            ? interfaceMember(r, base, name, depth + 1)
            : memberValues(r, base, name),
        )
  }
  return union(...found)
}
