import { enterSignal } from '../ambient.js'
import type { RequestSignalOptions } from './request-signal.js'
import { isWebRequest, webSignalOf } from './web-signal.js'

export type { RequestSignalOptions } from './request-signal.js'

/**
 * The signal of a request of the Fetch API, as route handlers of Next.js, loaders of React Router and
 * others are given: aborts when the client goes away, and at its deadline. The same signal however
 * often it is asked for.
 *
 * @throws {TypeError} when it is no such request.
 */
export function requestSignal(request: object, options?: RequestSignalOptions): AbortSignal {
  if (!isWebRequest(request)) {
    throw new TypeError('requestSignal() takes a Request, as the Fetch API has it')
  }
  return webSignalOf(request, options)
}

/**
 * `handler` with its request's signal around it, so that its queries need not be given one. For
 * frameworks without middleware: `export const GET = withRequestSignal((request) => …)`.
 */
export function withRequestSignal<Request extends object, Rest extends unknown[], Result>(
  handler: (request: Request, ...rest: Rest) => Result,
  options?: RequestSignalOptions,
): (request: Request, ...rest: Rest) => Result {
  return (request, ...rest) =>
    enterSignal(requestSignal(request, options), () => handler(request, ...rest))
}
