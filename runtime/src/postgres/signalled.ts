import type { PendingQuery, ReservedSql, Row, RowList, Sql, TransactionSql } from 'postgres'
import { assertSignal, currentSignal } from '../ambient.js'
import { UnsupportedError, abortError } from '../errors.js'
import { followsSignal } from '../linked-signal.js'
import { beginSpan } from '../attribution/trace.js'
import { sharedState } from '../shared-state.js'
import { CancellableQuery } from './cancellable-query.js'
import type { PostgresQuery } from './query.js'
import { reserveConnection } from './reserve-connection.js'
import { sharedPostgres } from './shared.js'

/** What statements are made with: the pool, a transaction, or a connection that is reserved. */
export type AnySql = Sql | TransactionSql | ReservedSql

export interface SignalledOptions {
  /** Ends the statement; `null` opts out of the surrounding signal. */
  signal?: AbortSignal | null | undefined
}

const { busy, originals, own } = sharedPostgres

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
 * @throws {UnsupportedError} (as a rejection) for cursors' iterators and streams, which cannot be
 *   cancelled, and for a second statement beside another on the connection of a transaction.
 */
export async function signalled<T extends readonly (object | undefined)[] = Row[]>(
  sql: AnySql,
  build: (sql: AnySql) => PendingQuery<T>,
  options: SignalledOptions = {},
): Promise<RowList<T>> {
  const signals = signalsFor(options.signal)
  // eslint-disable-next-line ctx/require-signal -- there is none, or it was opted out of
  if (signals.length === 0) return await build(sql)
  if (!('reserve' in sql)) return await executeOn(sql, build, signals)
  const aborted = signals.find((signal) => signal.aborted)
  if (aborted !== undefined) throw abortError(aborted, 'not-sent')
  const connection = await reserveConnection(sql, signals)
  return await executeOn(connection, build, signals, connection)
}

/** Executes what `build` makes on a connection that nobody else uses; gives it back where it was reserved. */
export async function executeOn<T extends readonly (object | undefined)[]>(
  sql: AnySql,
  build: (sql: AnySql) => PendingQuery<T>,
  signals: readonly AbortSignal[],
  reserved?: ReservedSql,
): Promise<RowList<T>> {
  // The signal may have aborted just when the connection came.
  const aborted = signals.find((signal) => signal.aborted)
  if (aborted !== undefined) {
    reserved?.release()
    throw abortError(aborted, 'not-sent')
  }
  if (busy.has(sql)) {
    throw new UnsupportedError(
      'a cancel could hit the other statement on this connection: await one before the next',
    )
  }
  busy.add(sql)
  let query: CancellableQuery | undefined
  try {
    const built = assertCancellable(build(sql))
    own.add(built)
    const original = originals.get(built)
    if (original === undefined) sharedState.tap?.made?.(built, signals)
    sharedState.tap?.sending?.(built, original)
    query = new CancellableQuery(built, signals)
  } finally {
    if (query === undefined) {
      busy.delete(sql)
      reserved?.release()
    }
  }
  const span = beginSpan(signals, 'statement', query.text)
  void query.safe.then(async (isSafe) => {
    span?.end()
    busy.delete(sql)
    if (reserved === undefined) return
    // A cancel whose connection broke may still come, and postgres.js lets nobody close one
    // connection; so this statement takes it.
    if (!isSafe) {
      const target = reserved.unsafe('SELECT pg_sleep(0.1)')
      own.add(target)
      // eslint-disable-next-line ctx/require-signal -- it is there for the cancel to hit
      await target.catch(ignore)
    }
    reserved.release()
  })
  return (await query.result) as RowList<T>
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

function ignore(): void {
  // It was cancelled in the place of another statement.
}
