export declare function withSignal<T>(
  signal: AbortSignal | null | undefined,
  fn: () => T | PromiseLike<T>,
): Promise<Awaited<T>>
export declare function currentSignal(): AbortSignal | undefined
export declare function detached<T>(
  reason: string,
  fn: () => T | PromiseLike<T>,
): Promise<Awaited<T>>
