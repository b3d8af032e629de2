import { entityOf } from '../catalog/index.js'
import { fastifyRequestHooks } from '../catalog/fastify.js'
import type { Entry, Library } from '../catalog/types.js'
import type { CallSite, Expr, ExprId } from '../facts/types.js'
import { libraryCall } from '../resolve/calls.js'
import { contextTypes, overriddenEntry, propertyType } from '../resolve/context.js'
import { isForEvent } from '../resolve/registrations.js'
import type { Resolver } from '../resolve/resolver.js'
import type { Value } from '../resolve/values.js'
import { conventionalEntries, conventionalLibraries } from './conventions.js'
import { decoratedEntry } from './decorated.js'
import { entryPoint, titleOf, withMethod } from './entry-point.js'
import { handlersIn } from './handlers-in.js'
import { fnKey, type EntryPoint, type FnKey, type FnRef } from './model.js'
import { mappedEntries } from './handler-maps.js'
import { requestOf } from './request.js'

const webMethods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])

/**
 * Functions that a framework calls: registered by a call, decorated as a route, typed as a handler, taking
 * the framework's request and response, or exported under the name of an HTTP method and taking a Request.
 */
export function findEntryPoints(
  r: Resolver,
  files: Iterable<string> = r.program.files.keys(),
): Map<FnKey, EntryPoint> {
  const found = new Map<FnKey, EntryPoint>()
  const add = (entry: EntryPoint) => {
    const key = fnKey(entry)
    const known = found.get(key)
    const nearest = !known || isNearer(entry, known) ? entry : known
    const holders = [...(known?.holders ?? []), ...(entry.holders ?? [])]
    const registeredBy = [...(known?.registeredBy ?? []), ...(entry.registeredBy ?? [])]
    found.set(key, {
      ...nearest,
      ...(holders.length > 0 ? { holders } : {}),
      ...(registeredBy.length > 0 ? { registeredBy } : {}),
    })
  }
  const conventional = conventionalLibraries(r)
  for (const file of files) for (const entry of knownEntries(r, file, conventional)) add(entry)
  return found
}

interface Known {
  /** Files that the program had: with more of them, more may be known of a handler. */
  readonly size: number
  readonly entries: readonly EntryPoint[]
}

/** A linter asks the same files again for every file that leads to them. */
const known = new WeakMap<Resolver, Map<string, Known>>()

function knownEntries(
  r: Resolver,
  file: string,
  conventional: readonly Library[],
): readonly EntryPoint[] {
  const byFile = known.get(r) ?? new Map<string, Known>()
  known.set(r, byFile)
  const { size } = r.program.files
  const found = byFile.get(file)
  if (found?.size === size) return found.entries
  const entries = [...entriesIn(r, file), ...conventionalEntries(r, file, conventional)]
  byFile.set(file, { size, entries })
  return entries
}

/** A registration says more than a type, and a framework more than the runtime's wrapper around its handler. */
function isNearer(entry: EntryPoint, known: EntryPoint): boolean {
  if (entry.library === '@ctx-fix/runtime') return false
  return known.library === '@ctx-fix/runtime' || (!known.registered && entry.registered)
}

function entriesIn(r: Resolver, file: string): readonly EntryPoint[] {
  const { calls, functions } = r.program.facts(file)
  return [
    ...calls.flatMap((site) =>
      registered(r, file, site).map((each) => ({ ...each, registeredBy: [{ file, site }] })),
    ),
    ...functions.flatMap((fn) => decoratedEntry(r, { file, fn: fn.id }) ?? []),
    ...functions.flatMap((fn) => typedEntry(r, { file, fn: fn.id }) ?? []),
  ]
}

