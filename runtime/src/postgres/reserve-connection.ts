import { onAbort } from '../abort-listeners.js'
import { abortPublisher } from '../attribution/channels.js'
import { beginSpan } from '../attribution/trace.js'
import { abortError } from '../errors.js'
import { Link } from './link.js'
import type { PostgresBackend } from './query.js'
import { queryOf, sharedPostgres, type KnownClient, type Session } from './shared.js'
import type { AnySql } from './signalled.js'

const { links, own } = sharedPostgres

/** A connection that is reserved for one statement. */
export interface Reservation {
  readonly sql: AnySql & { release: () => void }
  readonly session: Session
  /** Gives it back; to be called once. */
  readonly release: (isLost: boolean) => void
}

/**
 * Reserves a connection, or rejects as soon as one of `signals` aborts. A connection that arrives
 * after that goes straight back.
 *
 * @param text the statement that it is for.
 */
export async function reserveConnection(
  client: KnownClient,
  signals: readonly AbortSignal[],
  text?: string,
): Promise<Reservation> {
  const wait = waitForConnection(client, signals, text)
  const arriving = arrivalOf(client, signals, wait)
  let sql: Reservation['sql']
  try {
    sql = await Promise.race([arriving, wait.abort])
  } catch (error) {
    // Not more than once, however many signals abort: two would own what is released twice.
    void arriving.then((late) => {
      late.release()
    }, ignore)
    throw error
  } finally {
    wait.end()
  }
  const session: Session = { client }
  if (!client.ownsAll) await findLink(sql, session)
  const release = (isLost: boolean): void => {
    // A connection that was lost belongs to whoever opens it again.
    if (isLost) return
    // postgres.js does not close a connection that comes back to a client that is ending.
    if (client.endings > 0 && session.link !== undefined) session.link.close()
    else sql.release()
  }
  return { sql, session, release }
}

/**
 * Reserves a connection when one is idle, or all are in use. Whoever lets postgres.js 3.4 open a connection for a
 * reservation stays in its queue when that fails, and the next connection to come by is given to it, and lost.
 * So a connection is opened for a statement that does nothing.
 */
async function arrivalOf(
  client: KnownClient,
  signals: readonly AbortSignal[],
  wait: ConnectionWait,
): Promise<Reservation['sql']> {
  const { pool } = client
  // A client that has ended refuses a statement, and no reservation.
  if (client.endings > 0) await ping(client)
  while (!pool.hasIdle) {
    wait.isForOpening = pool.mayGrow
    if (pool.mayGrow) await ping(client)
    else if (pool.isAllSeen) break
    // Were it opened again, after it could not be, it could not be kept from forgetting the reservation.
    else await pool.change()
    const aborted = signals.find((signal) => signal.aborted)
    if (aborted !== undefined) throw abortError(aborted, 'not-sent')
  }
  return await client.reserve()
}

async function ping(client: KnownClient): Promise<void> {
  const query = client.ping()
  query.options.onexecute = (connection) => {
    client.pool.see(connection, false)
    return true
  }
  own.add(query)
  await query
}

/**
 * Finds the connection of `session` by an empty statement, where postgres.js may have opened it with a socket of its
 * own. Then it can be closed only in good order, and its cancels go where postgres.js sends them.
 */
export async function findLink(sql: AnySql, session: Session): Promise<void> {
  const query = queryOf(sql)
  query.options.onexecute = (connection) => {
    const backend = query.state as PostgresBackend
    session.client?.pool.see(connection, false)
    const known = links.get(backend)
    session.link = known?.isLost === false ? known : new Link(connection, backend, undefined)
    return false
  }
  own.add(query)
  await query
}

/** The wait for a connection, as long as it may take and where its time goes. */
export interface ConnectionWait {
  /** Rejects when the first of the signals aborts before the end; never resolves. */
  readonly abort: Promise<never>
  /** A connection is being opened for it, and not one waited for that others have. */
  isForOpening: boolean
  /** The connection is there, or will never be; harmless when repeated. */
  end(): void
}

/** @param text what is to be carried out, for those who hear of the abort. */
export function waitForConnection(
  { ownsAll, pool }: KnownClient,
  signals: readonly AbortSignal[],
  text?: string,
): ConnectionWait {
  // Nobody waits in a full pool where nothing is connected, or what is being opened: the server does not answer.
  const phase = (): 'pool' | 'connect' => {
    const isOpening = wait.isForOpening && pool.isConnecting
    return isOpening || (ownsAll && !pool.isConnected) ? 'connect' : 'pool'
  }
  const publish = abortPublisher()
  let unsubscribe: (() => void)[] = []
  const wait: ConnectionWait = {
    isForOpening: !pool.hasIdle && pool.mayGrow,
    abort: new Promise<never>((_resolve, reject) => {
      unsubscribe = signals.map((signal) =>
        onAbort(signal, () => {
          const kind = phase()
          // The wait is still running in its account.
          if (span !== undefined) span.kind = kind
          const error = abortError(signal, 'not-sent', { phase: kind })
          publish(() => ({ error, text }))
          reject(error)
        }),
      )
    }),
    end() {
      span?.end()
      for (const end of unsubscribe) end()
    },
  }
  const span = beginSpan(signals, phase())
  return wait
}

function ignore(): void {
  // It could not connect: there is nothing to give back.
}
