import type { RequestSignalOptions } from './request.js'

export { requestSignal, type RequestSignalOptions } from './request.js'
export declare function withRequestSignal<
  This,
  Request extends object,
  Rest extends unknown[],
  Result,
>(
  handler: (this: This, request: Request, ...rest: Rest) => Result,
  options?: RequestSignalOptions,
): (this: This, request: Request, ...rest: Rest) => Result
