import { publish } from '../attribution/channels.js'
import { routeTo, type CancelDelivery, type CancelRoute } from '../pg/cancel-request.js'
import type { CancellableConnection, Cancellation } from '../pg/cancellation.js'
import { targetOf, type Arrival } from './cancel-target.js'
import type {
  MakesPostgresQuery,
  PostgresBackend,
  PostgresCanceller,
  PostgresConnection,
  PostgresQuery,
} from './query.js'

/** What is executed on a link: one statement after the other. */
export interface LinkedStatement {
  /** The connection has been reserved for it alone. */
  readonly isAlone: boolean
  /** postgres.js's own way to cancel it. */
  readonly canceller: PostgresCanceller
  /** The server is ready, or the connection lost, and no cancel of the statement can come any more. */
  over: (isLost: boolean) => void
}

/**
 * A connection of postgres.js from its opening to its end. While a statement runs that has a signal, the link
 * stands between ReadyForQuery and whoever owns the connection, so that the next statement starts only when
 * no cancel is under way.
 */
export class Link implements CancellableConnection {
  cancellation: Cancellation | undefined
  /** Closed, or about to be. Nothing may be given to the connection, which serves somebody else when it opens again. */
  isLost = false
  readonly #connection: PostgresConnection
  readonly #backend: PostgresBackend
  readonly #arrival: Arrival | undefined
  readonly #listeners = new Set<() => void>()
  #statement: LinkedStatement | undefined
  #owner: PostgresConnection['reserved'] = null
  #ownersClose: PostgresConnection['onclose']
  #sweeper: PostgresQuery | undefined
  #isHeld = false
  #isReady = false

  /** @param arrival how it came, where that was seen. */
  constructor(
    connection: PostgresConnection,
    { pid, secret }: PostgresBackend,
    arrival: Arrival | undefined,
  ) {
    this.#connection = connection
    this.#backend = { pid, secret }
    this.#arrival = arrival
  }

  /** `statement` is being executed. */
  begin(statement: LinkedStatement): void {
    this.#statement = statement
    this.#isReady = false
    const connection = this.#connection
    if (connection.reserved !== this.#gate) {
      this.#owner = connection.reserved
      if (this.#owner !== null) connection.reserved = this.#gate
    }
    if (connection.onclose !== this.#closed) {
      this.#ownersClose = connection.onclose
      connection.onclose = this.#closed
    }
  }

  /**
   * The statement has been cancelled, perhaps among its rows. postgres.js 3.4 then counts the rows of the next
   * statement from there; so the next is one without rows, made of the class `Query`.
   */
  sweep(Query: MakesPostgresQuery): void {
    const sweeper = new Query(['SELECT 1 WHERE false'], [], ignore, null, { simple: true })
    sweeper.executed = true
    sweeper.resolve = ignore
    sweeper.reject = ignore
    this.#sweeper = sweeper
  }

  cancelRoute(): CancelRoute | undefined {
    const { pid } = this.#backend
    // Of a connection that nobody has reserved, postgres.js disposes at ReadyForQuery.
    if (pid === null || this.#owner === null) return undefined
    const target = this.#arrival && targetOf(this.#arrival, this.#backend)
    if (target !== undefined) return routeTo(target)
    const canceller = this.#statement?.canceller
    if (canceller === undefined) return undefined
    // Nobody else knows the way to a server that was reached through a socket of somebody else.
    const query = { state: this.#backend, active: true } as const
    return {
      server: 'postgres.js',
      processId: pid,
      send: () => ({
        delivery: canceller(query).then(
          (): CancelDelivery => 'delivered',
          (): CancelDelivery => 'unconfirmed',
        ),
        abandon: () => undefined,
      }),
    }
  }

  onReady(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  hold(): void {
    this.#isHeld = true
  }

  unhold(): void {
    this.#isHeld = false
    this.#goOn()
  }

  destroy(): void {
    if (this.isLost) return
    this.isLost = true
    publish('ctx:query:destroy', () => ({ processId: this.#backend.pid }))
    // Without the socket, the server is asked to close the connection.
    if (this.#arrival?.socket === undefined) this.#connection.terminate()
    else this.#arrival.socket.destroy()
  }

  /** Closes the connection in good order, for a client that is ending. */
  close(): void {
    this.#connection.reserved = null
    this.#connection.terminate()
  }

  /**
   * At ReadyForQuery, of a transaction that is over too. Only where nothing has to be waited for, postgres.js takes
   * back itself what one statement had, and so closes a connection whose time is over. It asks for `release`
   * there and then, and calls this where the statement has left a transaction open.
   */
  readonly #gate = Object.defineProperty(
    () => {
      this.#isReady = true
      for (const listener of this.#listeners) listener()
      this.#goOn()
    },
    'release',
    {
      get: () => {
        const mustWait = this.#isHeld || this.#sweeper !== undefined || this.#listeners.size > 0
        if (this.#statement?.isAlone !== true || mustWait) return true
        queueMicrotask(() => {
          // One that has just been closed would be waited for by a client that ends as if somebody had it.
          if (this.#connection.reserved === this.#gate) this.#connection.reserved = null
        })
        return false
      },
    },
  ) as NonNullable<PostgresConnection['reserved']>

  readonly #closed = (error: unknown): void => {
    this.isLost = true
    this.cancellation?.connectionIsLost()
    this.#end(true)
    this.#ownersClose?.(error)
    // postgres.js 3.4 waits for ever for the end of a connection that is lost while its client ends.
    this.#connection.terminate()
  }

  #goOn(): void {
    if (this.isLost) {
      this.#end(true)
      return
    }
    if (!this.#isReady || this.#isHeld) return
    this.#isReady = false
    const sweeper = this.#sweeper
    if (sweeper !== undefined) {
      this.#sweeper = undefined
      this.#connection.execute(sweeper)
      return
    }
    const owner = this.#owner
    this.#connection.reserved = owner
    this.#end(false)
    // Unless it has been given back, the next statement of its owner is due.
    if (owner !== null && this.#connection.reserved === owner) owner()
  }

  #end(isLost: boolean): void {
    const statement = this.#statement
    this.#statement = undefined
    statement?.over(isLost)
  }
}

function ignore(): void {
  // Nobody waits for a sweeper.
}
