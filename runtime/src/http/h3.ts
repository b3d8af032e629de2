import { enterSignal } from '../ambient.js'
import { requestSignal as ofNode } from './node.js'
import { isNodeRequest, isNodeResponse, type RequestSignalOptions } from './request-signal.js'
import { isWebRequest, webSignalOf } from './web-signal.js'

export type { RequestSignalOptions } from './request-signal.js'

/** Where Node's request and response are: of h3 1, and of h3 2. */
interface Event {
  readonly node?: { req?: unknown; res?: unknown }
  readonly runtime?: { node?: { req?: unknown; res?: unknown } }
  readonly req?: unknown
}

/**
 * The signal of a request under h3 (and nitro): aborts when the client goes away before it has the
 * whole response, and at its deadline. The same signal however often it is asked for.
 *
 * @param event what the handler was given, however it is typed.
 * @throws {TypeError} when it is not an event of h3.
 */
export function requestSignal(event: object, options?: RequestSignalOptions): AbortSignal {
  const { node, runtime, req } = event as Event
  // On Node the response tells when it is over, which the request of the Fetch API does not.
  const { req: request, res: response } = runtime?.node ?? node ?? {}
  if (isNodeRequest(request) && isNodeResponse(response)) return ofNode(request, response, options)
  if (!isWebRequest(req)) {
    throw new TypeError('requestSignal() takes the event that h3 gave to the handler')
  }
  return webSignalOf(req, options)
}

/**
 * `handler` with its request's signal around it, where there is no application to put it around, as in
 * h3 1 and in nitro: `defineEventHandler(withRequestSignal(async (event) => …))`.
 */
export function withRequestSignal<Event extends object, Result>(
  handler: (event: Event) => Result,
  options?: RequestSignalOptions,
): (event: Event) => Result {
  return (event) => enterSignal(requestSignal(event, options), () => handler(event))
}

/** Middleware of h3 2 that puts the request's signal around everything after it: `app.use(ctxSignal())`. */
export function ctxSignal(
  options?: RequestSignalOptions,
): (event: object, next: () => unknown) => unknown {
  return (event, next) => enterSignal(requestSignal(event, options), next)
}
