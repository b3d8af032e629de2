import { enterSignal } from '../ambient.js'
import {
  isNodeResponse,
  signalOf,
  type NodeRequest,
  type RequestSignalOptions,
} from './request-signal.js'

export type { RequestSignalOptions } from './request-signal.js'

/**
 * The signal of a hapi request: aborts when the client goes away before it has the whole response,
 * and at its deadline. The same signal however often it is asked for.
 *
 * @param request what the handler was given, however it is typed.
 * @throws {TypeError} when it is not a request of hapi.
 */
export function requestSignal(request: object, options?: RequestSignalOptions): AbortSignal {
  const { raw } = request as { raw?: { req?: unknown; res?: unknown } }
  if (!isRequest(raw?.req) || !isNodeResponse(raw.res)) {
    throw new TypeError('requestSignal() takes the request that hapi gave to the handler')
  }
  return signalOf(raw.req, raw.res, options)
}

/** Also of `server.inject()`, which is a stream with little of what Node's request says. */
function isRequest(value: unknown): value is NodeRequest {
  return typeof value === 'object' && value !== null && 'headers' in value
}

/**
 * `handler` with its request's signal around it, so that its queries need not be given one. Extension points
 * of hapi cannot surround what comes after them: `server.route({ handler: withRequestSignal(handler), … })`.
 */
export function withRequestSignal<This, Request extends object, Rest extends unknown[], Result>(
  handler: (this: This, request: Request, ...rest: Rest) => Result,
  options?: RequestSignalOptions,
): (this: This, request: Request, ...rest: Rest) => Result {
  return function (request, ...rest) {
    return enterSignal(requestSignal(request, options), () => handler.call(this, request, ...rest))
  }
}
