import type { RequestSignalOptions } from './request.js'

export { requestSignal, type RequestSignalOptions } from './request.js'
export declare function ctxSignal(
  options?: RequestSignalOptions,
): (event: object, next: () => unknown) => unknown
