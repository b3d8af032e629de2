import { entityOf } from '../catalog/index.js'
import type { Callback } from '../catalog/types.js'
import type { Expr, ExprId, FnId } from '../facts/types.js'
import { libraryCall } from './calls.js'
import { registrationOf, type Registration } from './registrations.js'
import type { Resolver } from './resolver.js'
import { union, unwrapPromise, type Value } from './values.js'

type Params = readonly (readonly Value[])[]

const nothing: readonly Value[] = []
/** Array methods that hand an element to their callback first. */
export const iterating = new Set([
  'map',
  'forEach',
  'filter',
  'find',
  'findIndex',
  'findLast',
  'some',
  'every',
  'flatMap',
  'sort',
])

/** What the parameters of a function are, by the place it stands in. */
export function contextualParams(r: Resolver, file: string, id: FnId): Params {
  const fn = r.program.fn(file, id)
  const arity = fn.params.length
  const found: Params[] = []
  for (const value of contextTypes(r, file, id)) found.push(paramsOfType(r, value, arity))
  if (fn.argOf) {
    const call = r.program.expr(file, fn.argOf.call)
    if (call.k === 'call' || call.k === 'new')
      found.push(argumentParams(r, file, call, fn.argOf.index, arity))
  }
  if (fn.expr !== undefined) {
    found.push(optionParams(r, file, fn.expr))
    const entry = registrationOf(r, file, fn.expr)
    if (entry) found.push(entryParams(r, entry, arity))
    const typed = propertyType(r, file, fn.expr)
    for (const value of typed) found.push(paramsOfType(r, value, arity))
  }
  found.push(namedParams(r, file, id))
  const map = r.mapOf(file, id)
  if (map) found.push(entryParams(r, map, arity))
  const overridden = overriddenEntry(r, file, id)
  if (overridden) found.push(entryParams(r, overridden, arity))
  return merge(found)
}

/** `exports.up = (knex) => {}` in a folder of migrations. */
function namedParams(r: Resolver, file: string, id: FnId): Params {
  const fn = r.program.fn(file, id)
  if (fn.parent !== 0) return []
  for (const lib of r.catalog.libraries) {
    if (!lib.calls) continue
    for (const { files, names, params } of lib.calls) {
      if (!names.includes(fn.name) || !new RegExp(files).test(file.replaceAll('\\', '/'))) continue
      if (r.imports(lib)) return params.map((each) => r.described(each, lib, 'type'))
    }
  }
  return []
}

/** The types that a function's place gives it: of the variable it is put in, of the function that returns it. */
export function contextTypes(r: Resolver, file: string, id: FnId): readonly Value[] {
  const fn = r.program.fn(file, id)
  if (fn.contextType !== undefined) return r.type(file, fn.contextType)
  const parent = fn.parent === undefined ? undefined : r.program.fn(file, fn.parent)
  if (fn.expr === undefined || parent?.returnType === undefined) return nothing
  return parent.returns.includes(fn.expr) ? unwrapPromise(r.type(file, parent.returnType)) : nothing
}

function merge(lists: readonly Params[]): Params {
  const length = Math.max(0, ...lists.map((each) => each.length))
  return Array.from({ length }, (_, index) => union(...lists.map((each) => each[index] ?? nothing)))
}

/**
 * What a library calls a method with, by what it says of the class: that it extends or implements one of its
 * own (`process(job)` of a `WorkerHost`), or is decorated by it (`execute(command)` below `@CommandHandler()`).
 */
export function overriddenEntry(r: Resolver, file: string, id: FnId): Registration | undefined {
  const fn = r.program.fn(file, id)
  if (fn.kind !== 'method' || fn.cls === undefined || fn.static) return undefined
  const { implements: interfaces, decorators } = r.program.cls(file, fn.cls)
  const named = [
    ...r.superValues(file, fn.cls),
    ...interfaces.flatMap((each) => r.type(file, each)),
    ...decorators.flatMap(({ expr }) => {
      const call = r.program.expr(file, expr)
      return r.expr(file, call.k === 'call' ? call.callee : expr)
    }),
  ]
  for (const base of named) {
    const entry =
      base.k === 'lib' ? entityOf(base.lib, base.entity)?.overrides?.[fn.name] : undefined
    if (entry && base.k === 'lib') return { entry, lib: base.lib }
  }
  return undefined
}

/** Parameters of a function that has a value's type: a signature, a handler type, an interface that can be called. */
function paramsOfType(r: Resolver, value: Value, arity: number): Params {
  if (value.k === 'sig') {
    const [sig] = value.sigs
    return (sig?.params ?? []).map((param) =>
      param.type === undefined ? nothing : r.type(value.file, param.type, value.env),
    )
  }
  if (value.k === 'lib') {
    const { handler, params } = entityOf(value.lib, value.entity) ?? {}
    if (handler) return entryParams(r, { entry: handler, lib: value.lib }, arity)
    if (params) return params.map((each) => r.described(each, value.lib, 'type'))
  }
  return []
}

/** `const service: Service = { list(limit) {} }` gives `list` the type of `Service.list`. */
export function propertyType(r: Resolver, file: string, expr: ExprId): readonly Value[] {
  const property = r.index(file).propertyOf(expr)
  if (!property) return nothing
  const type = r.index(file).typeOf(property.object)
  const place = type === undefined ? r.index(file).argumentOf(property.object) : undefined
  const owner =
    type !== undefined
      ? r.type(file, type)
      : place
        ? argumentType(r, file, place.call, place.index)
        : propertyType(r, file, property.object)
  return r.member(owner, property.name)
}