function registered(r: Resolver, file: string, site: CallSite): readonly EntryPoint[] {
  const call = r.program.expr(file, site.expr)
  if (call.k !== 'call' && call.k !== 'new') return []
  const callee = r.program.expr(file, call.callee)
  const name = callee.k === 'member' || callee.k === 'id' ? callee.name : undefined
  if (name === undefined) return []
  if (!isGated(r, name) && !(callee.k === 'id' && isGatedElsewhere(r, file, callee))) return []
  return r.expr(file, call.callee).flatMap((value): readonly EntryPoint[] => {
    const described = libraryCall(value, call.k)
    if (value.k !== 'lib' && value.k !== 'libmember' && value.k !== 'libclass') return []
    if (value.lib.name === 'fastify' && name === 'addHook')
      return hookEntries(r, file, call.args, value.lib)
    const declared = described?.member.entry
    if (!declared || !isForEvent(r, file, call.args, declared)) return []
    if (declared.mapKeys ?? declared.mapArgument) return mappedEntries(r, file, site.expr)
    return registrations(r, file, call.args, declared).flatMap(({ args, handlers }) => {
      const entry = withMethod(r, file, args, declared)
      const title = titleOf(r, file, args, entry, name)
      return handlers
        .filter((arg) => entry.onlyKeys !== true || !isFunction(r, file, arg))
        .flatMap((arg) => handlersIn(r, file, arg, entry))
        .map((ref) => entryPoint(r, ref, entry, value.lib, title, true))
    })
  })
}

/** What may hold handlers, with what tells of these; of a list of routes each by itself. */
function registrations(
  r: Resolver,
  file: string,
  args: readonly ExprId[],
  { from, pathKey }: Entry,
): readonly { args: readonly ExprId[]; handlers: readonly ExprId[] }[] {
  const handlers = args.slice(from)
  if (pathKey === undefined) return [{ args, handlers }]
  return handlers
    .flatMap((arg) => {
      const expr = r.program.expr(file, arg)
      return expr.k === 'arr' ? expr.of : [arg]
    })
    .map((each) => ({ args: [each], handlers: [each] }))
}

function isFunction(r: Resolver, file: string, id: ExprId): boolean {
  return r.expr(file, id).some((each) => each.k === 'fn')
}

function isGated(r: Resolver, name: string): boolean {
  return r.catalog.gate.has(name) || name === 'addHook'
}

/** `import { Strategy as LocalStrategy }`, `const LocalStrategy = require('passport-local').Strategy`. */
function isGatedElsewhere(r: Resolver, file: string, callee: Expr & { k: 'id' }): boolean {
  const binding = r.program.lookUp(file, callee.name, callee.scope)
  if (!binding) return false
  const step = binding.path.at(-1)
  const init = binding.init === undefined ? undefined : r.program.expr(file, binding.init)
  const names = [
    binding.import?.name,
    step && 'prop' in step ? step.prop : undefined,
    init?.k === 'member' ? init.name : undefined,
  ]
  return names.some((each) => each !== undefined && each !== callee.name && isGated(r, each))
}

function hookEntries(
  r: Resolver,
  file: string,
  args: readonly ExprId[],
  lib: Library,
): EntryPoint[] {
  const [nameArg, handler] = args
  const hook = nameArg === undefined ? undefined : r.program.expr(file, nameArg)
  if (hook?.k !== 'str' || handler === undefined || !fastifyRequestHooks.has(hook.value)) return []
  const entry: Entry = { from: 1, request: 0, params: ['Request', 'Reply'] }
  return handlersIn(r, file, handler, entry).map((ref) =>
    entryPoint(r, ref, entry, lib, `hook ${hook.value}`, true),
  )
}

function typedEntry(r: Resolver, ref: FnRef): EntryPoint | undefined {
  const fn = r.program.fn(ref.file, ref.fn)
  if (!fn.hasBody || fn.kind === 'constructor' || fn.kind === 'module') return undefined
  const declared = fn.expr === undefined ? [] : propertyType(r, ref.file, fn.expr)
  for (const value of [...contextTypes(r, ref.file, ref.fn), ...declared]) {
    const handler = value.k === 'lib' ? entityOf(value.lib, value.entity)?.handler : undefined
    if (handler && value.k === 'lib') return entryPoint(r, ref, handler, value.lib, fn.name, false)
  }
  const overridden = overriddenEntry(r, ref.file, ref.fn)
  if (overridden) return entryPoint(r, ref, overridden.entry, overridden.lib, fn.name, true)
  return handlerByParams(r, ref) ?? handedEntry(r, ref) ?? webHandler(r, ref)
}

