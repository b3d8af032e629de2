import type { RequestSignalOptions } from './request.js'

export type { RequestSignalOptions } from './request.js'
export declare function requestSignal(
  request?: object,
  response?: object,
  options?: RequestSignalOptions,
): AbortSignal
export declare function withRequestSignal<Args extends unknown[], Result>(
  handler: (...args: Args) => Result,
  options?: RequestSignalOptions,
): (...args: Args) => Result
