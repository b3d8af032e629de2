import { detached } from '../ambient.js'
import { unrecorded } from './ledger/ledger.js'

/** The parts of a pg client that the observer needs; taken from the caller's own copy of pg. */
export interface ObserverClient {
  connect(): Promise<unknown>
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
  end(): Promise<void>
}

/** One execution of one statement: a backend's `pid` alone says nothing about which. */
export interface Execution {
  readonly pid: number
  readonly queryStart: string
  readonly statement: string
}

/** What PostgreSQL says about a backend. */
export interface BackendState {
  readonly state: string | null
  readonly queryStart: string | null
  readonly inTransaction: boolean
  readonly locks: number
}

// https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
const ACTIVE = `
  SELECT pid, query_start::text AS "queryStart", query AS statement
    FROM pg_stat_activity
   WHERE state = 'active' AND backend_type = 'client backend'
     AND datname = current_database() AND pid <> pg_backend_pid()`

const BACKEND = `
  SELECT state, query_start::text AS "queryStart", xact_start IS NOT NULL AS "inTransaction",
         (SELECT count(*)::int FROM pg_locks l
           WHERE l.pid = a.pid AND l.locktype <> 'virtualxid') AS locks
    FROM pg_stat_activity a
   WHERE pid = $1`

/** Looks at a server from a connection of its own. Never cancelled by a surrounding signal. */
export class Observer {
  readonly #client: ObserverClient

  constructor(client: ObserverClient) {
    this.#client = client
  }

  async connect(): Promise<void> {
    await aside(() => this.#client.connect())
  }

  async end(): Promise<void> {
    await aside(() => this.#client.end())
  }

  /** Statements being executed for clients of this database, the observer's own left out. */
  async active(): Promise<Execution[]> {
    // ctx:detached -- looks on, also when what it looks at has been aborted
    const { rows } = await aside(() => this.#client.query(ACTIVE))
    return rows as Execution[]
  }

  /** Runs a statement of the looker-on's own. */
  async run(sql: string): Promise<void> {
    // ctx:detached -- looks on, also when what it looks at has been aborted
    await aside(() => this.#client.query(sql))
  }

  /** `undefined` when the backend has ended. */
  async backend(pid: number): Promise<BackendState | undefined> {
    // ctx:detached -- looks on, also when what it looks at has been aborted
    const { rows } = await aside(() => this.#client.query(BACKEND, [pid]))
    return (rows as BackendState[])[0]
  }
}

function aside<T>(fn: () => Promise<T>): Promise<Awaited<T>> {
  return unrecorded(() => detached('observes what a cancellation does', fn))
}
