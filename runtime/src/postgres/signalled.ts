import type { PendingQuery, ReservedSql, Row, RowList, Sql, TransactionSql } from 'postgres'
import { assertSignal, currentSignal } from '../ambient.js'
import { UnsupportedError, abortError } from '../errors.js'
import { followsSignal } from '../linked-signal.js'
import { sharedState } from '../shared-state.js'
import { knowClient, sessionOf } from './known-client.js'
import type { PostgresQuery } from './query.js'
import { findLink, reserveConnection } from './reserve-connection.js'
import { queryOf } from './shared.js'
import { startReserved } from './start-reserved.js'
import { SignalledStatement } from './statement.js'

/** What statements are made with: the pool, a transaction, or a connection that is reserved. */
export type AnySql = Sql | TransactionSql | ReservedSql

export interface SignalledOptions {
  /** Ends the statement; `null` opts out of the surrounding signal. */
  signal?: AbortSignal | null | undefined
}

/**
 * Executes one statement of postgres.js so that a signal cancels it on the server:
 *
 *     const rows = await signalled(sql, (sql) => sql`SELECT * FROM users WHERE id = ${id}`, { signal })
 *
 * `query.cancel()` alone may hit the next statement of the connection. So the connection is reserved
 * for this statement, and given back when it has ended and every cancel has been dealt with. Without
 * a signal, the statement goes the ordinary way.
 *
 * @param build makes the statement with the `sql` that it is given, and does not await it.
 * @throws {AbortError} (as a rejection), with its `outcome`, when a signal ended the statement. A
 *   statement that was faster resolves.
 * @throws {UnsupportedError} (as a rejection) for cursors' iterators and COPY streams, which are not one
 *   promise: `cancellable` has a signal for them.
 */
export async function signalled<T extends readonly (object | undefined)[] = Row[]>(
  sql: AnySql,
  build: (sql: AnySql) => PendingQuery<T>,
  options: SignalledOptions = {},
): Promise<RowList<T>> {
  const signals = signalsFor(options.signal)
  // eslint-disable-next-line ctx/require-signal -- there is none, or it was opted out of
  if (signals.length === 0) return await build(sql)
  const aborted = signals.find((signal) => signal.aborted)
  if (aborted !== undefined) throw abortError(aborted, 'not-sent')
  const buildQuery = (sql: AnySql): PostgresQuery => {
    const query = assertCancellable(build(sql))
    if (!query.executed) sharedState.tap?.made?.(query, signals)
    return query
  }
  const query =
    'reserve' in sql
      ? startReserved(buildQuery, await reserveConnection(knowClient(sql), signals), signals)
      : await startInside(sql, buildQuery, signals)
  return (await query) as RowList<T>
}

async function startInside(
  sql: AnySql,
  build: (sql: AnySql) => PostgresQuery,
  signals: readonly AbortSignal[],
): Promise<PostgresQuery> {
  const session = sessionOf(sql)
  if (session.client?.ownsAll !== true && session.link === undefined) await findLink(sql, session)
  const query = build(sql)
  new SignalledStatement(query, { handler: queryOf(sql).handler, session, signals }).start()
  return query
}

function signalsFor(explicit: AbortSignal | null | undefined): readonly AbortSignal[] {
  if (explicit === null) return []
  const ambient = currentSignal()
  if (explicit === undefined) return ambient === undefined ? [] : [ambient]
  assertSignal(explicit)
  return ambient === undefined || followsSignal(explicit, ambient)
    ? [explicit]
    : [explicit, ambient]
}

function assertCancellable(query: unknown): PostgresQuery {
  const { canceller, execute } = query as Partial<PostgresQuery>
  if (typeof canceller !== 'function' || typeof execute !== 'function') {
    throw new UnsupportedError(
      'only a statement that postgres.js has not executed yet can be cancelled: give it back as it is, no iterator, no stream and no promise made of it',
    )
  }
  return query as PostgresQuery
}
