// An application whose ORM brings pg may have no types of it, and no `skipLibCheck`: the comment goes into the declarations.
// eslint-disable-next-line @typescript-eslint/ban-ts-comment
/** @ts-ignore */
import type { PoolClient as CheckedOutClient } from 'pg'

/** What `pool.connect` and queries take in addition. */
export interface SignalOptions {
  /** Ends the wait or the statement; `null` opts out of the surrounding signal. */
  signal?: AbortSignal | null | undefined
}

// The parameters have to be named as in @types/pg for the declarations to merge. JavaScript without types cannot
// be augmented, which is an error of its own.
// eslint-disable-next-line @typescript-eslint/ban-ts-comment
/** @ts-ignore */
declare module 'pg' {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars
  interface QueryConfig<I = any[]> {
    /** Cancels the statement on the server; `null` opts out of the surrounding signal. */
    signal?: AbortSignal | null | undefined
  }

  interface Pool {
    connect(options: SignalOptions): Promise<CheckedOutClient>
    connect(
      options: SignalOptions,
      callback: (
        error: Error | undefined,
        client: CheckedOutClient | undefined,
        done: (release?: unknown) => void,
      ) => void,
    ): void
  }
}
