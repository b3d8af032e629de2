export interface JobSignalOptions {
  timeoutMs?: number | undefined
}
export declare function requestSignal(options?: JobSignalOptions): AbortSignal
export declare function withJobSignal<This, Args extends unknown[], Result>(
  job: (this: This, ...args: Args) => Result,
  options?: JobSignalOptions & { name?: string | undefined },
): (this: This, ...args: Args) => Promise<Awaited<Result>>
