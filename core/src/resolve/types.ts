import { entityOf } from '../catalog/index.js'
import type { Binding, TypeExpr, TypeId } from '../facts/types.js'
import { exportedType, moduleValues } from './exports.js'
import { instances } from './described.js'
import { isMapName, keyed } from './contents.js'
import { indexed } from './indexed.js'
import type { Resolver } from './resolver.js'
import { arrayOf, union, unwrapPromise, weaken, type Env, type Value } from './values.js'

const nothing: readonly Value[] = []

const promises = new Set(['Promise', 'PromiseLike'])
const lists = new Set([
  'Array',
  'ReadonlyArray',
  'Iterable',
  'AsyncIterable',
  'Iterator',
  'AsyncIterator',
  'IterableIterator',
  'AsyncIterableIterator',
  'Generator',
  'AsyncGenerator',
  'Set',
  'ReadonlySet',
])
/** Types that keep the members asked for: seen through. */
const transparent = new Set([
  'Pick',
  'Omit',
  'Partial',
  'Required',
  'Readonly',
  'NonNullable',
  'Extract',
  'Exclude',
  'DeepPartial',
])

/** The values that a written type admits. */
export function typeValues(r: Resolver, file: string, id: TypeId, env: Env): readonly Value[] {
  const type = r.program.type(file, id)
  switch (type.k) {
    case 'ref':
      return refValues(r, file, type, env)
    case 'array':
      return [{ k: 'array', of: r.type(file, type.of, env), by: 'type' }]
    case 'tuple':
      return [
        arrayOf(
          type.of.map((each) => r.type(file, each, env)),
          'type',
        ),
      ]
    case 'union':
    case 'inter':
      return union(...type.of.map((each) => r.type(file, each, env)))
    case 'fn':
      return [{ k: 'sig', file, sigs: [type.sig], env, owner: undefined, name: '', by: 'type' }]
    case 'lit':
      return [{ k: 'lit', file, type: id, env, by: 'type' }]
    case 'query':
      return weaken(queryValues(r, file, type.path, type.scope), 'type')
    case 'import': {
      const [first = '*', ...rest] = type.path
      const args = type.args.map((each) => r.type(file, each, env))
      const own = type.typeof ? undefined : r.program.link(file, type.module)
      const declared =
        own === undefined || rest.length > 0 ? undefined : exportedType(r, own, first)
      if (declared) return weaken(declValues(r, declared.file, declared.decls, args), 'type')
      const root = moduleValues(r, file, type.module, first)
      const values = rest.reduce<readonly Value[]>((at, name) => r.member(at, name), root)
      return weaken(type.typeof ? values : asType(values, args), 'type')
    }
    case 'index':
      return indexed(r, file, type, env)
    case 'str':
    case 'nothing':
    case 'any':
    case 'other':
      return nothing
  }
}

function queryValues(
  r: Resolver,
  file: string,
  path: readonly string[],
  scope: number,
): readonly Value[] {
  const [root, ...rest] = path
  if (root === undefined) return nothing
  const binding = r.program.lookUp(file, root, scope)
  const values = binding ? r.binding(file, binding) : r.globalValue(root)
  return rest.reduce<readonly Value[]>((at, name) => r.member(at, name), values)
}

/** Values read in type position: a class stands for its instances. */
function asType(values: readonly Value[], args: readonly (readonly Value[])[]): readonly Value[] {
  return values.flatMap((value): readonly Value[] => {
    const [made] = instances([value])
    if (made && 'args' in made) return [{ ...made, args }]
    const entity = value.k === 'lib' ? entityOf(value.lib, value.entity)?.typed : undefined
    if (value.k === 'lib' && entity !== undefined) return [{ ...value, entity, args }]
    return value.k === 'external' || value.k === 'iface' || value.k === 'lib' || value.k === 'sig'
      ? [value]
      : nothing
  })
}

function refValues(
  r: Resolver,
  file: string,
  type: TypeExpr & { k: 'ref' },
  env: Env,
): readonly Value[] {
  const [name, ...rest] = type.name
  if (name === undefined) return nothing
  const arg = (index: number): readonly Value[] => {
    const id = type.args[index]
    return id === undefined ? nothing : r.type(file, id, env)
  }
  if (rest.length === 0) {
    const parameter = typeParameter(r, file, name, type.scope, env)
    if (parameter) return parameter
  }
  // What tRPC 10 had for `Awaited<ReturnType<…>>`.
  if (name === 'inferAsyncReturnType') return r.settled(weaken(returned(r, arg(0)), 'type'))
  const declared = declaredValues(r, file, type, env)
  if (declared) return weaken(declared, 'type')
  if (promises.has(name)) return [{ k: 'promise', of: arg(0), by: 'type' }]
  if (lists.has(name)) return [{ k: 'array', of: arg(0), by: 'type' }]
  if (isMapName(name)) return keyed('map', arg(1), 'type')
  if (name === 'Record') return keyed('record', arg(1).filter(isOfInterest), 'type')
  if (transparent.has(name)) return arg(0)
  if (name === 'Awaited') return unwrapPromise(arg(0))
  if (name === 'ReturnType') return weaken(returned(r, arg(0)), 'type')
  if (name === 'InstanceType') return weaken(instances(arg(0)), 'type')
  if (name === 'this') return nothing
  return asType(
    r.globalValue(name),
    type.args.map((_, index) => arg(index)),
  ).map((each) => ({ ...each, by: 'type' }))
}

/** A record of functions says less than the object literal that it is written beside. */
function isOfInterest({ k }: Value): boolean {
  return k === 'lib' || k === 'libclass' || k === 'inst' || k === 'iface'
}

