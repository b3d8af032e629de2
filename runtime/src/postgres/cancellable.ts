import type { ReservedSql, Sql } from 'postgres'
import { onAbort } from '../abort-listeners.js'
import { currentSignal } from '../ambient.js'
import { abortError } from '../errors.js'
import { classifySql } from '../pg/sql-class.js'
import type { PostgresHandler, PostgresQuery } from './query.js'
import { reserveConnection, waitForConnection, type ConnectionWait } from './reserve-connection.js'
import { sharedState } from '../shared-state.js'
import { sharedPostgres } from './shared.js'
import { executeOn, type AnySql } from './signalled.js'

type Opens = (...args: unknown[]) => unknown

const PATCHED: unique symbol = Symbol.for('@ctx-fix/runtime.postgres.patched:1')

const { last, originals, own, owners } = sharedPostgres

/**
 * Makes a client of postgres.js heed the surrounding signal, in every statement, transaction and
 * reservation, also under an ORM that was given the client:
 *
 *     export const sql = cancellable(postgres(url))
 *     const users = await withSignal(signal, () => sql`SELECT * FROM users`)
 *
 * Where no signal is around, a statement goes the ordinary way. Otherwise a connection is reserved for it, and
 * the statements of one transaction follow one another. Cursors and streams are not cancelled.
 *
 * @param client what `postgres()` gave, or an ORM's database that has made one (`$client`).
 * @returns the client itself. Doing it again does nothing.
 * @throws {TypeError} when it is nothing of the kind.
 */
export function cancellable<Client extends object>(client: Client): Client {
  const sql = [client, (client as { $client?: unknown }).$client].find(isSql)
  if (sql === undefined) throw new TypeError('cancellable() takes a client of postgres.js')
  adopt(sql)
  return client
}

function isSql(value: unknown): value is Sql {
  return typeof value === 'function' && 'begin' in value && 'unsafe' in value
}

function adopt(sql: AnySql): void {
  const handler = handlerOf(sql)
  if (owners.has(handler)) return
  owners.set(handler, sql)
  const members = sql as unknown as Record<'begin' | 'savepoint' | 'reserve', Opens | undefined>
  const { begin, savepoint, reserve } = members
  if (savepoint !== undefined) members.savepoint = (...args) => savepoint(...insideOf(args, adopt))
  if (begin !== undefined) members.begin = (...args) => beginInTime(begin, args)
  if (reserve !== undefined) {
    members.reserve = async () => {
      const connection = await reserveInTime(reserve as Sql['reserve'])
      adopt(connection)
      return connection
    }
  }
}

/** A transaction that does not wait for a connection after the surrounding signal has aborted. */
async function beginInTime(begin: Opens, args: readonly unknown[]): Promise<unknown> {
  const signal = currentSignal()
  if (signal === undefined) return await begin(...insideOf(args, adopt))
  if (signal.aborted) throw abortError(signal, 'not-sent')
  const wait = waitForConnection([signal])
  const begun = insideOf(args, (sql) => {
    // Its caller has been refused already; what is thrown here rolls back.
    if (signal.aborted) throw abortError(signal, 'not-sent', { phase: 'pool' })
    wait.end()
    adopt(sql)
  })
  const transaction = begin(...begun) as Promise<unknown>
  transaction.catch(ignore)
  const late = endOfPatience(signal)
  try {
    return await Promise.race([transaction, wait.abort, late.abort])
  } finally {
    wait.end()
    late.end()
  }
}

/**
 * Rejects when a transaction has had its time to end after the abort: for the statement that was under way, and for
 * its ROLLBACK, of which postgres.js cancels none.
 */
function endOfPatience(signal: AbortSignal): ConnectionWait {
  let timer: NodeJS.Timeout | undefined
  let forget: (() => void) | undefined
  const abort = new Promise<never>((_resolve, reject) => {
    forget = onAbort(signal, () => {
      const { cancelGraceMs, cleanupTimeoutMs } = sharedState.defaults
      timer = setTimeout(() => {
        const consequence = 'whether its transaction took effect is unknown'
        reject(abortError(signal, 'unknown', { phase: 'server', consequence }))
      }, cancelGraceMs + cleanupTimeoutMs)
      timer.unref()
    })
  })
  return {
    abort,
    end() {
      forget?.()
      clearTimeout(timer)
    },
  }
}

