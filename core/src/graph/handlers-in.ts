import type { Entry } from '../catalog/types.js'
import type { ExprId } from '../facts/types.js'
import { libraryCall } from '../resolve/calls.js'
import type { Resolver } from '../resolve/resolver.js'
import type { Value } from '../resolve/values.js'
import { definitionsOf } from '../resolve/definitions.js'
import type { FnRef } from './model.js'
import { surrounds } from './surround.js'

/** Functions behind an argument: itself, elements of an array, what a wrapper was given, a key of an options object. */
export function handlersIn(
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
      // `server.route(users.concat(posts))`
      if (callee.k === 'member' && callee.name === 'concat')
        return [callee.object, ...expr.args].flatMap((each) =>
          handlersIn(r, file, each, entry, depth + 1),
        )
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
      const found = bound || wrapped.length === 0 ? own : wrapped
      // `middy(handler).use(…)`
      return found.length === 0 && callee.k === 'member' && isCall(r, file, callee.object)
        ? handlersIn(r, file, callee.object, entry, depth + 1)
        : found
    }
    default: {
      const made = definitionsOf(r, { file, expr: id }).filter(
        (each) => r.program.expr(each.file, each.expr).k === 'call',
      )
      if (made.length > 0)
        return made.flatMap((each) => handlersIn(r, each.file, each.expr, entry, depth + 1))
      const values = r.expr(file, id)
      const elements = values.flatMap((each) => (each.k === 'array' ? each.of : []))
      // `routes.forEach((route) => app.route(route))`
      const inOptions = [...values, ...elements].flatMap((each) =>
        each.k === 'obj' ? handlersIn(r, each.file, each.expr, entry, depth + 1) : [],
      )
      return [...functionsOf(r, values), ...functionsOf(r, elements), ...inOptions]
    }
  }
}

function isCall(r: Resolver, file: string, id: ExprId): boolean {
  return r.program.expr(file, id).k === 'call'
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
