import type { MakesPostgresQuery, PostgresQuery } from '../../postgres/query.js'
import { patchQueries } from '../../postgres/patch-queries.js'
import { sharedState } from '../../shared-state.js'
import { CallStack } from '../ledger/call-stack.js'
import type { ObserverClient } from '../observer.js'

/** What `postgres()` gives, as far as it is used here. */
export interface PostgresClient {
  (value: object): object
  unsafe(text: string, values?: unknown[]): PostgresQuery & PromiseLike<unknown[]>
  end(options: { timeout: number }): Promise<void>
}

export type Postgres = (options: object) => PostgresClient

/** What a client was made with, as postgres.js keeps it. */
interface ClientOptions {
  readonly host: unknown
  readonly port: unknown
  readonly path: unknown
  readonly user: unknown
  readonly pass: unknown
  readonly database: unknown
  readonly ssl: unknown
}

interface Copy {
  readonly postgres: Postgres
  /** The prototype of what builds its own part of a statement, and is shown the client's options for that. */
  readonly builder: object
}

const copies = new WeakMap<MakesPostgresQuery, Copy>()
const stacks = new WeakMap<object, CallStack>()

/**
 * Lets the ledger hear of all statements of one copy of postgres.js, whoever makes the client.
 *
 * @returns what takes that back; undefined for what is no postgres.js.
 */
export function recordPostgres(postgres: Postgres): (() => void) | undefined {
  // Connects with its first statement, so never.
  const client = postgres({ max: 1 })
  const prototype = Object.getPrototypeOf(client.unsafe('')) as PostgresQuery
  if (typeof prototype.handle !== 'function') return undefined
  patchQueries(prototype)
  const Query = prototype.constructor
  copies.set(Query, { postgres, builder: Object.getPrototypeOf(client({})) as object })
  return traceQueries(Query)
}

/** Where a query was made. It is sent when somebody awaits it, out of its caller's sight. */
export function stackOf(query: PostgresQuery): CallStack | undefined {
  return stacks.get(query)
}

/**
 * An argument for a statement that becomes nothing, and tells the options of the client that builds the
 * statement: a query knows its client in no other way.
 */
export function optionsProbe(
  { constructor }: PostgresQuery,
  found: (options: ClientOptions) => void,
): object {
  const build = (
    _text: string,
    _values: unknown,
    _types: unknown,
    options: ClientOptions,
  ): string => {
    found(options)
    return ''
  }
  return Object.create(copies.get(constructor)?.builder ?? null, {
    build: { value: build },
  }) as object
}

/** Another connection with the same `options`. */
export function connectLike(
  { constructor }: PostgresQuery,
  { host, port, path, user, pass, database, ssl }: ClientOptions,
): ObserverClient {
  const copy = copies.get(constructor)
  if (copy === undefined) throw new Error('a copy of postgres.js was not recorded')
  return clientOf(copy.postgres({ host, port, path, user, pass, database, ssl, max: 1 }))
}

/** A client of postgres.js with the methods of one of pg. */
export function clientOf(sql: PostgresClient): ObserverClient {
  const query = async (text: string, values: unknown[] = []): Promise<{ rows: unknown[] }> => ({
    rows: await sql.unsafe(text, values),
  })
  return { connect: () => query('SELECT 1'), query, end: () => sql.end({ timeout: 1 }) }
}

function traceQueries(Query: MakesPostgresQuery): () => void {
  const Base = Object.getPrototypeOf(Query) as PromiseConstructor
  // What `super` means in the constructor of a class can be changed afterwards.
  class TracedPromise extends Base<unknown> {
    constructor(executor: ConstructorParameters<PromiseConstructor>[0]) {
      super(executor)
      if (sharedState.tap !== undefined)
        stacks.set(
          this,
          new CallStack(
            TracedPromise,
            sharedState.ambient.getStore()?.calledAt as CallStack | undefined,
          ),
        )
    }
  }
  Object.setPrototypeOf(Query, TracedPromise)
  return () => {
    if (Object.getPrototypeOf(Query) === TracedPromise) Object.setPrototypeOf(Query, Base)
  }
}
