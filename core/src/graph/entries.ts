import { entityOf } from '../catalog/index.js'
import { fastifyRequestHooks } from '../catalog/fastify.js'
import type { Entry, Library } from '../catalog/types.js'
import type { CallSite, ExprId } from '../facts/types.js'
import { libraryCall } from '../resolve/calls.js'
import { contextTypes } from '../resolve/context.js'
import type { Resolver } from '../resolve/resolver.js'
import type { Value } from '../resolve/values.js'
import { decoratedEntry } from './decorated.js'
import { definitionsOf } from './definitions.js'
import { entryPoint, titleOf, withMethod } from './entry-point.js'
import { fnKey, type EntryPoint, type FnKey, type FnRef } from './model.js'
import { requestOf } from './request.js'
import { surrounds } from './surround.js'

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
    if (!known || isNearer(entry, known)) found.set(key, entry)
  }
  for (const file of files) for (const entry of entriesIn(r, file)) add(entry)
  return found
}

/** A registration says more than a type, and a framework more than the runtime's wrapper around its handler. */
function isNearer(entry: EntryPoint, known: EntryPoint): boolean {
  if (entry.library === '@ctx-fix/runtime') return false
  return known.library === '@ctx-fix/runtime' || (!known.registered && entry.registered)
}

function entriesIn(r: Resolver, file: string): readonly EntryPoint[] {
  const { calls, functions } = r.program.facts(file)
  return [
    ...calls.flatMap((site) => registered(r, file, site)),
    ...functions.flatMap((fn) => decoratedEntry(r, { file, fn: fn.id }) ?? []),
    ...functions.flatMap((fn) => typedEntry(r, { file, fn: fn.id }) ?? []),
  ]
}

function registered(r: Resolver, file: string, site: CallSite): readonly EntryPoint[] {
  const call = r.program.expr(file, site.expr)
  if (call.k !== 'call') return []
  const callee = r.program.expr(file, call.callee)
  const name = callee.k === 'member' || callee.k === 'id' ? callee.name : undefined
  if (name === undefined || !isGated(r, name)) return []
  return r.expr(file, call.callee).flatMap((value): EntryPoint[] => {
    const described = libraryCall(value)
    if (value.k !== 'lib' && value.k !== 'libmember') return []
    if (value.lib.name === 'fastify' && name === 'addHook')
      return hookEntries(r, file, call.args, value.lib)
    const declared = described?.member.entry
    if (!declared || !isForEvent(r, file, call.args, declared)) return []
    const entry = withMethod(r, file, call.args, declared)
    const title = titleOf(r, file, call.args, entry, name)
    return call.args
      .slice(entry.from)
      .flatMap((arg) =>
        handlersIn(r, file, arg, entry).map((ref) =>
          entryPoint(r, ref, entry, value.lib, title, true),
        ),
      )
  })
}

function isGated(r: Resolver, name: string): boolean {
  return r.catalog.gate.has(name) || name === 'addHook'
}

