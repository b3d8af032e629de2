import { enterSignal, isSignal } from '../ambient.js'
import { requestSignal as ofFastify } from './fastify.js'
import { requestSignal as ofNode } from './node.js'
import { isNodeRequest, type RequestSignalOptions } from './request-signal.js'
import { unboundSignal } from './unbound-signal.js'
import { isWebRequest, webSignalOf } from './web-signal.js'

export type { RequestSignalOptions } from './request-signal.js'

/**
 * The signal of a call to tRPC: aborts when the client goes away, and at its deadline. All calls of one
 * batch have the same. A caller made without a signal (`createCaller(context)`) gets the surrounding
 * one, where there is one, with a deadline.
 *
 * @param call what a procedure or a middleware was given, or its `signal`; in `createContext` what that
 *   was given, or its `req`.
 * @throws {TypeError} when it is none of these.
 */
export function requestSignal(
  call: object | undefined,
  options?: RequestSignalOptions,
): AbortSignal {
  if (call === undefined) return unboundSignal(options)
  if (isSignal(call)) return webSignalOf({ signal: call }, options, call)
  if (isNodeRequest(call)) return ofNode(call, options)
  if (isWebRequest(call)) return webSignalOf(call, options, call.signal)
  const { req, raw, signal } = call as { req?: unknown; raw?: unknown; signal?: unknown }
  if (isNodeRequest(raw)) return ofFastify(call, options)
  if (typeof req === 'object' && req !== null) return requestSignal(req, options)
  if (signal !== undefined || !('ctx' in call)) {
    throw new TypeError('requestSignal() takes what tRPC gave to the procedure, or its signal')
  }
  return unboundSignal(options)
}

/**
 * `createContext` with its request's signal around it, as it runs before the procedures and their
 * middleware: `createHTTPServer({ router, createContext: withRequestSignal(createContext) })`.
 */
export function withRequestSignal<Options extends object, Result>(
  createContext: (options: Options) => Result,
  options?: RequestSignalOptions,
): (options: Options) => Result {
  return (parts) => enterSignal(requestSignal(parts, options), () => createContext(parts))
}

/** What a middleware of tRPC is given, as far as it matters here. */
interface MiddlewareCall<Result> {
  readonly type: string
  readonly signal?: AbortSignal | undefined
  readonly next: () => Promise<Result>
}

/**
 * Middleware that puts the call's signal around everything after it: `t.procedure.use(ctxSignal())`.
 * A subscription lasts as long as its client wants it, so that it has no deadline.
 */
export function ctxSignal(
  options?: RequestSignalOptions,
): <Result>(call: MiddlewareCall<Result>) => Promise<Result> {
  return async (call) => {
    if (call.type !== 'subscription') {
      return await enterSignal(requestSignal({ ctx: undefined, ...call }, options), call.next)
    }
    const { signal } = call
    if (signal === undefined) return await call.next()
    const result = await enterSignal(signal, call.next)
    return boundTo(signal, result)
  }
}

/** What a generator does, it does when its next value is asked for, which is outside of the middleware. */
function boundTo<Result>(signal: AbortSignal, result: Result): Result {
  const { data } = result as { data?: unknown }
  if (!isAsyncIterable(data)) return result
  const bound: AsyncIterable<unknown> = {
    [Symbol.asyncIterator]: () => {
      const iterator = data[Symbol.asyncIterator]()
      const inside = <T>(fn: () => T): T => enterSignal(signal, fn)
      return {
        next: (...value) => inside(() => iterator.next(...value)),
        return: async (value) =>
          (await inside(() => iterator.return?.(value))) ?? { done: true, value: undefined },
      }
    },
  }
  return { ...result, data: bound }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
