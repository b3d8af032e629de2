import type { Sql } from 'postgres'
import { onAbort } from '../abort-listeners.js'
import { currentSignal } from '../ambient.js'
import { abortError } from '../errors.js'
import { sharedState } from '../shared-state.js'
import { knowClient } from './known-client.js'
import {
  findLink,
  reserveConnection,
  waitForConnection,
  type ConnectionWait,
} from './reserve-connection.js'
import { queryOf, sharedPostgres, type KnownClient, type Owner, type Session } from './shared.js'
import type { AnySql } from './signalled.js'

type Opens = (...args: unknown[]) => unknown

const { files, owners } = sharedPostgres

/**
 * Makes a client of postgres.js heed the surrounding signal, in every statement, transaction and
 * reservation, also under an ORM that was given the client:
 *
 *     export const sql = cancellable(postgres(url))
 *     const users = await withSignal(signal, () => sql`SELECT * FROM users`)
 *
 * Where no signal is around, a statement goes the ordinary way. Otherwise a connection is reserved for it, and
 * the statements of one transaction follow one another. Cursors and COPY streams end with the signal too, and what
 * it keeps from their readers is an error, never an early end.
 *
 * @param client what `postgres()` gave, or an ORM's database that has made one (`$client`).
 * @returns the client itself. Doing it again does nothing.
 * @throws {TypeError} when it is nothing of the kind.
 */
export function cancellable<Client extends object>(client: Client): Client {
  const sql = [client, (client as { $client?: unknown }).$client].find(isSql)
  if (sql === undefined) throw new TypeError('cancellable() takes a client of postgres.js')
  adopt(sql, knowClient(sql), undefined)
  return client
}

function isSql(value: unknown): value is Sql {
  return typeof value === 'function' && 'begin' in value && 'unsafe' in value
}

function adopt(sql: AnySql, client: KnownClient, session: Session | undefined): void {
  const { handler } = queryOf(sql)
  if (owners.has(handler)) return
  const owner = { sql, session }
  owners.set(handler, owner)
  const members = sql as unknown as Record<'begin' | 'savepoint' | 'reserve', Opens | undefined>
  const { begin, savepoint, reserve } = members
  ownFiles(sql, owner)
  if (savepoint !== undefined) {
    members.savepoint = (...args) =>
      savepoint(
        ...insideOf(args, (inner) => {
          adopt(inner, client, session)
          return undefined
        }),
      )
  }
  if (begin !== undefined) members.begin = (...args) => beginInTime(begin, args, client)
  if (reserve !== undefined) members.reserve = () => reserveInTime(client)
}

/** Each statement from a file has a handler of its own, by which it could not be told whose it is. */
function ownFiles(sql: AnySql, owner: Owner): void {
  const members = sql as unknown as { file: (path: string, ...rest: unknown[]) => object }
  const { file } = members
  members.file = (path, ...rest) => {
    const made = file(path, ...rest)
    files.set(made, { owner, path })
    return made
  }
}

/** A transaction that does not wait for a connection after the surrounding signal has aborted. */
async function beginInTime(
  begin: Opens,
  args: readonly unknown[],
  client: KnownClient,
): Promise<unknown> {
  const signal = currentSignal()
  if (signal?.aborted) throw abortError(signal, 'not-sent')
  const session: Session = { client }
  const wait = signal && waitForConnection(client, [signal])
  const begun = insideOf(
    args,
    (sql) => {
      // Its caller has been refused already; what is thrown here rolls back.
      if (signal?.aborted) throw abortError(signal, 'not-sent', { phase: 'pool' })
      wait?.end()
      adopt(sql, client, session)
      return client.ownsAll ? undefined : findLink(sql, session)
    },
    () => {
      // The last that is asked before COMMIT, which nothing stops any more.
      if (signal?.aborted) throw abortError(signal, 'not-sent')
    },
  )
  const transaction = (begin(...begun) as Promise<unknown>).catch((error: unknown) => {
    // postgres.js tells of the connection that was destroyed, and not why.
    throw session.link?.isLost === true && session.endedBy !== undefined ? session.endedBy : error
  })
  if (signal === undefined) return await transaction
  transaction.catch(ignore)
  const late = endOfPatience(signal, session)
  try {
    return await Promise.race([transaction, (wait as ConnectionWait).abort, late.abort])
  } finally {
    wait?.end()
    late.end()
  }
}

/**
 * Rejects when a transaction has had its time to end after the abort: for the statement that was under way, and for
 * its ROLLBACK or COMMIT. Its connection is then destroyed.
 */
function endOfPatience(
  signal: AbortSignal,
  session: Session,
): Pick<ConnectionWait, 'abort' | 'end'> {
  let timer: NodeJS.Timeout | undefined
  let forget: (() => void) | undefined
  const abort = new Promise<never>((_resolve, reject) => {
    forget = onAbort(signal, () => {
      const { cancelGraceMs, cleanupTimeoutMs } = sharedState.defaults
      timer = setTimeout(() => {
        const consequence = 'whether its transaction took effect is unknown'
        reject(abortError(signal, 'unknown', { phase: 'server', consequence }))
        session.link?.destroy()
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

async function reserveInTime(client: KnownClient): Promise<unknown> {
  const signal = currentSignal()
  if (signal?.aborted) throw abortError(signal, 'not-sent')
  const { sql, session } = await reserveConnection(client, signal === undefined ? [] : [signal])
  adopt(sql, client, session)
  const release = sql.release.bind(sql)
  sql.release = () => {
    // A connection that was lost belongs to whoever opens it again.
    if (session.link?.isLost !== true) release()
  }
  return sql
}

/**
 * The arguments of `begin` and `savepoint`, of which the last is called with a client of its own: `first` sees it
 * before, and `last` comes after.
 */
function insideOf(
  args: readonly unknown[],
  first: (sql: AnySql) => Promise<void> | undefined,
  last?: () => void,
): unknown[] {
  const work = args.at(-1)
  if (typeof work !== 'function') return [...args]
  const prepared = async (sql: AnySql): Promise<unknown> => {
    const preparing = first(sql)
    if (preparing !== undefined) await preparing
    const made = (work as (sql: AnySql) => unknown)(sql)
    const result = await (Array.isArray(made) ? Promise.all(made) : made)
    last?.()
    return result
  }
  return [...args.slice(0, -1), prepared]
}

function ignore(): void {
  // Whoever asked for the transaction hears of it by the race, or of the abort instead.
}