/** `createContext({ req }: CreateExpressContextOptions)`: what only a framework hands to a function. */
function handedEntry(r: Resolver, ref: FnRef): EntryPoint | undefined {
  const { params, name } = r.program.fn(ref.file, ref.fn)
  const typed = typedParams(r, ref)
  for (let index = 0; index < Math.max(params.length, typed.length); index += 1) {
    const given = paramLibrary(r, ref, index) ?? typed[index]
    const offset = given && entityOf(given.lib, given.entity)?.handedWith
    if (!given || offset === undefined) continue
    const request = index + offset
    const entry: Entry = { from: 0, request, params: [] }
    const described = offset === 0 ? { ...entry, params: paramsUpTo(index, given.entity) } : entry
    return entryPoint(r, ref, described, given.lib, name, false)
  }
  return undefined
}

/** What the type of the object around it says of a function's parameters: `const Query: QueryResolvers = {…}`. */
function typedParams(r: Resolver, ref: FnRef): readonly ((Value & { k: 'lib' }) | undefined)[] {
  const { expr } = r.program.fn(ref.file, ref.fn)
  if (expr === undefined) return []
  for (const value of propertyType(r, ref.file, expr))
    if (value.k === 'sig')
      return (value.sigs[0]?.params ?? []).map(({ type }) =>
        type === undefined
          ? undefined
          : r.type(value.file, type, value.env).find((each) => each.k === 'lib'),
      )
  return []
}

function paramsUpTo(index: number, entity: string): readonly string[] {
  return [...Array.from({ length: index }, () => 'any'), entity]
}

/** `(req: Request, res: Response) => …`, registered by something that the analysis does not see. */
function handlerByParams(r: Resolver, ref: FnRef): EntryPoint | undefined {
  const { params, name } = r.program.fn(ref.file, ref.fn)
  for (let index = 0; index + 1 < params.length; index += 1) {
    const request = paramLibrary(r, ref, index)
    const response = paramLibrary(r, ref, index + 1)
    if (!request || !response || request.lib !== response.lib) continue
    if (!requestOf([request]) || !/^(?:Server)?Response$|^Reply$/.test(response.entity)) continue
    const entry: Entry = { from: 0, request: index, params: [] }
    return entryPoint(r, ref, entry, request.lib, name, false)
  }
  return undefined
}

function paramLibrary(r: Resolver, ref: FnRef, index: number): (Value & { k: 'lib' }) | undefined {
  const type = r.program.fn(ref.file, ref.fn).params[index]?.type
  if (type === undefined) return undefined
  return r.type(ref.file, type).find((each) => each.k === 'lib')
}

/** Other frameworks export functions of the same names that take an event or a context: `+server.ts` of SvelteKit. */
function takesRequest(r: Resolver, ref: FnRef): boolean {
  const { params, contextType } = r.program.fn(ref.file, ref.fn)
  const [first] = params
  if (contextType !== undefined || /\/\+server\.[jt]s$/.test(ref.file)) return false
  if (!first) return true
  const request = paramLibrary(r, ref, 0)
  if (request) return requestOf([request]) !== undefined
  if (first.type === undefined) return /^_?req(?:uest)?$/.test(first.name ?? '')
  const type = r.program.type(ref.file, first.type)
  return type.k === 'ref' && type.name.at(-1)?.endsWith('Request') === true
}

/** `export async function GET(request: Request)`, as Next.js and others call it. */
function webHandler(r: Resolver, ref: FnRef): EntryPoint | undefined {
  const fn = r.program.fn(ref.file, ref.fn)
  if (!webMethods.has(fn.name) || fn.parent !== 0) return undefined
  if (!takesRequest(r, ref)) return undefined
  const web = r.catalog.byName('web')
  if (!web || !r.program.facts(ref.file).exports.some((each) => each.name === fn.name))
    return undefined
  return {
    ...entryPoint(r, ref, { from: 0, request: 0, params: [] }, web, fn.name, true),
    method: fn.name,
  }
}
