import type { RequestSignalOptions } from './request.js'

export { requestSignal, type RequestSignalOptions } from './request.js'
export declare function withRequestSignal<Event extends object, Result>(
  handler: (event: Event) => Result,
  options?: RequestSignalOptions,
): (event: Event) => Result
export declare function ctxSignal(
  options?: RequestSignalOptions,
): (event: object, next: () => unknown) => unknown
