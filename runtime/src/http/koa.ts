import { requestSignal as ofNode } from './node.js'
import { isNodeRequest, isNodeResponse, type RequestSignalOptions } from './request-signal.js'
import type { NodeRequest, NodeResponse } from './request-signal.js'
import { surround } from './surround.js'

export type { DeadlineErrorOptions } from '../deadline/error-response.js'
export { deadlineErrors } from '../deadline/koa-errors.js'
export type { RequestSignalOptions } from './request-signal.js'

/**
 * The signal of a koa request: aborts when the client goes away before it has the whole response,
 * and at its deadline. The same signal however often it is asked for.
 *
 * @param context the `ctx` that the middleware was given, however it is typed; its `request` too.
 * @throws {TypeError} when it is not a context of koa.
 */
export function requestSignal(context: object, options?: RequestSignalOptions): AbortSignal {
  const { req, res } = partsOf(context)
  return ofNode(req, res, options)
}

/** Middleware that puts the request's signal around everything after it: `app.use(ctxSignal())`. */
export function ctxSignal(
  options?: RequestSignalOptions,
): (context: object, next: () => Promise<void>) => Promise<void> {
  return (context, next) => {
    const { req, res } = partsOf(context)
    return surround(req, ofNode(req, res, options), next)
  }
}

function partsOf(context: object): { req: NodeRequest; res: NodeResponse } {
  const { req, res } = context as { req?: unknown; res?: unknown }
  if (!isNodeRequest(req) || !isNodeResponse(res)) {
    throw new TypeError('requestSignal() takes the context that koa gave to the middleware')
  }
  return { req, res }
}
