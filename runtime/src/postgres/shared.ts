import type { PostgresHandler, PostgresQuery } from './query.js'
import type { AnySql } from './signalled.js'

interface SharedPostgres {
  /** What each handler belongs to. */
  readonly owners: WeakMap<PostgresHandler, AnySql>
  /** The last statement of each transaction: one at a time, lest a cancel hits the other. */
  readonly last: WeakMap<AnySql, Promise<unknown>>
  /** Connections of transactions and reservations on which a statement is being executed. */
  readonly busy: WeakSet<object>
  /** Queries that are executed here, so that nothing else need look after them. */
  readonly own: WeakSet<object>
  /** The statements in whose place others are executed. */
  readonly originals: WeakMap<object, PostgresQuery>
}

const KEY: unique symbol = Symbol.for('@ctx-fix/runtime.postgres.state:1')

const host = globalThis as { [KEY]?: SharedPostgres | undefined }

// The class of the queries is patched by the first copy of this package, clients are made known to any.
export const sharedPostgres: SharedPostgres = (host[KEY] ??= {
  owners: new WeakMap(),
  last: new WeakMap(),
  busy: new WeakSet(),
  own: new WeakSet(),
  originals: new WeakMap(),
})
