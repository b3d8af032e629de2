export interface CallSignalOptions {
  timeoutMs?: number | undefined
}
export declare function requestSignal(call: object, options?: CallSignalOptions): AbortSignal
export declare function withRequestSignal<Handlers extends object>(
  handlers: Handlers,
  options?: CallSignalOptions,
): Handlers
export declare function callOptions(signal?: AbortSignal): { deadline?: Date }
export declare function cancelWith<Call extends object>(
  signal: AbortSignal | undefined,
  call: Call,
): Call