function isForEvent(r: Resolver, file: string, args: readonly ExprId[], entry: Entry): boolean {
  if (entry.event === undefined) return true
  const event = args[0] === undefined ? undefined : r.program.expr(file, args[0])
  return event?.k === 'str' && event.value === entry.event
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

/** Functions behind an argument: itself, elements of an array, what a wrapper was given, a key of an options object. */
function handlersIn(
  r: Resolver,
  file: string,
  id: ExprId,
  entry: Entry,
  depth = 0,
): readonly FnRef[] {
  if (depth > 5) return []
  const expr = r.program.expr(file, id)
  switch (expr.k) {
    case 'arr':
      return expr.of.flatMap((each) => handlersIn(r, file, each, entry, depth + 1))
    case 'spread':
      return handlersIn(r, file, expr.of, entry, depth + 1)
    case 'as':
    case 'nonnull':
      return handlersIn(r, file, expr.of, entry, depth + 1)
    case 'either':
      return expr.of.slice(0, 2).flatMap((each) => handlersIn(r, file, each, entry, depth + 1))
    case 'obj':
      return expr.props
        .filter(
          (each) => each.name !== undefined && entry.handlerKeys?.includes(each.name) === true,
        )
        .flatMap((each) => handlersIn(r, file, each.value, entry, depth + 1))
    case 'call': {
      const [given] = expr.args
      if (given !== undefined && surrounds(r, file, expr.callee))
        return handlersIn(r, file, given, entry, depth + 1)
      if (r.expr(file, expr.callee).some((each) => libraryCall(each) !== undefined)) return []
      const callee = r.program.expr(file, expr.callee)
      const bound = callee.k === 'member' && callee.name === 'bind'
      const own = [
        ...functionsOf(r, r.expr(file, id)),
        ...returnedHandlers(r, file, expr.callee, entry, depth),
      ]
      const wrapped = expr.args.flatMap((arg, index) =>
        mayTakeHandler(r, file, expr.callee, index, entry)
          ? wrappedHandlers(r, file, arg, entry, depth + 1)
          : [],
      )
      // What a wrapper returns calls what it was given: the latter is the handler.
      return bound || wrapped.length === 0 ? own : wrapped
    }
    default: {
      const made = definitionsOf(r, { file, expr: id }).filter(
        (each) => r.program.expr(each.file, each.expr).k === 'call',
      )
      if (made.length > 0)
        return made.flatMap((each) => handlersIn(r, each.file, each.expr, entry, depth + 1))
      const values = r.expr(file, id)
      const arrays = values.flatMap((each) => (each.k === 'array' ? functionsOf(r, each.of) : []))
      return [...functionsOf(r, values), ...arrays]
    }
  }
}

/** Whether a wrapper may call its argument with the request; of own functions that can be seen. */
function mayTakeHandler(
  r: Resolver,
  file: string,
  callee: ExprId,
  index: number,
  entry: Entry,
): boolean {
  const wrappers = r.expr(file, callee).flatMap((each) => (each.k === 'fn' ? [each] : []))
  return wrappers.length === 0 || wrappers.some((each) => givesRequest(r, each, index, entry))
}

/** The wrapper hands its parameter on, or calls it with what is the request of a function inside. */
function givesRequest(r: Resolver, wrapper: FnRef, index: number, entry: Entry): boolean {
  const { file, fn } = wrapper
  const { params } = r.program.fn(file, fn)
  const name = params[index]?.name
  if (name === undefined || params[index]?.rest === true) return true
  const isOwn = (id: ExprId): boolean => {
    const expr = r.program.expr(file, id)
    if (expr.k !== 'id' || expr.name !== name) return false
    return r.program.lookUp(file, name, expr.scope)?.param?.fn === fn
  }
  const isRequest = (id: ExprId): boolean => {
    const expr = r.program.expr(file, id)
    if (expr.k === 'spread' || expr.k !== 'id') return expr.k === 'spread'
    const param = r.program.lookUp(file, expr.name, expr.scope)?.param
    return param !== undefined && param.fn !== fn && param.index <= entry.request + 1
  }
  return r
    .index(file)
    .callsBelow(fn)
    .some((site) => {
      const call = r.program.expr(file, site.expr)
      if (call.k !== 'call') return false
      const called = r.program.expr(file, call.callee)
      if (called.k === 'member' && isOwn(called.object)) return true
      return isOwn(call.callee) ? call.args.some(isRequest) : call.args.some(isOwn)
    })
}

/** `requireKey(pool)` registers the function that `requireKey` returns. */
function returnedHandlers(
  r: Resolver,
  file: string,
  callee: ExprId,
  entry: Entry,
  depth: number,
): readonly FnRef[] {
  return r.expr(file, callee).flatMap((value) => {
    if (value.k !== 'fn') return []
    const { returns } = r.program.fn(value.file, value.fn)
    return returns.flatMap((each) => handlersIn(r, value.file, each, entry, depth + 1))
  })
}

/** A function given to a wrapper in a handler's place is a handler when it could take a request. */
function wrappedHandlers(
  r: Resolver,
  file: string,
  id: ExprId,
  entry: Entry,
  depth: number,
): readonly FnRef[] {
  const { k } = r.program.expr(file, id)
  if (k === 'obj' || k === 'str') return []
  return handlersIn(r, file, id, entry, depth)
}

function functionsOf(r: Resolver, values: readonly Value[]): FnRef[] {
  return values.flatMap((value): FnRef[] => {
    if (value.k === 'fn')
      return r.program.fn(value.file, value.fn).hasBody ? [{ file: value.file, fn: value.fn }] : []
    if (value.k === 'builtin' && value.name === 'bind') return functionsOf(r, [value.of])
    return []
  })
}

function typedEntry(r: Resolver, ref: FnRef): EntryPoint | undefined {
  const fn = r.program.fn(ref.file, ref.fn)
  if (!fn.hasBody || fn.kind === 'constructor' || fn.kind === 'module') return undefined
  for (const value of contextTypes(r, ref.file, ref.fn)) {
    const handler = value.k === 'lib' ? entityOf(value.lib, value.entity)?.handler : undefined
    if (handler && value.k === 'lib') return entryPoint(r, ref, handler, value.lib, fn.name, false)
  }
  return handlerByParams(r, ref) ?? handedEntry(r, ref) ?? webHandler(r, ref)
}

/** `createContext({ req }: CreateExpressContextOptions)`: what only a framework hands to a function. */
function handedEntry(r: Resolver, ref: FnRef): EntryPoint | undefined {
  const { params, name } = r.program.fn(ref.file, ref.fn)
  for (let index = 0; index < params.length; index += 1) {
    const given = paramLibrary(r, ref, index)
    const offset = given && entityOf(given.lib, given.entity)?.handedWith
    if (!given || offset === undefined) continue
    const request = index + offset
    const entry: Entry = { from: 0, request, params: [] }
    const described = offset === 0 ? { ...entry, params: paramsUpTo(index, given.entity) } : entry
    return entryPoint(r, ref, described, given.lib, name, false)
  }
  return undefined
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
