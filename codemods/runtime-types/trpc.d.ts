import type { RequestSignalOptions } from './request.js'

export type { RequestSignalOptions } from './request.js'
export declare function requestSignal(
  call: object | undefined,
  options?: RequestSignalOptions,
): AbortSignal
export declare function withRequestSignal<Options extends object, Result>(
  createContext: (options: Options) => Result,
  options?: RequestSignalOptions,
): (options: Options) => Result
export declare function ctxSignal(
  options?: RequestSignalOptions,
): <Result>(call: {
  readonly type: string
  readonly signal?: AbortSignal | undefined
  readonly next: () => Promise<Result>
}) => Promise<Result>
