import { AsyncLocalStorage } from 'node:async_hooks'
import type { Arrival } from './cancel-target.js'
import type { Link } from './link.js'
import type { Pool } from './pool.js'
import type {
  PostgresBackend,
  PostgresCanceller,
  PostgresHandler,
  PostgresOptions,
  PostgresQuery,
} from './query.js'
import type { AnySql } from './signalled.js'

/** What is known of a client of postgres.js. */
export interface KnownClient {
  /** Its own `reserve`, which knows of no signal. */
  readonly reserve: () => Promise<AnySql & { release: () => void }>
  /** Carries out a statement that does nothing, over a connection that may have to be opened for it. */
  readonly ping: () => PostgresQuery
  readonly pool: Pool
  /** Every connection of it was opened by this package, which so has its socket. */
  readonly ownsAll: boolean
  /** Calls of `end` and `close` that have not resolved: connections that are given back are to close. */
  endings: number
}

/** What one owner has a connection for: one statement, a transaction, or a reservation. */
export interface Session {
  readonly client: KnownClient | undefined
  /** Known from the first statement under a signal, or before that where the socket is not ours. */
  link?: Link | undefined
  /** What a statement was told whose cancellation destroyed the connection. */
  endedBy?: unknown
}

export interface Owner {
  readonly sql: AnySql
  /** Undefined for a whole client. */
  readonly session: Session | undefined
}

interface SharedPostgres {
  /** By what its queries have in common, transactions' included. */
  readonly clients: WeakMap<PostgresCanceller, KnownClient>
  /** What each handler belongs to, where it heeds the surrounding signal. */
  readonly owners: WeakMap<PostgresHandler, Owner>
  /** The same for queries that come from a file, which have a handler each. */
  readonly files: WeakMap<object, { readonly owner: Owner; readonly path: string }>
  /** The sessions of transactions and reservations that came to signalled() out of nowhere. */
  readonly sessions: WeakMap<PostgresHandler, Session>
  readonly pools: WeakMap<PostgresOptions, Pool>
  /** The newest link of each connection. */
  readonly links: WeakMap<PostgresBackend, Link>
  /** Cursors that are read by `for await`. */
  readonly iterated: WeakSet<object>
  /** Queries of this package's own, which heed nothing. */
  readonly own: WeakSet<object>
  /** Surrounds all that a socket brings, so that an answer tells by which one it came. */
  readonly arriving: AsyncLocalStorage<Arrival>
}

const KEY: unique symbol = Symbol.for('@ctx-fix/runtime.postgres.state:1')

const host = globalThis as { [KEY]?: SharedPostgres | undefined }

// The class of the queries is patched by the first copy of this package, clients are made known to any.
export const sharedPostgres: SharedPostgres = (host[KEY] ??= {
  clients: new WeakMap(),
  owners: new WeakMap(),
  files: new WeakMap(),
  sessions: new WeakMap(),
  pools: new WeakMap(),
  links: new WeakMap(),
  iterated: new WeakSet(),
  own: new WeakSet(),
  arriving: new AsyncLocalStorage(),
})

/** A query that is never executed tells where those of `sql` go, and what class they have. */
export function queryOf(sql: AnySql): PostgresQuery {
  // eslint-disable-next-line ctx/require-signal -- it is not executed
  return sql.unsafe('') as unknown as PostgresQuery
}
