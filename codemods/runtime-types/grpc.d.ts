export interface CallSignalOptions {
  timeoutMs?: number | undefined
}
export declare function requestSignal(call: object, options?: CallSignalOptions): AbortSignal
export declare function withRequestSignal<Handlers extends object>(
  handlers: Handlers,
  options?: CallSignalOptions,
): Handlers
