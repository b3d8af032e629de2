import { detached } from '../ambient.js'
import { unrecorded } from './ledger/scopes.js'

/** The parts of a pg client that the observer needs; taken from the caller's own copy of pg. */
export interface ObserverClient {
  connect(): Promise<unknown>
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
  end(): Promise<void>
}

/** Which statement a backend is in; its `pid` alone does not say. See `hasLeft`. */
export interface Execution {
  readonly pid: number
  readonly queryStart: string | null
  readonly xactStart: string | null
  readonly waitEvent: string | null
  readonly statement: string
}

/** What PostgreSQL says about a backend. */
export interface BackendState extends Omit<Execution, 'pid'> {
  readonly state: string | null
  readonly inTransaction: boolean
  readonly locks: number
}

/**
 * Whether the backend is no longer in that statement. PostgreSQL sets `query_start` anew when a statement that was
 * parsed is bound, and again when it is executed, all within one transaction; and `xact_start` when a statement
 * ends one transaction and begins the next, as VACUUM and CALL do. Another statement has another of both; or its
 * transaction is the same, in which case what was to end still goes on.
 */
export function hasLeft(execution: Execution, backend: BackendState | undefined): boolean {
  if (backend?.state !== 'active') return true
  const { queryStart, xactStart } = backend
  // In its first moment a statement has no transaction yet.
  const isOther = execution.xactStart !== null && xactStart !== execution.xactStart
  return queryStart !== execution.queryStart && isOther
}

/** Whether the statement itself is under way: one that was only parsed waits for its client to go on. */
export function isExecuting({ waitEvent, statement }: Execution): boolean {
  return waitEvent !== 'ClientRead' || /^\s*COPY\b/i.test(statement)
}

// https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
const ACTIVE = `
  SELECT pid, query_start::text AS "queryStart", xact_start::text AS "xactStart",
         wait_event AS "waitEvent", query AS statement
    FROM pg_stat_activity
   WHERE state = 'active' AND backend_type = 'client backend'
     AND datname = current_database() AND pid <> pg_backend_pid()`

const BACKEND = `
  SELECT state, query_start::text AS "queryStart", xact_start::text AS "xactStart",
         wait_event AS "waitEvent", query AS statement, xact_start IS NOT NULL AS "inTransaction",
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
    const { rows } = await aside(() => this.#client.query(ACTIVE))
    return rows as Execution[]
  }

  /** Runs a statement of the looker-on's own. */
  async run(sql: string): Promise<void> {
    await aside(() => this.#client.query(sql))
  }

  /** `undefined` when the backend has ended. */
  async backend(pid: number): Promise<BackendState | undefined> {
    const { rows } = await aside(() => this.#client.query(BACKEND, [pid]))
    return (rows as BackendState[])[0]
  }
}

function aside<T>(fn: () => Promise<T>): Promise<Awaited<T>> {
  return unrecorded(() => detached('observes what a cancellation does', fn))
}
