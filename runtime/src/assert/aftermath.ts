import { classifySql, startOfSql } from '../pg/sql-class.js'
import type { LedgerQuery } from './ledger/query.js'

/** What a call or a request did although it had been given up, with the words for it. */
export interface Follower {
  readonly query: LedgerQuery
  readonly message: string
}

/**
 * The first of `queries`, those of one call or request, that was sent after `since` and should not have been. What
 * gives something back may be, and what is detached. A COMMIT may be where it keeps nothing: where its transaction
 * has written nothing, or has failed.
 *
 * @param since on the `performance.now()` clock.
 */
export function followerOf(queries: readonly LedgerQuery[], since: number): Follower | undefined {
  for (const query of queries) {
    if (query.detachedReason !== undefined || (query.sentAt ?? 0) <= since) continue
    const sqlClass = classifySql(query.sql)
    if (sqlClass === undefined) return { query, message: 'went on after it was given up' }
    if (sqlClass === 'commit' && keepsWrites(query, queries)) {
      return { query, message: 'committed what it had written after it was given up' }
    }
  }
  return undefined
}

/** Those of `queries` on which the server still works, or of which it has not said how they ended. */
export function unfinished(queries: readonly LedgerQuery[]): LedgerQuery | undefined {
  return queries.find(
    ({ detachedReason, sentAt, phase, outcome }) =>
      detachedReason === undefined &&
      sentAt !== undefined &&
      (phase !== 'done' || outcome === 'unknown'),
  )
}

const READS =
  /^(?:SELECT|VALUES|SHOW|TABLE|SET|EXPLAIN|FETCH|MOVE|DECLARE|CLOSE|SAVEPOINT|LOCK|LISTEN)\b/i
const WRITES_WITHIN = /\b(?:INSERT|UPDATE|DELETE|MERGE)\b/i
const TO_SAVEPOINT = /\bTO\b/i

/** Whether the transaction that `commit` ends has written, by the words of its statements, and has not failed. */
function keepsWrites(commit: LedgerQuery, queries: readonly LedgerQuery[]): boolean {
  let hasWritten = false
  let hasFailed = false
  for (const query of queries) {
    if (query === commit) break
    if (query.pid !== commit.pid) continue
    const sqlClass = classifySql(query.sql)
    if (sqlClass === 'rollback' && TO_SAVEPOINT.test(query.sql)) hasFailed = false
    else if (sqlClass === 'begin' || sqlClass === 'commit' || sqlClass === 'rollback') {
      hasWritten = false
      hasFailed = false
    } else if (sqlClass === undefined) {
      if (query.outcome !== 'completed') hasFailed ||= query.sentAt !== undefined
      else hasWritten ||= isWrite(query.sql)
    }
  }
  return hasWritten && !hasFailed
}

function isWrite(sql: string): boolean {
  const text = sql.slice(startOfSql(sql))
  return /^WITH\b/i.test(text) ? WRITES_WITHIN.test(text) : !READS.test(text)
}
