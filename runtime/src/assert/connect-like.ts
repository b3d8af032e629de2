import type { PgClient } from '../pg/pg-internals.js'
import type { ObserverClient } from './observer.js'

/** A client of pg has what it connected with, password included. */
type Connected = PgClient & {
  readonly constructor: new (options: object) => ObserverClient
  readonly user?: string
  readonly database?: string
  readonly password?: unknown
}

/** Another client of the same copy of pg, for the same database. */
export function connectLikeClient(client: PgClient): ObserverClient {
  const { host, port, user, database, password, connection } = client as Connected
  const { ssl } = connection
  return new (client as Connected).constructor({ host, port, user, database, password, ssl })
}
