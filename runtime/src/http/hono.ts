import { enterSignal } from '../ambient.js'
import { requestSignal as ofNode } from './node.js'
import { isNodeRequest, isNodeResponse, type RequestSignalOptions } from './request-signal.js'
import { isWebRequest, webSignalOf } from './web-signal.js'

export type { DeadlineErrorOptions } from '../deadline/error-response.js'
export { deadlineErrors } from '../deadline/hono-errors.js'
export type { RequestSignalOptions } from './request-signal.js'

/**
 * The signal of a hono request: aborts when the client goes away before it has the whole response,
 * and at its deadline. The same signal however often it is asked for.
 *
 * @param context the `c` that the handler was given, however it is typed.
 * @throws {TypeError} when it is not a context of hono.
 */
export function requestSignal(context: object, options?: RequestSignalOptions): AbortSignal {
  const { env, req } = context as {
    env?: { incoming?: unknown; outgoing?: unknown }
    req?: { raw?: unknown }
  }
  // On Node the response tells when it is over, which the request of the Fetch API does not.
  if (isNodeRequest(env?.incoming) && isNodeResponse(env.outgoing)) {
    return ofNode(env.incoming, env.outgoing, options)
  }
  if (!isWebRequest(req?.raw)) {
    throw new TypeError('requestSignal() takes the context that hono gave to the handler')
  }
  return webSignalOf(req.raw, options)
}

/** Middleware that puts the request's signal around everything after it: `app.use(ctxSignal())`. */
export function ctxSignal(
  options?: RequestSignalOptions,
): (context: object, next: () => Promise<void>) => Promise<void> {
  return (context, next) => enterSignal(requestSignal(context, options), next)
}
