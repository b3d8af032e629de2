import { publish } from '../attribution/channels.js'
import { followsSignal, linkSignal, type LinkedSignal } from '../linked-signal.js'
import { sharedState } from '../shared-state.js'
import { cancelTargetOf, routeTo, type CancelRoute } from './cancel-request.js'
import type { CancellableConnection, Cancellation } from './cancellation.js'
import type { PgClient, TransactionStatus } from './pg-internals.js'
import type { GoverningSignals } from './signalled-query.js'
import type { PatchedMethod } from './statement-tap.js'

const STATE: unique symbol = Symbol.for('@ctx-fix/runtime.pg.client:1')

/** What is known of a statement before pg has made one of the arguments. */
export interface ArrivingStatement {
  readonly signals: GoverningSignals
  readonly args: unknown[]
  readonly method: PatchedMethod
  /** Of the client's queue, before. */
  readonly queueLength: number
}

/** What is remembered about one connection, beyond what pg does. */
export class ClientState implements CancellableConnection {
  /** While above zero, the client starts no queued statement. */
  holds = 0
  /** As of the last ReadyForQuery, for a pg that does not tell. */
  #transaction: TransactionStatus | undefined
  /** When the present owner got the client, on the `performance.now()` clock. */
  #ownedSince: number | undefined
  /** The surrounding signal of whoever opened the client, where that was not a pool of pg's. */
  #openedUnder: AbortSignal | undefined
  /** A signal ended a statement of the present owner. */
  sawAbort = false
  /** A cancelled statement of the present owner may have left a lock to the session. */
  mayKeepLock = false
  /** Given up: closed by us, or about to be. */
  destroyed = false
  cancellation: Cancellation | undefined
  /** The statement of a call that is being made, until pg puts it into the queue. */
  arriving: ArrivingStatement | undefined
  /** The present owner is a `pool.query`, which gives the client back as soon as the statement ends. */
  isForOneQuery = false
  #cleanup: { after: AbortSignal; link: LinkedSignal } | undefined
  readonly #client: PgClient

  constructor(client: PgClient) {
    this.#client = client
    if (client.getTransactionStatus === undefined) {
      // First in line, because pg's own listener sends the next statement, for which this decides.
      client.connection.prependListener(
        'readyForQuery',
        (message?: { status?: TransactionStatus }) => {
          this.#transaction = message?.status
        },
      )
    }
    client.connection.once('end', () => {
      this.destroyed = true
      // After pg's own listener: a pool that gets the client back asks pg whether it has ended.
      process.nextTick(() => this.cancellation?.connectionIsLost())
    })
  }

  /** As of the last ReadyForQuery; pg notes it before it starts the next statement. */
  get transaction(): TransactionStatus | undefined {
    return this.#client.getTransactionStatus?.() ?? this.#transaction
  }

  get isInTransaction(): boolean {
    const { transaction } = this
    return transaction === 'T' || transaction === 'E'
  }

  /** Nothing of the past can reach the next statement or the next owner. */
  get isClean(): boolean {
    const isIdle = this.transaction === 'I' && this.cancellation === undefined
    return isIdle && !this.mayKeepLock && !this.destroyed
  }

  cancelRoute(): CancelRoute | undefined {
    const target = cancelTargetOf(this.#client)
    return target && routeTo(target)
  }

  /** Behind pg's own listener, which notes how the transaction stands, and starts nothing while the client is held. */
  onReady(listener: () => void): () => void {
    const { connection } = this.#client
    connection.on('readyForQuery', listener)
    return () => connection.off('readyForQuery', listener)
  }

  hold(): void {
    this.holds += 1
  }

  /** Lets queued statements go again. */
  unhold(): void {
    this.holds -= 1
    if (this.holds === 0) this.#client._pulseQueryQueue()
  }

  /** A pool has handed the client out. */
  checkedOut(): void {
    this.isForOneQuery = false
    this.#ownedSince = performance.now()
    this.#openedUnder = undefined
    this.sawAbort = false
    this.mayKeepLock = false
  }

  /**
   * Somebody opens the client without a pool of pg's. Other libraries' pools do so too, and when
   * they hand it on cannot be seen; so it belongs to nobody else than the opener's signal.
   */
  openedUnder(signal: AbortSignal | undefined): void {
    this.#ownedSince = signal === undefined ? undefined : performance.now()
    this.#openedUnder = signal
  }

  checkedIn(): void {
    this.#ownedSince = undefined
    this.#cleanup?.link.dispose()
    this.#cleanup = undefined
  }

  /** Whether the code that `signal` surrounds has had the client since before `signal` aborted. */
  wasOwnedBefore(signal: AbortSignal): boolean {
    if (this.#ownedSince === undefined) return false
    if (this.#openedUnder !== undefined && !followsSignal(signal, this.#openedUnder)) return false
    // Nobody noted when a signal aborted that was only around for a moment: then it was just now.
    return this.#ownedSince <= (sharedState.abortTimes.get(signal) ?? Infinity)
  }

  /** The deadline that all cleanup after the abort of `signal` shares on this client. */
  cleanupSignal(signal: AbortSignal): AbortSignal {
    if (this.#cleanup?.after !== signal) {
      this.#cleanup?.link.dispose()
      const link = linkSignal([], sharedState.defaults.cleanupTimeoutMs)
      this.#cleanup = { after: signal, link }
    }
    return this.#cleanup.link.signal
  }

  /** Closes the connection without waiting for the server, and without an 'error' event. */
  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    publish('ctx:query:destroy', () => ({ processId: this.#client.processID }))
    // end() first: it tells pg, and a pool that gets the client back, that this is deliberate.
    void this.#client.end()
    this.#client.connection.stream.destroy()
  }
}

interface Stateful extends PgClient {
  [STATE]?: ClientState | undefined
}

export function stateOf(client: PgClient): ClientState {
  const carrier = client as Stateful
  return (carrier[STATE] ??= new ClientState(client))
}

/** The same without making one: most clients never see a signal. */
export function existingStateOf(client: PgClient): ClientState | undefined {
  return (client as Stateful)[STATE]
}
