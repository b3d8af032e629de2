import type { RequestSignalOptions } from './request.js'

export type { RequestSignalOptions } from './request.js'
export declare function requestSignal(
  context?: unknown,
  options?: RequestSignalOptions,
): AbortSignal
export declare function withRequestSignal<Resolvers>(
  resolvers: Resolvers,
  options?: RequestSignalOptions,
): Resolvers
