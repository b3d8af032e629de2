import {
  isNodeRequest,
  signalOf,
  type NodeRequest,
  type NodeResponse,
  type RequestSignalOptions,
} from './request-signal.js'
import { responseOf } from './response-of.js'
import { surround } from './surround.js'

export type { DeadlineErrorOptions } from '../deadline/error-response.js'
export { deadlineErrors } from '../deadline/express-errors.js'
export type { RequestSignalOptions } from './request-signal.js'

/**
 * The signal of an express request: aborts when the client goes away before it has the whole
 * response, and at its deadline. The same signal however often it is asked for.
 *
 * @param request whatever the handler was given, however it is typed.
 * @throws {TypeError} when it is not a request of express 4 or 5.
 */
export function requestSignal(request: object, options?: RequestSignalOptions): AbortSignal {
  const { request: known, response } = partsOf(request)
  return signalOf(known, response, options)
}

/** Middleware that puts the request's signal around everything after it. */
export function ctxSignal(
  options?: RequestSignalOptions,
): (request: object, response: object, next: () => void) => void {
  return (request, _response, next) => {
    const parts = partsOf(request)
    surround(parts.request, signalOf(parts.request, parts.response, options), next)
  }
}

function partsOf(request: object): { request: NodeRequest; response: NodeResponse } {
  const response = isNodeRequest(request) ? responseOf(request) : undefined
  if (!isNodeRequest(request) || response === undefined) {
    throw new TypeError('requestSignal() takes the request that express gave to the handler')
  }
  return { request, response }
}
