import type { Sql } from 'postgres'
import { ownSockets } from './arrival.js'
import { patchQueries } from './patch-queries.js'
import { poolOf } from './pool.js'
import type { PostgresCanceller, PostgresOptions, PostgresQuery } from './query.js'
import { queryOf, sharedPostgres, type KnownClient, type Session } from './shared.js'
import type { AnySql } from './signalled.js'

const { clients, owners, sessions } = sharedPostgres

/** Takes over the sockets of a whole client, once. */
export function knowClient(sql: Sql): KnownClient {
  const query = queryOf(sql)
  patchQueries(Object.getPrototypeOf(query) as PostgresQuery)
  const canceller = query.canceller as PostgresCanceller
  const known = clients.get(canceller)
  if (known !== undefined) return known
  const options = sql.options as unknown as PostgresOptions
  // They come with the first connection.
  const isNew = Object.keys(options.parameters).length === 0
  const client: KnownClient = {
    reserve: sql.reserve.bind(sql),
    // eslint-disable-next-line ctx/require-signal -- who waits for it is not bound to it
    ping: () => sql.unsafe('SELECT 1 WHERE false') as unknown as PostgresQuery,
    pool: poolOf(options),
    ownsAll: isNew,
    endings: 0,
  }
  ownSockets(options)
  clients.set(canceller, client)
  for (const name of ['end', 'close'] as const) countEndings(sql, name, client)
  return client
}

/** What is known of the transaction or the reservation that `sql` belongs to. */
export function sessionOf(sql: AnySql): Session {
  const { handler, canceller } = queryOf(sql)
  const session = owners.get(handler)?.session ?? sessions.get(handler)
  if (session !== undefined) return session
  const made: Session = { client: clients.get(canceller as PostgresCanceller) }
  sessions.set(handler, made)
  return made
}

function countEndings(sql: object, name: 'end' | 'close', client: KnownClient): void {
  const members = sql as Record<typeof name, (...args: unknown[]) => Promise<void>>
  const original = members[name]
  members[name] = async (...args) => {
    client.endings += 1
    try {
      await original(...args)
    } finally {
      client.endings -= 1
    }
  }
}
