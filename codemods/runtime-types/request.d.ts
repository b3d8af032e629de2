export interface RequestSignalOptions {
  timeoutMs?: number | undefined
}
export declare function requestSignal(request: object, options?: RequestSignalOptions): AbortSignal
export declare function ctxSignal(
  options?: RequestSignalOptions,
): (request: object, response: object, next: () => void) => void