function typeParameter(
  r: Resolver,
  file: string,
  name: string,
  from: number,
  env: Env,
): readonly Value[] | undefined {
  const { scopes } = r.program.facts(file)
  for (let scope = scopes[from]; scope;) {
    if (name in scope.typeParams) {
      const bound = env.get(name)
      if (bound) return bound
      const constraint = scope.typeParams[name]
      return constraint === undefined ? nothing : r.type(file, constraint, env)
    }
    scope = scope.parent === undefined ? undefined : scopes[scope.parent]
  }
  return undefined
}

/** The type's own declaration: local, imported, or a member of a namespace. Undefined where there is none. */
function declaredValues(
  r: Resolver,
  file: string,
  type: TypeExpr & { k: 'ref' },
  env: Env,
): readonly Value[] | undefined {
  const [name = '', ...rest] = type.name
  const args = type.args.map((each) => r.type(file, each, env))
  const binding = r.program.lookUp(file, name, type.scope)
  if (rest.length > 0) {
    if (!binding) return undefined
    return (
      requiredType(r, file, binding, rest, args) ??
      qualified(r, r.binding(file, binding), rest, args)
    )
  }
  const decls = r.program.lookUpType(file, name, type.scope)
  if (decls) return declValues(r, file, decls, args)
  if (!binding) return undefined
  if (binding.import) {
    const own = r.program.link(file, binding.import.module)
    const found = own === undefined ? undefined : exportedType(r, own, binding.import.name)
    if (found) return declValues(r, found.file, found.decls, args)
  }
  const values = asType(r.binding(file, binding), args)
  const added = values.every((each) => each.k === 'external') ? binding.import : undefined
  return added ? union(values, augmentedTypes(r, added.module, added.name)) : values
}

/** What the program adds to a type of a module that is not known: `declare module '@fastify/awilix' { interface Cradle {} }`. */
function augmentedTypes(r: Resolver, module: string, name: string): readonly Value[] {
  return union(
    ...[...r.program.augmenting()].map(([file, { augmentations, scopes }]) => {
      const found = augmentations.find((each) => each.module === module)
      const decls = found && scopes[found.scope]?.typeNames[name]
      return decls ? declValues(r, file, decls, []) : nothing
    }),
  )
}

/** `const Book = require('./book')` and `Book.Expanded`, a type that the comments of that file declare. */
function requiredType(
  r: Resolver,
  file: string,
  binding: Binding,
  [name = '', ...more]: readonly string[],
  args: readonly (readonly Value[])[],
): readonly Value[] | undefined {
  const call = binding.init === undefined ? undefined : r.program.expr(file, binding.init)
  const callee = call?.k === 'call' ? r.program.expr(file, call.callee) : undefined
  if (call?.k !== 'call' || callee?.k !== 'id' || callee.name !== 'require') return undefined
  const module = call.args[0] === undefined ? undefined : r.program.expr(file, call.args[0])
  const own = module?.k === 'str' ? r.program.link(file, module.value) : undefined
  const found = own === undefined || more.length > 0 ? undefined : exportedType(r, own, name)
  return found && declValues(r, found.file, found.decls, args)
}

function qualified(
  r: Resolver,
  root: readonly Value[],
  path: readonly string[],
  args: readonly (readonly Value[])[],
): readonly Value[] {
  const [name, ...rest] = path
  if (name === undefined) return asType(root, args)
  const found = root.flatMap((value): readonly Value[] => {
    if (value.k === 'ns' && rest.length === 0) {
      const type = exportedType(r, value.file, name)
      if (type) return declValues(r, type.file, type.decls, args)
    }
    const own = r.member([value], name)
    if (own.length > 0 || (value.k !== 'lib' && value.k !== 'libclass')) return own
    // `express.Application`: types beside a function that is exported as the whole.
    const descriptor = r.catalog.exportOf(value.lib.modules[0] ?? '', name)
    return descriptor === undefined ? [] : r.described(descriptor, value.lib, 'type')
  })
  if (rest.length === 0 && found.some((each) => each.k === 'iface' || each.k === 'lit'))
    return found
  return qualified(r, found, rest, args)
}

function declValues(
  r: Resolver,
  file: string,
  decls: readonly number[],
  args: readonly (readonly Value[])[],
): readonly Value[] {
  const [first] = decls
  const decl = first === undefined ? undefined : r.program.facts(file).typeDecls[first]
  if (!decl) return nothing
  const env: Env = new Map(
    decl.typeParams.flatMap((name, index) => {
      const bound = args[index]
      return bound && bound.length > 0 ? [[name, bound] as const] : []
    }),
  )
  if (decl.kind === 'alias') return decl.type === undefined ? nothing : r.type(file, decl.type, env)
  return [{ k: 'iface', file, decls, env, by: 'type' }, ...libraryBases(r, file, decls, env)]
}

/** `interface AuthRequest extends Request`: what is true of the library's value is true of it. */
function libraryBases(
  r: Resolver,
  file: string,
  decls: readonly number[],
  env: Env,
): readonly Value[] {
  const { typeDecls } = r.program.facts(file)
  const bases = decls.flatMap((each) => typeDecls[each]?.extends ?? [])
  return bases.flatMap((each) => r.type(file, each, env)).filter((each) => each.k === 'lib')
}

/** What calling the values gives, as far as that is known without the arguments. */
function returned(r: Resolver, values: readonly Value[]): readonly Value[] {
  return union(
    ...values.map((value) => {
      if (value.k === 'fn') return r.returnedBy(value.file, value.fn)
      if (value.k === 'sig') {
        const id = value.sigs[0]?.returns
        return id === undefined ? nothing : r.type(value.file, id, value.env)
      }
      if (value.k === 'libmember' && value.member.returns !== undefined)
        return r.described(value.member.returns, value.lib, value.by, value.receiver)
      return nothing
    }),
  )
}
