import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import type { ConnectionOptions } from 'node:tls'

/**
 * The parts of node-postgres 8 that are used here, its internals included: `@types/pg` describes
 * only the public ones. `assertSupported` in `patch-client.ts` probes for them when pg is patched.
 */
export interface PgConnection extends EventEmitter {
  readonly stream: Duplex & { remoteAddress?: string; remotePort?: number; encrypted?: boolean }
  readonly ssl: boolean | ConnectionOptions
  readonly sslNegotiation?: string
  /** Texts of the prepared statements, by their names. */
  readonly parsedStatements?: Readonly<Record<string, unknown>>
}

/** A statement as the client sees it: pg's Query, a cursor, a COPY stream. */
export interface PgQuery {
  text?: unknown
  /** Of a prepared statement, which goes without its text once it has been parsed. */
  readonly name?: string | null | undefined
  /** An Error instead of sending makes the client fail this query and go on with the next. */
  submit: (connection: PgConnection) => unknown
  handleError: (error: unknown, connection: PgConnection) => unknown
  handleReadyForQuery: (connection: PgConnection) => unknown
  /** How many rows are fetched at a time, where not all at once. */
  readonly rows?: number
  /** Of a COPY stream, which is a Writable or a Readable too. */
  readonly handleCopyInResponse?: unknown
  readonly destroy?: (error: Error) => unknown
  readonly writableEnded?: boolean
  push?: (chunk: unknown) => boolean
  readonly _read?: () => void
  /** Of a stream of pg-copy-streams that reads the connection in the place of pg: pg's listener. */
  readonly _pgDataHandler?: unknown
  /** Of a stream of rows, which has a cursor inside. */
  readonly cursor?: PgQuery
  /** Of a cursor: `idle` between two fetches. */
  readonly state?: string
  /** Of a cursor: who waits for a fetch. */
  readonly _cb?: unknown
  handlePortalSuspended?: () => void
  connection?: PgConnection | null
}

export interface PgClient extends EventEmitter {
  readonly constructor: {
    readonly Query: { new (): PgQuery; readonly prototype: PgQuery }
  } & typeof EventEmitter
  readonly connection: PgConnection
  readonly host: string
  readonly port: number
  readonly processID: number | null
  readonly secretKey: number | Buffer | null
  readonly pipeline?: boolean
  /** It has authenticated. */
  readonly _connected?: boolean
  release?: (error?: unknown) => void
  // Underscored since pg 8.19.
  readonly _queryQueue?: PgQuery[]
  readonly queryQueue?: PgQuery[]
  readonly _activeQuery?: PgQuery | null
  readonly activeQuery?: PgQuery | null
  _pulseQueryQueue: () => void
  getTransactionStatus?(): TransactionStatus | null
  connect: (callback?: (error?: unknown) => void) => Promise<unknown> | undefined
  query: (...args: unknown[]) => unknown
  end: () => Promise<void>
}

/** As ReadyForQuery reports it: idle, in a transaction, in a failed transaction. */
export type TransactionStatus = 'I' | 'T' | 'E'

export type CheckoutCallback = (
  error: Error | undefined,
  client: PgClient | undefined,
  done: (error?: unknown) => void,
) => void

export interface PgPool extends EventEmitter {
  readonly Promise: PromiseConstructor
  readonly Client?: { readonly prototype: object }
  readonly _pendingQueue?: object[]
  /** Those that are being connected among them. */
  readonly _clients?: readonly Pick<PgClient, '_connected'>[]
  _release: (client: PgClient, idleListener: unknown, error?: unknown) => void
  connect: (callback?: CheckoutCallback) => Promise<PgClient> | undefined
  query: (...args: unknown[]) => unknown
}

export function queueOf(client: PgClient): PgQuery[] {
  return client._queryQueue ?? client.queryQueue ?? []
}

export function activeQueryOf(client: PgClient): PgQuery | null | undefined {
  return '_activeQuery' in client ? client._activeQuery : client.activeQuery
}
