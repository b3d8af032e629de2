import { listenForAbort, type AbortListener, type Subscription } from '../abort-listeners.js'
import { currentSignal } from '../ambient.js'
import { abortPublisher } from '../attribution/channels.js'
import { beginSpan, type Span } from '../attribution/trace.js'
import { abortError } from '../errors.js'
import { remember } from '../restore-patched.js'

const PATCHED: unique symbol = Symbol.for('@ctx-fix/runtime.pg.patched:1')

/** A pool of tarn 3, which Knex uses: https://github.com/Vincit/tarn.js/blob/master/src/Pool.ts */
export interface TarnPool {
  [PATCHED]?: true
  readonly used: readonly unknown[]
  readonly pendingAcquires: readonly unknown[]
  acquire: () => { readonly promise: Promise<unknown>; reject: (error: Error) => void }
}

/** One of sequelize-pool: https://github.com/sequelize/sequelize-pool/blob/master/src/Pool.ts */
export interface SequelizePool {
  [PATCHED]?: true
  readonly using: number
  readonly _pendingAcquires: { reject: (error: Error) => void }[]
  acquire: () => Promise<unknown>
}

/** Lets the wait for a connection of Knex's pools end with the surrounding signal. Doing it again does nothing. */
export function patchTarnPool(prototype: TarnPool): void {
  if (prototype[PATCHED]) return
  remember(prototype)
  Object.defineProperty(prototype, PATCHED, { value: true, configurable: true })
  const original = prototype.acquire
  prototype.acquire = function acquire(this: TarnPool) {
    const pending = original.call(this)
    endWithSignal({
      promise: pending.promise,
      // One for which there is a free connection is out of the queue already, unless that proves bad.
      isWaiting: this.pendingAcquires.includes(pending),
      isForBusyClient: () => this.used.length > 0,
      // The pool itself takes it out of its queue.
      leave: (error) => {
        pending.reject(error)
      },
    })
    return pending
  }
}

/** The same for Sequelize's. */
export function patchSequelizePool(prototype: SequelizePool): void {
  if (prototype[PATCHED]) return
  remember(prototype)
  Object.defineProperty(prototype, PATCHED, { value: true, configurable: true })
  const original = prototype.acquire
  prototype.acquire = function acquire(this: SequelizePool) {
    const before = this._pendingAcquires.at(-1)
    const promise = original.call(this)
    const waiter = this._pendingAcquires.at(-1)
    if (waiter !== undefined && waiter !== before) {
      endWithSignal({
        promise,
        isWaiting: true,
        isForBusyClient: () => this.using > 0,
        leave: (error) => {
          // What has left the queue is about to be given a connection.
          const index = this._pendingAcquires.indexOf(waiter)
          if (index === -1) return
          this._pendingAcquires.splice(index, 1)
          waiter.reject(error)
        },
      })
    }
    return promise
  }
}

interface Wait {
  readonly promise: Promise<unknown>
  /** Nothing is free. */
  readonly isWaiting: boolean
  /** Whether a connection that others use is waited for, rather than one that is being opened. */
  readonly isForBusyClient: () => boolean
  readonly leave: (error: Error) => void
}

function endWithSignal(wait: Wait): void {
  const signal = currentSignal()
  if (signal === undefined) return
  // After the abort nothing but cleanup would be let through, for which there may be a connection that is free.
  if (!signal.aborted) new BoundWait(wait, signal)
  else if (wait.isWaiting) wait.leave(abortError(signal, 'not-sent'))
}

class BoundWait implements AbortListener {
  readonly #wait: Wait
  readonly #span: Span | undefined
  readonly #publish = abortPublisher()
  readonly #subscription: Subscription

  constructor(wait: Wait, signal: AbortSignal) {
    this.#wait = wait
    this.#span = beginSpan([signal], this.#kind)
    this.#subscription = listenForAbort(signal, this)
    const end = (): void => {
      this.#end()
    }
    wait.promise.then(end, end)
  }

  signalAborted(signal: AbortSignal): void {
    const phase = this.#kind
    if (this.#span !== undefined) this.#span.kind = phase
    const error = abortError(signal, 'not-sent', { phase })
    this.#end()
    this.#publish(() => ({ error, text: undefined }))
    this.#wait.leave(error)
  }

  get #kind(): 'pool' | 'connect' {
    return this.#wait.isForBusyClient() ? 'pool' : 'connect'
  }

  #end(): void {
    this.#span?.end()
    this.#subscription.end()
  }
}
