import type { PoolClient as CheckedOutClient } from 'pg'

export interface SignalOptions {
  signal?: AbortSignal | null | undefined
}

declare module 'pg' {
  // The parameter has the name that it has in @types/pg: declarations merge only then.
  interface QueryConfig<I = any[]> {
    signal?: AbortSignal | null | undefined
  }

  interface Pool {
    connect(options: SignalOptions): Promise<CheckedOutClient>
  }
}
