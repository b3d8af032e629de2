import { randomInt } from 'node:crypto'
import { recordingLedger, type LedgerStall } from './ledger/ledger.js'
import type { LedgerQuery } from './ledger/query.js'
import { openObserver, type DatabaseAddress } from './open-observer.js'
import { STANDS_ALONE, standsAlone } from './stands-alone.js'
import { assertRealTimers } from './real-timers.js'

export interface StallOptions extends DatabaseAddress {
  /** How many statements to stop; all that match unless set. */
  times?: number
}

/** Statements that hang on the server. */
export interface Stall {
  /** Those that were stopped, in the order of their arrival. */
  readonly stalled: readonly LedgerQuery[]
  /** Lets them go on, and stops no more. */
  readonly release: () => Promise<void>
}

/**
 * Makes statements hang on the server, each in the session and the transaction in which it would have
 * run, until `release`. The application is not changed, and gets its results when they go on.
 *
 * Before such a statement, in the same round trip, its connection asks for an advisory lock that a
 * connection of our own holds. So any statement can be stopped: one that touches no table, one whose
 * tables its own transaction has locked, a cursor. One that must be alone in its transaction (VACUUM, CREATE INDEX
 * CONCURRENTLY) cannot, and fails with a message that says so.
 *
 * @param match the text of the statements, or a predicate.
 */
export async function stallQueries(
  match: RegExp | ((query: LedgerQuery) => boolean),
  options: StallOptions,
): Promise<Stall> {
  assertRealTimers('stallQueries')
  const isMeant =
    match instanceof RegExp ? ({ sql }: LedgerQuery) => sql.search(match) !== -1 : match
  const holder = await openObserver('stallQueries', options)
  // Others may use advisory locks in the same database, with small numbers.
  const key = randomInt(2 ** 40, 2 ** 47)
  await holder.run(`SELECT pg_catalog.pg_advisory_lock(${key})`)
  const { ledger, done } = recordingLedger()
  const stalled: LedgerQuery[] = []
  const { times = Infinity } = options
  const own: LedgerStall = {
    takes: (record) => stalled.length < times && isMeant(record),
    hold: (record, statement) => {
      if (standsAlone(record.sql)) {
        throw new Error(`stallQueries: this cannot be made to hang: ${STANDS_ALONE}\n${record.sql}`)
      }
      stalled.push(record)
      // To the end of the transaction, which for a statement alone is its own end.
      return statement.gate(`SELECT pg_catalog.pg_advisory_xact_lock_shared(${key})`)
    },
  }
  ledger.stalls.push(own)
  let isOver = false
  return {
    stalled,
    release: async () => {
      if (isOver) return
      isOver = true
      ledger.stalls.splice(ledger.stalls.indexOf(own), 1)
      done()
      // The lock goes with its session.
      await holder.end()
    },
  }
}
