export declare function withSignal<T>(
  signal: AbortSignal | null | undefined,
  fn: () => PromiseLike<T>,
): Promise<T>
export declare function withSignal<T>(
  signal: AbortSignal | null | undefined,
  fn: () => T,
): Promise<Awaited<T>>
export declare function currentSignal(): AbortSignal | undefined
export declare function detached<T>(reason: string, fn: () => PromiseLike<T>): Promise<T>
export declare function detached<T>(reason: string, fn: () => T): Promise<Awaited<T>>
