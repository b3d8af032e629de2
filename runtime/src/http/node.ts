import type { IncomingMessage, ServerResponse } from 'node:http'
import { enterSignal } from '../ambient.js'
import {
  isNodeRequest,
  isHttp2Stream,
  isNodeResponse,
  signalOf,
  type Http2Stream,
  type RequestSignalOptions,
} from './request-signal.js'
import { rememberResponses, responseOf } from './response-of.js'

export type { RequestSignalOptions } from './request-signal.js'

rememberResponses()

/**
 * The signal of a `node:http` request, one of the compatibility API of `node:http2`, or a stream of its core
 * API: aborts when the client goes away before it has the whole response, and at its deadline. The same signal however often it is asked for.
 *
 * @param request whatever the handler was given, however it is typed. Of a stream the headers may follow, in
 *   which the deadline is looked for that the caller sends.
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
  if (isHttp2Stream(request)) return ofStream(request, second, third)
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

function ofStream(
  stream: Http2Stream,
  second: object | undefined,
  third: RequestSignalOptions | undefined,
): AbortSignal {
  const headers = second !== undefined && ':method' in second ? second : undefined
  return signalOf(stream, stream, headers === undefined ? second : third, headers)
}

/**
 * Runs `handler` with the request's signal around it, so that its queries need not be given one. The defaults
 * are for `createServer` of `node:http`, which takes the types of its listener's parameters from elsewhere.
 */
export function withRequestSignal<
  Request extends object = IncomingMessage,
  Response extends object = ServerResponse,
  Result = void,
  Rest extends unknown[] = [],
>(
  handler: (request: Request, response: Response, ...rest: Rest) => Result,
  options?: RequestSignalOptions,
): (request: Request, response: Response, ...rest: Rest) => Result {
  return (request, response, ...rest) =>
    enterSignal(requestSignal(request, response, options), () =>
      handler(request, response, ...rest),
    )
}
