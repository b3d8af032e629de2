import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestSignalOptions } from './request.js'

export { requestSignal, type RequestSignalOptions } from './request.js'
export declare function withRequestSignal<
  Request extends object = IncomingMessage,
  Response extends object = ServerResponse,
  Result = void,
>(
  handler: (request: Request, response: Response) => Result,
  options?: RequestSignalOptions,
): (request: Request, response: Response) => Result
