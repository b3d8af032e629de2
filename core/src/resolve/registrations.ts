import type { Entry, Library } from '../catalog/types.js'
import type { ExprId } from '../facts/types.js'
import { libraryCall, type CallExpr } from './calls.js'
import type { Resolver } from './resolver.js'
import type { Value } from './values.js'

export interface Registration {
  readonly entry: Entry
  readonly lib: Library
  /** What the registering member belongs to. */
  readonly receiver?: Value | undefined
  /** The registering call. */
  readonly call?: ExprId
}

/**
 * The call that registers an expression with a framework: directly, in an array, in a wrapper
 * (`asyncHandler(fn)`), or as the handler key of an options object.
 */
export function registrationOf(
  r: Resolver,
  file: string,
  expr: ExprId,
  depth = 0,
): Registration | undefined {
  if (depth > 4) return undefined
  const index = r.index(file)
  const property = index.propertyOf(expr)
  if (property) return optionRegistration(r, file, property)
  const array = index.elementOf(expr)
  if (array !== undefined) return registrationOf(r, file, array, depth + 1)
  const place = index.argumentOf(expr)
  if (!place) return undefined
  const call = r.program.expr(file, place.call)
  if (call.k !== 'call' && call.k !== 'new') return undefined
  const direct = entryOfCall(r, file, call)
  const isHandler =
    direct &&
    direct.entry.onlyKeys !== true &&
    place.index >= direct.entry.from &&
    isForEvent(r, file, call.args, direct.entry)
  if (isHandler) return { ...direct, call: place.call }
  if (direct) return undefined
  // `asyncHandler(fn)`, `ctrl.list.bind(ctrl)`: what is registered is what the wrapper gives.
  return wrapsHandler(r, file, call.callee)
    ? registrationOf(r, file, place.call, depth + 1)
    : undefined
}

/** A library member that is no entry point calls its callback in its own way; all else may be a wrapper. */
function wrapsHandler(r: Resolver, file: string, callee: ExprId): boolean {
  return !r.expr(file, callee).some((each) => libraryCall(each) !== undefined)
}

export function entryOfCall(
  r: Resolver,
  file: string,
  call: Pick<CallExpr, 'k' | 'callee'>,
): Registration | undefined {
  for (const value of r.expr(file, call.callee)) {
    const described = libraryCall(value, call.k)
    if (value.k !== 'lib' && value.k !== 'libmember' && value.k !== 'libclass') continue
    if (described?.member.entry)
      return {
        entry: described.member.entry,
        lib: value.lib,
        receiver: value.k === 'libmember' ? value.receiver : undefined,
      }
  }
  return undefined
}

/** Whether a registering call is for one of the events that its entry is about, where there are such. */
export function isForEvent(
  r: Resolver,
  file: string,
  args: readonly ExprId[],
  { events }: Entry,
): boolean {
  if (events === undefined) return true
  const event = args[0] === undefined ? undefined : r.program.expr(file, args[0])
  return event?.k === 'str' && events.includes(event.value)
}

/** `route({ handler })`; also in a list, and under other keys: `route([{ options: { handler } }])`. */
function optionRegistration(
  r: Resolver,
  file: string,
  { object, name }: { object: ExprId; name: string },
  depth = 0,
): Registration | undefined {
  if (depth > 4) return undefined
  const found = registrationOfOptions(r, file, object, depth)
  return found?.entry.handlerKeys?.includes(name) === true ? found : undefined
}

function registrationOfOptions(
  r: Resolver,
  file: string,
  id: ExprId,
  depth: number,
): Registration | undefined {
  const index = r.index(file)
  const property = index.propertyOf(id)
  if (property) return optionRegistration(r, file, property, depth + 1)
  const array = index.elementOf(id)
  if (array !== undefined) return registrationOfOptions(r, file, array, depth + 1)
  const place = index.argumentOf(id)
  const call = place && r.program.expr(file, place.call)
  if (call?.k !== 'call' && call?.k !== 'new') return undefined
  const found = entryOfCall(r, file, call)
  return found && place && { ...found, call: place.call }
}
