export interface DeadlineSignalOptions {
  marginMs?: number | undefined
}
export declare function requestSignal(context: object, options?: DeadlineSignalOptions): AbortSignal
export declare function withDeadlineSignal<
  Event,
  Context extends object,
  Rest extends unknown[],
  Result,
>(
  handler: (event: Event, context: Context, ...rest: Rest) => Result,
  options?: DeadlineSignalOptions,
): (event: Event, context: Context, ...rest: Rest) => Result
