import { enterSignal } from '../ambient.js'
import type { RequestSignalOptions } from './request-signal.js'
import { followRequests } from './served-request.js'
import { isWebRequest, webSignalOf } from './web-signal.js'

export type { RequestSignalOptions } from './request-signal.js'

followRequests()

/**
 * The signal of a request of the Fetch API, as route handlers of Next.js are given, or of what holds one as
 * `request`, as loaders of React Router and endpoints of SvelteKit and Astro are given: aborts when the client goes away, and at its deadline. The same signal however
 * often it is asked for.
 *
 * @throws {TypeError} when it is neither.
 */
export function requestSignal(request: object, options?: RequestSignalOptions): AbortSignal {
  const { request: held } = request as { request?: unknown }
  const known = isWebRequest(held) ? held : request
  if (!isWebRequest(known)) {
    throw new TypeError('requestSignal() takes a Request of the Fetch API, or what holds one')
  }
  return webSignalOf(known, options)
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
