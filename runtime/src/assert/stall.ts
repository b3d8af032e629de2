import { randomInt } from 'node:crypto'
import { assertRealTimers } from './real-timers.js'
import type { PgClient, PgConnection, PgQuery } from '../pg/pg-internals.js'
import { recordingLedger } from './ledger/ledger.js'
import type { LedgerQuery } from './ledger/query.js'
import { openObserver, type DatabaseAddress } from './open-observer.js'

export interface StallOptions extends DatabaseAddress {
  /** How many statements to stop; all that match unless set. */
  times?: number
}

/** Statements that hang on the server. */
export interface Stall {
  /** Those that were stopped, in the order of their arrival. */
  readonly stalled: readonly LedgerQuery[]
  /** Lets them go on, and stops no more. */
  release(): Promise<void>
}

/**
 * Makes statements hang on the server, each in the session and the transaction in which it would have
 * run, until `release`. The application is not changed, and gets its results when they go on.
 *
 * Before such a statement, in the same round trip, its connection asks for an advisory lock that a
 * connection of our own holds. So any statement can be stopped: one that touches no table, one whose
 * tables its own transaction has locked, a cursor.
 *
 * @param match the text of the statements, or a predicate.
 */
export async function stallQueries(
  match: RegExp | ((query: LedgerQuery) => boolean),
  options: StallOptions,
): Promise<Stall> {
  assertRealTimers('stallQueries')
  const isMeant = match instanceof RegExp ? ({ sql }: LedgerQuery) => match.test(sql) : match
  const holder = await openObserver('stallQueries', options)
  // Others may use advisory locks in the same database, with small numbers.
  const key = randomInt(2 ** 40, 2 ** 47)
  await holder.run(`SELECT pg_catalog.pg_advisory_lock(${key})`)
  const { ledger, done } = recordingLedger()
  const stalled: LedgerQuery[] = []
  const { times = Infinity } = options
  const before = ledger.beforeSend
  ledger.beforeSend = (record, query, client) => {
    if (stalled.length >= times || !isMeant(record)) return before?.(record, query, client)
    stalled.push(record)
    return sendGate(query as GatedQuery, client, key)
  }
  let isOver = false
  return {
    stalled,
    release: async () => {
      if (isOver) return
      isOver = true
      ledger.beforeSend = before
      done()
      // The lock goes with its session.
      await holder.end()
    },
  }
}

/** What pg calls on a query for each message; a cursor has the same. */
interface GatedQuery extends PgQuery {
  text?: string
  name?: string | undefined
  requiresPreparation?: () => boolean
  handleRowDescription: (...args: unknown[]) => unknown
  handleDataRow: (...args: unknown[]) => unknown
  handleCommandComplete: (...args: unknown[]) => unknown
}

interface GateConnection extends PgConnection {
  parse(query: { text: string }): void
  bind(portal: object): void
  execute(portal: object): void
  readonly submittedNamedStatements?: Record<string, string>
}

/** Sends the request for the lock ahead of `query`, and keeps its answer from it. */
function sendGate(query: GatedQuery, client: PgClient, key: number): () => void {
  // To the end of the transaction, which for a statement alone is its own end.
  const gate = `SELECT pg_catalog.pg_advisory_xact_lock_shared(${key})`
  const { name, text } = query
  const handlers = takeHandlers(query, () => {
    query.name = name
  })
  const { handleError } = query
  query.handleError = (error, failed) => {
    if (handlers.restore() && name !== undefined) {
      // pg forgets a prepared statement that failed by the name, which was hidden from it.
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
      delete (failed as GateConnection).submittedNamedStatements?.[name]
    }
    return handleError.call(query, error, failed)
  }
  if (query.requiresPreparation?.() === false) {
    query.text = `${gate}; ${text ?? ''}`
    return () => {
      query.text = text ?? ''
    }
  }
  // Without Sync between them, both belong to one transaction, and an error skips the second.
  const connection = client.connection as GateConnection
  connection.parse({ text: `${gate} /* ${(text ?? '').replace(/\*\/|\/\*/g, '')} */` })
  connection.bind({})
  connection.execute({})
  return () => {
    // At ParseComplete, which the gate has too, pg would note the statement of this name as parsed.
    if (name !== undefined) query.name = undefined
  }
}

/** Until the gate's CommandComplete, the query hears nothing. */
function takeHandlers(query: GatedQuery, opened: () => void): { restore: () => boolean } {
  const { handleRowDescription, handleDataRow, handleCommandComplete } = query
  let isTaken = true
  const restore = (): boolean => {
    if (!isTaken) return false
    isTaken = false
    Object.assign(query, { handleRowDescription, handleDataRow, handleCommandComplete })
    opened()
    return true
  }
  query.handleRowDescription = () => undefined
  query.handleDataRow = () => undefined
  query.handleCommandComplete = restore
  return { restore }
}
