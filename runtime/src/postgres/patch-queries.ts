import { readFile } from 'node:fs/promises'
import { currentSignal } from '../ambient.js'
import { abortPublisher } from '../attribution/channels.js'
import { abortError } from '../errors.js'
import { classifySql } from '../pg/sql-class.js'
import { remember } from '../restore-patched.js'
import { sharedState } from '../shared-state.js'
import { tellConnection } from './arrival.js'
import { textOfQuery, type PostgresCanceller, type PostgresQuery } from './query.js'
import { reserveConnection } from './reserve-connection.js'
import { queryOf, sharedPostgres, type KnownClient, type Owner } from './shared.js'
import { startReserved } from './start-reserved.js'
import { SignalledStatement } from './statement.js'

const PATCHED: unique symbol = Symbol.for('@ctx-fix/runtime.postgres.patched:1')

/** As `tx.prepare()` has it made, which ends the transaction on its connection. */
const PREPARES_TRANSACTION = /^\s*prepare\s+transaction\b/i

const { clients, files, iterated, own, owners } = sharedPostgres

/** Lets the queries of one copy of postgres.js find their signal, and tells the test ledger of them. */
export function patchQueries(prototype: PostgresQuery & { [PATCHED]?: true }): void {
  if (prototype[PATCHED]) return
  remember(prototype)
  Object.defineProperty(prototype, PATCHED, { value: true, configurable: true })
  const { handle, cursor } = prototype
  prototype.handle = function (this: PostgresQuery) {
    if (this.executed || own.has(this)) return handle.call(this)
    if (this.canceller === undefined) tellConnection(this)
    const owner = owners.get(this.handler) ?? files.get(this)?.owner
    const signal = currentSignal()
    const isGoverned = owner !== undefined && signal !== undefined && !isControl(this)
    sharedState.tap?.made?.(this, isGoverned ? [signal] : [])
    if (owner?.session?.link?.isLost) return refuseLost(this)
    if (isGoverned) {
      this.executed = true
      return carryOut(this, owner, signal)
    }
    sharedState.tap?.sending?.(this)
    return handle.call(this)
  }
  prototype.cursor = function (this: PostgresQuery, ...args) {
    const made = cursor.apply(this, args)
    if (made !== this) iterated.add(this)
    return made
  }
}

/** What begins and ends a transaction, or gives something back, goes its way whatever becomes of the signal. */
function isControl({ strings }: PostgresQuery): boolean {
  return classifySql(strings[0]) !== undefined || PREPARES_TRANSACTION.test(strings[0] ?? '')
}

/**
 * The connection has gone, and may serve others by now, to whom postgres.js would give the statement. A transaction
 * has gone with it.
 */
async function refuseLost(query: PostgresQuery): Promise<void> {
  query.executed = true
  await Promise.resolve()
  if (classifySql(query.strings[0]) === 'rollback') {
    query.resolve([])
    return
  }
  const error = new Error('CONNECTION_CLOSED: the connection of this statement has been lost')
  query.reject(Object.assign(error, { code: 'CONNECTION_CLOSED' }))
}

async function carryOut(query: PostgresQuery, owner: Owner, signal: AbortSignal): Promise<void> {
  const signals = [signal]
  const publish = abortPublisher()
  // As postgres.js does it: what follows in the chain (`.values()`) still counts.
  await Promise.resolve()
  try {
    const file = files.get(query)
    // ctx:detached -- the text of a statement is read in no time, and what follows looks at the signal
    if (file !== undefined) query.strings = [await readFile(file.path, 'utf8')]
    const text = textOfQuery(query)
    if (signal.aborted) {
      const error = abortError(signal, 'not-sent')
      publish(() => ({ error, text }))
      throw error
    }
    const { sql, session } = owner
    if (session === undefined) {
      const client = clients.get(query.canceller as PostgresCanceller) as KnownClient
      const reservation = await reserveConnection(client, signals, text)
      query.executed = false
      startReserved(() => query, reservation, signals)
    } else {
      const { handler } = queryOf(sql)
      query.executed = false
      new SignalledStatement(query, { handler, session, signals }).start()
    }
  } catch (error) {
    query.reject(error)
  }
}
