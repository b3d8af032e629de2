import { publish } from '../attribution/channels.js'
import { sharedState } from '../shared-state.js'
import { takeCancelTurn } from './cancel-limiter.js'
import type { CancelRoute, PendingCancel } from './cancel-request.js'
import { guarantees } from './internals.js'

const FIRST_RETRY_MS = 20
const LAST_RETRY_MS = 1_000

/** A connection whose statement can be cancelled, whichever driver it belongs to. */
export interface CancellableConnection {
  /** The one that is under way. */
  cancellation: Cancellation | undefined
  /** `undefined` where the server gave no key, or cannot be reached a second time. */
  cancelRoute(): CancelRoute | undefined
  /** Starts no statement from now on, until `unhold`. */
  hold(): void
  unhold(): void
  /**
   * Calls `listener` whenever the server is ready for the next statement, before one is started.
   *
   * @returns what takes the listener away again.
   */
  onReady(listener: () => void): () => void
  /** Closes the connection without waiting for the server. */
  destroy(): void
}

/**
 * Ends the statement that a connection is executing, and keeps the connection from starting another one
 * until the cancellation can no longer hit it:
 *
 * 1. the statement has its result, and the server is ready for the next (an error comes before
 *    ReadyForQuery, in a packet of its own);
 * 2. the server has closed every cancel connection. It does that after signalling the backend, and
 *    a backend handles a pending signal before it reads on; so nothing is in flight any more.
 *
 * A CancelRequest that arrives before the backend has read the statement is lost, so it is repeated
 * while there is no result. Where 1 and 2 cannot be had within the grace period, the connection is
 * destroyed.
 */
export class Cancellation {
  readonly #connection: CancellableConnection
  readonly #forgetReady: () => void
  #deliver: (() => void) | undefined
  #ready = false
  #connectionLost = false
  #attempting = false
  #unconfirmed = false
  #sent = 0
  #endedByCancel = false
  #retryMs = FIRST_RETRY_MS
  #request: PendingCancel | undefined
  #retry: NodeJS.Timeout | undefined
  readonly #grace: NodeJS.Timeout
  readonly #whenOver: (() => void)[] = []

  constructor(connection: CancellableConnection) {
    this.#connection = connection
    connection.cancellation = this
    this.#forgetReady = connection.onReady(() => {
      this.#ready = true
      this.#settleIfSafe()
    })
    connection.hold()
    this.#grace = setTimeout(() => {
      this.#giveUp()
    }, sharedState.defaults.cancelGraceMs)
    this.#grace.unref()
    const route = connection.cancelRoute()
    if (route === undefined) this.#giveUp()
    else void this.#attempt(route)
  }

  /**
   * The statement has ended; `deliver` tells its caller, once that is safe.
   *
   * @param byCancel the server says that a cancel was the cause: as far as can be told, one of these.
   */
  hasResult(deliver: () => void, byCancel: boolean): void {
    this.#deliver = deliver
    this.#endedByCancel = byCancel
    this.#settleIfSafe()
  }

  /** Calls `listener` when the connection is safe to use again, or destroyed. */
  whenOver(listener: () => void): void {
    this.#whenOver.push(listener)
  }

  /** The connection has ended: no ReadyForQuery will come, and no cancel can do harm any more. */
  connectionIsLost(): void {
    this.#connectionLost = true
    this.#request?.abandon()
    this.#settleIfSafe()
  }

  async #attempt(route: CancelRoute): Promise<void> {
    this.#attempting = true
    const endTurn = await takeCancelTurn(route.server)
    try {
      // The statement may have ended while this waited for its turn.
      if (this.#needsCancel) {
        this.#sent += 1
        this.#request = route.send()
        const delivery = await this.#request.delivery
        const { processId } = route
        publish('ctx:query:cancel', () => ({ processId, delivery }))
        if (delivery === 'unconfirmed') this.#unconfirmed = true
      }
    } finally {
      endTurn()
    }
    this.#attempting = false
    this.#settleIfSafe()
    if (this.#needsCancel && guarantees.retryLostCancel) this.#scheduleRetry(route)
  }

  #scheduleRetry(route: CancelRoute): void {
    this.#retry = setTimeout(() => {
      if (this.#needsCancel) void this.#attempt(route)
    }, this.#retryMs)
    this.#retry.unref()
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS)
  }

  #settleIfSafe(): void {
    if (this.#isOver || this.#deliver === undefined) return
    if (!this.#connectionLost) {
      if (!this.#ready || (this.#attempting && guarantees.awaitCancelClose)) return
      if (this.#unconfirmed || this.#poolerMayHoldCancel) this.#connection.destroy()
    }
    this.#finish(this.#deliver)
  }

  #giveUp(): void {
    if (this.#isOver) return
    this.#connection.destroy()
    // Without a result yet, the driver reports the loss of the connection, and that becomes the result.
    this.connectionIsLost()
  }

  get #isOver(): boolean {
    return this.#connection.cancellation !== this
  }

  /** A pooler may close a cancel connection first, and pass the cancel on afterwards. */
  get #poolerMayHoldCancel(): boolean {
    const spent = this.#endedByCancel ? 1 : 0
    return sharedState.defaults.proxyFence && this.#sent > spent
  }

  get #needsCancel(): boolean {
    return !this.#isOver && !this.#connectionLost && this.#deliver === undefined
  }

  #finish(deliver: () => void): void {
    clearTimeout(this.#grace)
    clearTimeout(this.#retry)
    this.#forgetReady()
    this.#connection.cancellation = undefined
    try {
      deliver()
    } catch (error) {
      // A callback of the caller's has thrown. Thrown here, inside of the driver's, it would leave the connection without
      // its ReadyForQuery.
      process.nextTick(() => {
        throw error
      })
    }
    for (const listener of this.#whenOver) listener()
    this.#connection.unhold()
  }
}
