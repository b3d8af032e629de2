import { Observer, type ObserverClient } from './observer.js'
import { clientOf, type PostgresClient } from './postgres/copies.js'

/** The parts of a pg pool that are looked at. */
export interface ObservedPool {
  readonly totalCount: number
  readonly idleCount: number
  readonly waitingCount: number
  readonly options: object
}

/** Where the database is that is to be looked at. */
export interface DatabaseAddress {
  /** The pool that the call uses: it must be whole and idle afterwards. */
  pool?: ObservedPool
  /** Address of the database, where there is no pool to take it from. Needs `pg` or `postgres` installed. */
  connectionString?: string
}

/**
 * Connects to the database in question, beside the application.
 *
 * @param caller the function that the user called, for messages.
 * @param client what connects, where it is known; else made by the address.
 * @throws {TypeError} when neither pool nor address is given.
 * @throws {Error} when pg is not installed, or the database does not answer.
 */
export async function openObserver(
  caller: string,
  address: DatabaseAddress,
  client?: ObserverClient,
): Promise<Observer> {
  const observer = new Observer(client ?? (await clientFor(caller, address)))
  try {
    await observer.connect()
  } catch (cause) {
    throw new Error(
      `${caller}: the database cannot be asked: ${messageOf(cause)}. It must be the one that the ` +
        'application uses, and running',
      { cause },
    )
  }
  return observer
}

async function clientFor(
  caller: string,
  { pool, connectionString }: DatabaseAddress,
): Promise<ObserverClient> {
  if (pool !== undefined) {
    const { Client } = pool as unknown as { Client: new (options: object) => ObserverClient }
    return new Client(pool.options)
  }
  if (connectionString === undefined) {
    throw new TypeError(`${caller}() needs the pool or a connectionString`)
  }
  const notFound = (cause: unknown): Promise<ObserverClient> => {
    const message = `${caller}: neither pg nor postgres is installed beside @ctx-fix/runtime: pass the pool instead`
    throw new Error(message, { cause })
  }
  return import('pg')
    .then(({ default: pg }): ObserverClient => new pg.Client({ connectionString }))
    .catch(() => viaPostgres(connectionString))
    .catch(notFound)
}

async function viaPostgres(connectionString: string): Promise<ObserverClient> {
  const { default: postgres } = await import('postgres')
  return clientOf(postgres(connectionString, { max: 1 }) as unknown as PostgresClient)
}

/** A refused connection to several addresses is an AggregateError, which has no message. */
export function messageOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string }
  return message || (code ?? String(error))
}
