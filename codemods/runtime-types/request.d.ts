export interface RequestSignalOptions {
  timeoutMs?: number | undefined
}
export declare function requestSignal(request: object, options?: RequestSignalOptions): AbortSignal
