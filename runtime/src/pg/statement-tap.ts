import type { PostgresQuery } from '../postgres/query.js'
import type { PgClient, PgQuery } from './pg-internals.js'

/** Any function of pg that was patched: stack traces start above it. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type
export type PatchedMethod = Function

/**
 * What hears of every statement that goes through an instrumented pg. Only the test ledger is one;
 * where it is not installed, each query pays for one look at `sharedState.tap`.
 */
export interface StatementTap {
  /**
   * `pool.query` is called: `run` goes on with it. The statement itself is announced later, by
   * `queued`, out of the caller's reach, so what is known of the caller must be kept here.
   */
  throughPool<T>(args: unknown[], run: (args: unknown[]) => T, method: PatchedMethod): T
  /**
   * A statement stands at the end of its client's queue and has not been sent. `submit`,
   * `handleError` and `handleReadyForQuery` may be replaced: the first is called only if the
   * statement is really sent, the others with the outcome that the caller is given.
   */
  queued(query: PgQuery, client: PgClient, args: unknown[], method: PatchedMethod): void
  /** The server has answered a statement with `error` whose caller had been refused before. */
  answered?(query: PgQuery, error: unknown): void
  /** A statement of postgres.js is to be executed, under `signals`. */
  made?(query: PostgresQuery, signals: readonly AbortSignal[]): void
  /** It is about to be given to a connection; or another one, in the place of `original`. */
  sending?(query: PostgresQuery, original?: PostgresQuery): void
  /** Keeps the stack above `method`, in which lazy builders are made that run out of its sight. */
  calledAt?(method: PatchedMethod): object
  /** `fn` serves the job `name`, until its promise is settled; `cancel` ends it as its queue would. */
  asJob?<T>(name: string, fn: () => Promise<T>, cancel: () => void): Promise<T>
}
