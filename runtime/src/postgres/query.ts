/**
 * The parts of a postgres.js 3 query that are used here, its internals included; its types have only `cancel`,
 * which throws the promise away that tells when the cancel has been dealt with.
 * https://github.com/porsager/postgres/blob/master/src/query.js
 */
export interface PostgresQuery extends PromiseLike<unknown> {
  readonly constructor: MakesPostgresQuery
  readonly strings: readonly string[]
  readonly args: readonly unknown[]
  /** Gives the query to a connection: the pool's, a transaction's or a reservation's own. */
  handler: PostgresHandler
  /** Resolves when the server has closed the cancel connection. Missing from what a connection asks by itself. */
  readonly canceller: ((query: PostgresQuery) => Promise<void>) | null | undefined
  readonly options: object
  /** The backend, once the query has been given to its connection. */
  state: { readonly pid: number } | null
  /** Whether it is what the connection is executing. */
  active: boolean
  /** Set by a cancel that comes while the query waits behind another one on its connection. */
  cancelled: unknown
  readonly streaming?: unknown
  readonly cursorFn?: unknown
  readonly forEachFn?: unknown
  executed: boolean
  isRaw?: unknown
  onlyDescribe?: unknown
  handle: () => Promise<void>
  execute: () => unknown
  resolve: (result: unknown) => void
  reject: (error: unknown) => void
}

export type PostgresHandler = (query: PostgresQuery) => void

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
  )
}

function shownArgument(value: unknown, number: number): string {
  const fragment = value as Partial<PostgresQuery> | null | undefined
  return Array.isArray(fragment?.strings) && Array.isArray(fragment.args)
    ? textOfQuery(fragment as PostgresQuery)
    : `$${String(number)}`
}
