/**
 * The parts of a postgres.js 3 query that are used here, its internals included.
 * https://github.com/porsager/postgres/blob/master/src/query.js
 */
export interface PostgresQuery extends PromiseLike<unknown> {
  readonly constructor: MakesPostgresQuery
  strings: readonly string[]
  args: readonly unknown[]
  /** Gives the query to a connection: the pool's, a transaction's or a reservation's own. */
  handler: PostgresHandler
  /** Undefined in the query by which a new connection asks for the types of arrays, and nowhere else. */
  readonly canceller: PostgresCanceller | null | undefined
  readonly options: PostgresQueryOptions
  /** The backend, once the query has been given to its connection. */
  state: PostgresBackend | null
  /** Whether it is what the connection is executing. */
  active: boolean
  /** Set by a cancel that comes while the query waits behind another one on its connection. */
  cancelled: unknown
  /** It has parameters that the server has to describe before it can be executed. */
  readonly describeFirst?: unknown
  /** It is not executed once it has been described. */
  onlyDescribe?: boolean
  readonly streaming?: unknown
  cursorFn?: ((rows: unknown) => unknown) | undefined
  forEachFn?: unknown
  executed: boolean
  handle: () => Promise<void>
  execute: () => unknown
  cursor: (...args: unknown[]) => unknown
  resolve: (result: unknown) => void
  reject: (error: unknown) => void
}

export interface PostgresQueryOptions {
  /**
   * Called when a statement is given to a connection, unless it has to be described first. Where it gives
   * nothing back, postgres.js sends no other statement behind this one.
   */
  onexecute?: ((connection: PostgresConnection) => boolean) | undefined
}

/** One object for each connection, also when it is opened again; then with another backend in it. */
export interface PostgresBackend {
  readonly pid: number | null
  readonly secret: number | null
}

export type PostgresHandler = (query: PostgresQuery) => void

/** Resolves when the server has closed the cancel connection. Looks at no more than these two. */
export type PostgresCanceller = (query: {
  readonly state: PostgresBackend
  readonly active: true
}) => Promise<void>

/** https://github.com/porsager/postgres/blob/master/src/connection.js */
export interface PostgresConnection {
  /**
   * Called at ReadyForQuery, instead of handing the connection on: it belongs to somebody. Without `release`
   * only while a transaction is open.
   */
  reserved: ((() => void) & { release?: boolean }) | null
  onclose?: ((error: unknown) => void) | null
  /** Opens it, for `initial`. */
  connect: (initial: PostgresReservation) => void
  execute: PostgresHandler
  terminate: () => void
  readonly id: number
  /** Where it stands: of all that are being opened, are idle, and so on. */
  readonly queue: PostgresQueue
  readonly idleTimer: { start: (...args: unknown[]) => void }
}

export interface PostgresQueue {
  readonly length: number
}

/** What waits for a connection: a query, or where it has this member a reservation. */
export interface PostgresReservation {
  readonly reserve?: (connection: PostgresConnection) => void
}

/** What a client was made with, as postgres.js keeps it; `socket` and `fetch_types` are read for each connection. */
export interface PostgresOptions {
  readonly host: readonly string[]
  readonly port: readonly number[]
  readonly path: string | false | undefined
  readonly ssl: boolean | string | object
  readonly sslnegotiation: string | null
  readonly keep_alive: number | null
  readonly max: number
  onclose: ((id: number) => void) | undefined
  /** What the server said of itself to the last connection. */
  readonly parameters: object
  socket: ((options: PostgresOptions) => unknown) | undefined
  fetch_types: boolean
}

export type MakesPostgresQuery = new (
  strings: readonly string[],
  args: readonly unknown[],
  handler: PostgresHandler,
  canceller: PostgresQuery['canceller'],
  options?: object,
) => PostgresQuery

/** The text of a statement as the server gets it, as far as it is known before it is built. */
export function textOfQuery({ strings, args }: Pick<PostgresQuery, 'strings' | 'args'>): string {
  return strings.reduce(
    (text, part, index) => `${text}${shownArgument(args[index - 1], index)}${part}`,
    '',
  )
}

function shownArgument(value: unknown, number: number): string {
  if (number === 0) return ''
  const fragment = value as Partial<PostgresQuery> | null | undefined
  return Array.isArray(fragment?.strings) && Array.isArray(fragment.args)
    ? textOfQuery(fragment as PostgresQuery)
    : `$${String(number)}`
}
