import { abortError } from '../errors.js'
import type { PostgresQuery } from './query.js'
import type { Reservation } from './reserve-connection.js'
import { queryOf } from './shared.js'
import type { AnySql } from './signalled.js'
import { SignalledStatement } from './statement.js'

/** Carries out what `build` makes on a connection that was reserved for it. */
export function startReserved(
  build: (sql: AnySql) => PostgresQuery,
  { sql, session, release }: Reservation,
  signals: readonly AbortSignal[],
): PostgresQuery {
  let hasStarted = false
  try {
    // The signal may have aborted just when the connection came.
    const aborted = signals.find((signal) => signal.aborted)
    if (aborted !== undefined) throw abortError(aborted, 'not-sent')
    const query = build(sql)
    const { handler } = queryOf(sql)
    const statement = new SignalledStatement(query, { handler, session, signals, over: release })
    hasStarted = true
    statement.start()
    return query
  } finally {
    if (!hasStarted) release(false)
  }
}
