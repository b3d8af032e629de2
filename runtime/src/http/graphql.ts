import { enterSignal } from '../ambient.js'
import { signalFrom } from './find-request.js'
import type { RequestSignalOptions } from './request-signal.js'
import { followRequests } from './served-request.js'

export type { RequestSignalOptions } from './request-signal.js'

followRequests()

/**
 * The signal of the request that a resolver runs for, whatever the server: aborts when the client goes away,
 * and at its deadline. It is found by the request in the resolver's context (`req`, `request`), or as
 * that which is being answered over node:http since this module was loaded; where neither tells, it has
 * a deadline alone.
 *
 * @param context the third argument of a resolver; may be left out.
 */
export function requestSignal(context?: unknown, options?: RequestSignalOptions): AbortSignal {
  return signalFrom(context, options)
}

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown

/**
 * Resolvers that run with their request's signal around them, so that their queries need not be given one:
 * of a map of types and fields, of several maps, of an executable schema (which is changed in place), or
 * one alone. What `subscribe` gives lasts as long as its client, and stays as it is.
 */
export function withRequestSignal<Resolvers>(
  resolvers: Resolvers,
  options?: RequestSignalOptions,
): Resolvers {
  if (typeof resolvers === 'function') {
    return surrounded(resolvers as unknown as AnyFunction, options) as Resolvers
  }
  if (isSchema(resolvers)) {
    surroundSchema(resolvers, options)
    return resolvers
  }
  return surroundedMap(resolvers, options, 0) as Resolvers
}

function surrounded(resolve: AnyFunction, options: RequestSignalOptions | undefined): AnyFunction {
  return function (this: unknown, ...args) {
    // `info` is last, and the context before it; a plugin of Pothos puts a query first.
    const context = args.at(-2)
    return enterSignal(signalFrom(context, options), () => resolve.apply(this, args))
  }
}

/** Maps are arrays and plain objects; scalars and enums are instances of classes, and stay. */
function surroundedMap(
  value: unknown,
  options: RequestSignalOptions | undefined,
  depth: number,
): unknown {
  if (typeof value === 'function') return surrounded(value as AnyFunction, options)
  if (Array.isArray(value)) return value.map((each) => surroundedMap(each, options, depth))
  if (!isPlain(value) || depth > 2) return value
  const isField = depth === 2
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      isField && key !== 'resolve' ? each : surroundedMap(each, options, depth + 1),
    ]),
  )
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** The part of graphql-js that matters here. */
interface Schema {
  getTypeMap(): Record<string, { name: string; getFields?: () => Record<string, Field> }>
}

interface Field {
  resolve?: AnyFunction | undefined
}

function isSchema(value: unknown): value is Schema {
  return typeof (value as Partial<Schema> | null)?.getTypeMap === 'function'
}

function surroundSchema(schema: Schema, options: RequestSignalOptions | undefined): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields?.() ?? {})) {
      if (field.resolve !== undefined) field.resolve = surrounded(field.resolve, options)
    }
  }
}
