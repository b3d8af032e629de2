import type { IncomingMessage, ServerResponse } from 'node:http'
import { enterSignal } from '../ambient.js'
import {
  isNodeRequest,
  isNodeResponse,
  signalOf,
  type RequestSignalOptions,
} from './request-signal.js'
import { rememberResponses, responseOf } from './response-of.js'

export type { RequestSignalOptions } from './request-signal.js'

rememberResponses()

/**
 * The signal of a `node:http` request, or one of the compatibility API of `node:http2`: aborts when the client goes away before it has the whole
 * response, and at its deadline. The same signal however often it is asked for.
 *
 * @param request whatever the handler was given, however it is typed.
 * @param response may be left out for requests that arrived after this module was loaded.
 * @throws {TypeError} when `request` is not Node's, or its response is unknown.
 */
export function requestSignal(request: object, options?: RequestSignalOptions): AbortSignal
export function requestSignal(
  request: object,
  response: object,
  options?: RequestSignalOptions,
): AbortSignal
export function requestSignal(
  request: object,
  second?: object,
  third?: RequestSignalOptions,
): AbortSignal {
  if (!isNodeRequest(request)) {
    throw new TypeError('requestSignal() takes the request that node:http gave to the handler')
  }
  const given = isNodeResponse(second) ? second : undefined
  const response = given ?? responseOf(request)
  if (response === undefined) {
    throw new TypeError(
      'requestSignal() does not know the response of this request: pass it as second argument',
    )
  }
  return signalOf(request, response, given === undefined ? second : third)
}

/**
 * Runs `handler` with the request's signal around it, so that its queries need not be given one. The defaults
 * are for `createServer` of `node:http`, which takes the types of its listener's parameters from elsewhere.
 */
export function withRequestSignal<
  Request extends object = IncomingMessage,
  Response extends object = ServerResponse,
  Result = void,
>(
  handler: (request: Request, response: Response) => Result,
  options?: RequestSignalOptions,
): (request: Request, response: Response) => Result {
  return (request, response) =>
    enterSignal(requestSignal(request, response, options), () => handler(request, response))
}