/** `save({ with: (tx) => … })`: what the own function that is called declares there. */
function argumentType(r: Resolver, file: string, call: ExprId, index: number): readonly Value[] {
  const expr = r.program.expr(file, call)
  if (expr.k !== 'call' && expr.k !== 'new') return nothing
  return union(
    ...r.expr(file, expr.callee).map((callee) => {
      const sig =
        callee.k === 'fn'
          ? r.program.fn(callee.file, callee.fn)
          : callee.k === 'sig'
            ? callee.sigs[0]
            : undefined
      const type = sig?.params[index]?.type
      if (type === undefined || !('file' in callee)) return nothing
      return callee.k === 'sig' ? r.type(callee.file, type, callee.env) : r.type(callee.file, type)
    }),
  )
}

/** What a call gives the parameters of a function that is its argument. */
export function argumentParams(
  r: Resolver,
  file: string,
  expr: Expr & { k: 'call' | 'new' },
  index: number,
  arity: number,
): Params {
  const last = expr.args.length - 1
  return merge(
    r.expr(file, expr.callee).map((callee): Params => {
      if (callee.k === 'fn') {
        const param = r.program.fn(callee.file, callee.fn).params[index]
        if (param?.type === undefined) return paramsGivenBy(r, callee, index)
        return merge(r.type(callee.file, param.type).map((each) => paramsOfType(r, each, arity)))
      }
      if (callee.k === 'sig') {
        const type = callee.sigs[0]?.params[index]?.type
        if (type === undefined) return []
        return merge(
          r.type(callee.file, type, callee.env).map((each) => paramsOfType(r, each, arity)),
        )
      }
      if (callee.k === 'builtin') return builtinParams(callee)
      const described = libraryCall(callee)
      const callback = described?.member.callbacks?.find(
        (each) =>
          each.key === undefined && matches(each, index, last) && isMeant(r, file, expr.args, each),
      )
      if (!callback || (callee.k !== 'libmember' && callee.k !== 'lib')) return []
      const receiver = callee.k === 'libmember' ? callee.receiver : callee
      const args = expr.args.map((arg) =>
        r.program.expr(file, arg).k === 'fn' ? nothing : r.expr(file, arg),
      )
      return callback.params.map((each) => r.described(each, callee.lib, 'type', receiver, args))
    }),
  )
}

/** What an own function calls its untyped parameter with: `async (work) => work(await pool.connect())`. */
function paramsGivenBy(r: Resolver, { file, fn }: Value & { k: 'fn' }, index: number): Params {
  const { exprs } = r.program.facts(file)
  const given = r
    .index(file)
    .callsBelow(fn)
    .flatMap(({ expr }): readonly ExprId[][] => {
      const call = exprs[expr]
      const callee = call?.k === 'call' ? exprs[call.callee] : undefined
      if (call?.k !== 'call' || callee?.k !== 'id') return []
      const binding = r.program.lookUp(file, callee.name, callee.scope)
      const isParam = binding?.param?.fn === fn && binding.param.index === index
      return isParam && binding.path.length === 0 ? [call.args] : []
    })
  return merge(given.map((args) => args.map((each) => r.expr(file, each))))
}

/** `builder.objectType(User, { fields: (t) => … })`: a callback under a key of an options object. */
function optionParams(r: Resolver, file: string, fn: ExprId): Params {
  const property = r.index(file).propertyOf(fn)
  const place = property && r.index(file).argumentOf(property.object)
  const call = place && r.program.expr(file, place.call)
  if (call?.k !== 'call') return []
  return merge(
    r.expr(file, call.callee).map((callee): Params => {
      if (callee.k !== 'libmember' && callee.k !== 'lib') return []
      const callback = libraryCall(callee)?.member.callbacks?.find(
        (each) => each.key === property?.name && matches(each, place?.index ?? 0, -1),
      )
      return callback?.params.map((each) => r.described(each, callee.lib, 'type')) ?? []
    }),
  )
}

export function matches(callback: Callback, index: number, last: number): boolean {
  return callback.arg === 'last' ? index === last : callback.arg === index
}

function isMeant(r: Resolver, file: string, args: readonly ExprId[], { when }: Callback): boolean {
  const arg = when && args[when.arg]
  const text = arg === undefined ? undefined : r.program.expr(file, arg)
  return when === undefined || (text?.k === 'str' && when.is.includes(text.value))
}

function builtinParams(callee: Value & { k: 'builtin' }): Params {
  const { of, name } = callee
  if (of.k === 'array' && iterating.has(name)) return [of.of]
  if (of.k === 'array' && name === 'reduce') return [nothing, of.of]
  if (of.k === 'keyed' && of.as === 'map' && name === 'forEach') return [of.of]
  if (of.k === 'promise' && name === 'then') return [of.of]
  return []
}

export function entryParams(r: Resolver, registration: Registration, arity: number): Params {
  const { entry, lib, receiver } = registration
  const params = entry.paramsWithArity?.[arity] ?? entry.params
  return params.map((each) => r.described(each, lib, 'type', receiver))
}

/** What a framework calls a handler on: `this` in a function that is no arrow. */
export function receiverOf(r: Resolver, file: string, fn: FnId): readonly Value[] {
  const { kind, expr } = r.program.fn(file, fn)
  const isOwn = kind === 'function' || kind === 'method'
  const registration = isOwn && expr !== undefined ? registrationOf(r, file, expr) : undefined
  const of = registration?.entry.receiver
  return registration && of !== undefined ? r.described(of, registration.lib, 'type') : nothing
}
