import type { RequestSignalOptions } from './request.js'

export { requestSignal, type RequestSignalOptions } from './request.js'
export declare function withRequestSignal<Request extends object, Rest extends unknown[], Result>(
  handler: (request: Request, ...rest: Rest) => Result,
  options?: RequestSignalOptions,
): (request: Request, ...rest: Rest) => Result
