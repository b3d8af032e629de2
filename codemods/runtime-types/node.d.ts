import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestSignalOptions } from './request.js'

export { requestSignal, type RequestSignalOptions } from './request.js'
export declare function withRequestSignal<
  Request extends object = IncomingMessage,
  Response extends object = ServerResponse,
>(
  handler: (request: Request, response: Response) => void,
  options?: RequestSignalOptions,
): (request: Request, response: Response) => void
