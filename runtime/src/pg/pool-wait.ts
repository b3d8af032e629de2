import { listenForAbort, type AbortListener, type Subscription } from '../abort-listeners.js'
import { abortPublisher } from '../attribution/channels.js'
import { beginSpan, type Span } from '../attribution/trace.js'
import { abortError } from '../errors.js'
import { sharedState, type AmbientContext } from '../shared-state.js'
import { existingStateOf } from './client-state.js'
import type { CheckoutCallback, PgPool } from './pg-internals.js'

/**
 * Checks a client out of `pool`, or calls back with an error as soon as one of `signals` aborts. A
 * client that arrives after that goes straight to the next in line.
 *
 * `callback` runs in the caller's context, whoever calls it: a waiting one is called by who releases a client.
 *
 * @param isForOneQuery `callback` is that of a `pool.query`.
 */
export function waitForClient(
  pool: PgPool,
  connect: PgPool['connect'],
  signals: readonly AbortSignal[],
  callback: CheckoutCallback,
  isForOneQuery = false,
): void {
  const aborted = signals.find((signal) => signal.aborted)
  if (aborted !== undefined) {
    process.nextTick(callback, abortError(aborted, 'not-sent'), undefined, nothing)
    return
  }
  const wait = new PoolWait(pool, signals, callback, isForOneQuery)
  const length = pool._pendingQueue?.length ?? 0
  void connect.call(pool, (error, client, done) => {
    wait.clientArrived(error, client, done)
  })
  const isQueued = pool._pendingQueue !== undefined && pool._pendingQueue.length > length
  wait.hasPlace(isQueued ? pool._pendingQueue.at(-1) : undefined)
}

class PoolWait implements AbortListener {
  /** Its place in the pool's queue, if it stands in one. */
  #waiter: object | undefined
  readonly #pool: PgPool
  readonly #callback: CheckoutCallback
  readonly #isForOneQuery: boolean
  readonly #context: AmbientContext | undefined = sharedState.ambient.getStore()
  readonly #subscriptions: readonly Subscription[]
  readonly #span: Span | undefined
  readonly #publish = abortPublisher()
  #isOver = false

  constructor(
    pool: PgPool,
    signals: readonly AbortSignal[],
    callback: CheckoutCallback,
    isForOneQuery: boolean,
  ) {
    this.#pool = pool
    this.#callback = callback
    this.#isForOneQuery = isForOneQuery
    this.#span = beginSpan(signals, 'pool')
    this.#subscriptions = signals.map((signal) => listenForAbort(signal, this))
  }

  /** @param waiter its place in the pool's queue; without one, the pool opens a connection for it. */
  hasPlace(waiter: object | undefined): void {
    this.#waiter = waiter
    if (this.#span !== undefined && !this.#isForBusyClient) this.#span.kind = 'connect'
  }

  clientArrived(...[error, client, done]: Parameters<CheckoutCallback>): void {
    if (this.#isOver) {
      if (client !== undefined) done()
      return
    }
    this.#isOver = true
    this.#span?.end()
    const state = client && existingStateOf(client)
    if (state !== undefined) state.isForOneQuery = this.#isForOneQuery
    try {
      sharedState.ambient.run(this.#context, this.#callback, error, client, done)
    } finally {
      // Not before a statement that the callback starts has its own: the last to leave and the first to come
      // cost more than all between.
      this.#unsubscribe()
    }
  }

  signalAborted(signal: AbortSignal): void {
    if (this.#isOver) return
    this.#isOver = true
    const phase = this.#isForBusyClient ? 'pool' : 'connect'
    leaveQueue(this.#pool, this.#waiter)
    // The wait is still running in its account.
    if (this.#span !== undefined) this.#span.kind = phase
    const error = abortError(signal, 'not-sent', { phase })
    this.#span?.end()
    this.#unsubscribe()
    this.#publish(() => ({ error, text: undefined }))
    sharedState.ambient.run(this.#context, () => {
      process.nextTick(this.#callback, error, undefined, nothing)
    })
  }

  /** A pool of which no client has ever been connected is not full: its server does not answer. */
  get #isForBusyClient(): boolean {
    const { _pendingQueue: queue, _clients: clients } = this.#pool
    if (this.#waiter === undefined || queue?.includes(this.#waiter) === false) return false
    return clients?.every(({ _connected }) => _connected === false) !== true
  }

  #unsubscribe(): void {
    for (const subscription of this.#subscriptions) subscription.end()
  }
}

/**
 * Thousands of waiters that only hand the client on would each be a call inside the previous one's,
 * and would count as waiting; so the pool is rid of them where it lets us.
 */
function leaveQueue(pool: PgPool, waiter: object | undefined): void {
  const index = waiter === undefined ? -1 : (pool._pendingQueue?.indexOf(waiter) ?? -1)
  if (index !== -1) pool._pendingQueue?.splice(index, 1)
}

function nothing(): void {
  // The `done` of a callback that got no client.
}