async function reserveInTime(reserve: Sql['reserve']): Promise<ReservedSql> {
  const signal = currentSignal()
  if (signal === undefined) return await reserve()
  if (signal.aborted) throw abortError(signal, 'not-sent')
  return await reserveConnection({ reserve }, [signal])
}

/** The arguments of `begin` and `savepoint`, of which the last is called with a client of its own: `first` sees it before. */
function insideOf(args: readonly unknown[], first: (sql: AnySql) => void): unknown[] {
  const work = args.at(-1)
  if (typeof work !== 'function') return [...args]
  const prepared = (sql: AnySql): unknown => {
    first(sql)
    return (work as (sql: AnySql) => unknown)(sql)
  }
  return [...args.slice(0, -1), prepared]
}

function ignore(): void {
  // Whoever asked for the transaction hears of it by the race, or of the abort instead.
}

/** A query that is never executed tells where those of `sql` go, and what class they have. */
function handlerOf(sql: AnySql): PostgresHandler {
  const query = sql.unsafe('') as unknown as PostgresQuery
  patchQueries(Object.getPrototypeOf(query) as PostgresQuery & { [PATCHED]?: true })
  return query.handler
}

/** Lets the queries of one copy of postgres.js find their signal, and tells the test ledger of them. */
export function patchQueries(prototype: PostgresQuery & { [PATCHED]?: true }): void {
  if (prototype[PATCHED]) return
  Object.defineProperty(prototype, PATCHED, { value: true })
  const { handle } = prototype
  prototype.handle = function (this: PostgresQuery) {
    const owner = owners.get(this.handler)
    const signal = currentSignal()
    const isGoverned = owner !== undefined && signal !== undefined && !isLeftAlone(this)
    if (!this.executed && !own.has(this)) {
      sharedState.tap?.made?.(this, isGoverned ? [signal] : [])
      if (!isGoverned) sharedState.tap?.sending?.(this)
    }
    if (!isGoverned || this.executed) return handle.call(this)
    this.executed = true
    return execute(this, owner, signal).then(
      (rows) => {
        this.resolve(rows)
      },
      (error: unknown) => {
        this.reject(error)
      },
    )
  }
}

/** What is being cancelled already, what cannot be, and what ends a transaction or gives something back. */
function isLeftAlone(query: PostgresQuery): boolean {
  return (
    own.has(query) ||
    query.cursorFn !== undefined ||
    query.forEachFn !== undefined ||
    query.streaming === true ||
    classifySql(query.strings[0]) !== undefined
  )
}

async function execute(query: PostgresQuery, owner: AnySql, signal: AbortSignal): Promise<unknown> {
  // As postgres.js does it: what follows in the chain (`.values()`) still counts.
  await Promise.resolve()
  const signals = [signal]
  const build = (handler: PostgresHandler) => () => copyOf(query, handler) as never
  if ('begin' in owner) {
    if (signal.aborted) throw abortError(signal, 'not-sent')
    const connection = await reserveConnection(owner, signals)
    return executeOn(connection, build(handlerOf(connection)), signals, connection)
  }
  const turn = (last.get(owner) ?? Promise.resolve()).then(() =>
    executeOn(owner, build(query.handler), signals),
  )
  last.set(
    owner,
    turn.catch(() => undefined),
  )
  return turn
}

/** The statement itself keeps its promise until every cancel of this copy has been dealt with. */
function copyOf(query: PostgresQuery, handler: PostgresHandler): PostgresQuery {
  const { strings, args, canceller, options } = query
  const copy = new query.constructor(strings, args, handler, canceller, options)
  copy.isRaw = query.isRaw
  copy.onlyDescribe = query.onlyDescribe
  originals.set(copy, query)
  return copy
}
