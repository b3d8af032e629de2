import { enterSignal } from '../ambient.js'
import { signalFrom } from './find-request.js'
import { isNodeResponse, type RequestSignalOptions } from './request-signal.js'
import { followRequests } from './served-request.js'

export type { RequestSignalOptions } from './request-signal.js'

followRequests()

/**
 * The signal of a request under Next.js: aborts when the client goes away, and at its deadline. It is had
 * from the request of a route handler, from request and response of the pages API, from the context of
 * getServerSideProps; a server action or a component has none of these, and its request is the one that is
 * being answered over node:http since this module was loaded. Load it in `instrumentation.ts`, so that
 * this is every one; a request that is not known so has a deadline alone.
 */
export function requestSignal(
  request?: object,
  response?: object,
  options?: RequestSignalOptions,
): AbortSignal {
  const parts = isNodeResponse(response) ? { req: request, res: response } : request
  return signalFrom(parts, options)
}

/**
 * `handler` with its request's signal around it, so that its queries need not be given one: a route
 * handler, a handler of the pages API, a server action or a component.
 */
export function withRequestSignal<Args extends unknown[], Result>(
  handler: (...args: Args) => Result,
  options?: RequestSignalOptions,
): (...args: Args) => Result {
  return (...args) => {
    const [request, response] = args as readonly (object | undefined)[]
    return enterSignal(requestSignal(request, response, options), () => handler(...args))
  }
}
