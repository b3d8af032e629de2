import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { openObserver, type DatabaseAddress } from './open-observer.js'
import type { Execution, Observer } from './observer.js'
import { assertRealTimers } from './real-timers.js'
import { hasSqlState, QUERY_CANCELED } from './sql-state.js'

export interface ExpectCancelledOptions extends DatabaseAddress {
  /** Which statement is meant, where the call runs several or others use the database as well. */
  statement?: RegExp
  /**
   * `false` when the call's own error cannot carry the SQLSTATE, as with a request over HTTP. Else
   * 57014 must be found in the error or in what caused it.
   */
  expectSqlState?: boolean
  /** Milliseconds that the statement must have been running before the abort; 50 unless set. */
  runningForMs?: number
  /** Milliseconds that the statement is waited for; 5,000 unless set. */
  timeoutMs?: number
  /** Milliseconds within which everything must have ended after the abort; 1,000 unless set. */
  withinMs?: number
}

/** What was seen. */
export interface CancellationReport {
  /** The error that the call ended with. */
  readonly error: unknown
  readonly pid: number
  readonly statement: string
  /** Milliseconds from the abort to the rejection. */
  readonly rejectedAfterMs: number
  /** Milliseconds from the abort until PostgreSQL was seen not to execute the statement. */
  readonly stoppedAfterMs: number
  /** Milliseconds from the abort until everything was as it should be. */
  readonly cleanAfterMs: number
  /** What all of them had to stay within. */
  readonly withinMs: number
}

const POLL_MS = 5

/**
 * Proves that a call really is cancelled: runs it, waits until PostgreSQL executes its statement,
 * aborts, and demands that within `withinMs`
 *
 * - the call rejects, and with SQLSTATE 57014 for a cause;
 * - the backend has left the statement, holds no transaction and no lock, and is idle;
 * - the connection is back in the pool;
 * - no 'abort' listener is left on the signal.
 *
 * All of it is asked from PostgreSQL over a connection of its own; what the driver believes does not
 * count. The statement must run for a while: give it data that is slow, or a lock to wait for.
 *
 * @param call is given the signal. For code that finds its signal around it, wrap:
 *   `(signal) => withSignal(signal, () => report())`.
 * @throws {Error} saying which of these does not hold.
 */
export async function expectCancelled(
  call: (signal: AbortSignal) => unknown,
  options: ExpectCancelledOptions,
): Promise<CancellationReport> {
  assertRealTimers('expectCancelled')
  const observer = await openObserver('expectCancelled', options)
  try {
    return await new Proof(observer, options).run(call)
  } finally {
    await observer.end()
  }
}

class Proof {
  readonly #observer: Observer
  readonly #options: ExpectCancelledOptions
  readonly #withinMs: number

  constructor(observer: Observer, options: ExpectCancelledOptions) {
    this.#observer = observer
    this.#options = options
    this.#withinMs = options.withinMs ?? 1_000
  }

  async run(call: (signal: AbortSignal) => unknown): Promise<CancellationReport> {
    const before = new Set((await this.#observer.active()).map(identity))
    const controller = new AbortController()
    const settled = settle(call, controller.signal)
    const execution = await this.#untilRunning(before, settled)

    const abortedAt = performance.now()
    controller.abort()
    const stopped = this.#untilStopped(execution, abortedAt)
    // Both wait for the same event; neither may be left behind when the other one fails.
    const [outcome, stoppedAfterMs] = await Promise.all([
      this.#settlesInTime(settled, abortedAt),
      stopped,
    ])
    const rejectedAfterMs = outcome.at - abortedAt
    this.#assertRejected(outcome)
    await this.#assertClean(execution, abortedAt)
    this.#assertNoListeners(controller.signal)
    const { pid, statement } = execution
    const cleanAfterMs = performance.now() - abortedAt
    const { error } = outcome
    const took = { rejectedAfterMs, stoppedAfterMs, cleanAfterMs, withinMs: this.#withinMs }
    return { error, pid, statement, ...took }
  }

  async #untilRunning(before: Set<string>, settled: Promise<Settled>): Promise<Execution> {
    const { statement, runningForMs = 50, timeoutMs = 5_000 } = this.#options
    let early: Settled | undefined
    void settled.then((outcome) => {
      early = outcome
    })
    const since = new Map<string, number>()
    const what = 'PostgreSQL executes a statement of the call'
    return until(performance.now(), timeoutMs, what, async () => {
      for (const execution of await this.#observer.active()) {
        const id = identity(execution)
        if (before.has(id) || statement?.test(execution.statement) === false) continue
        const first = since.get(id) ?? performance.now()
        since.set(id, first)
        if (performance.now() - first >= runningForMs) return execution
      }
      if (early === undefined) return undefined
      throw early.isRejected
        ? failure('the call failed before its statement was seen running', early.error)
        : failure('the call was over before its statement was seen running: make it slower')
    })
  }

  async #untilStopped(execution: Execution, abortedAt: number): Promise<number> {
    const what = `the backend leaves the statement "${execution.statement}"`
    await this.#until(abortedAt, what, async () => {
      const backend = await this.#observer.backend(execution.pid)
      const isRunning = backend?.state === 'active' && backend.queryStart === execution.queryStart
      return isRunning ? undefined : true
    })
    return performance.now() - abortedAt
  }

  #assertRejected(outcome: Settled): void {
    if (!outcome.isRejected) {
      throw failure('the call fulfilled although it was aborted: the abort was swallowed')
    }
    if (this.#options.expectSqlState !== false && !hasSqlState(outcome.error)) {
      throw failure(`the call did not reject because of SQLSTATE ${QUERY_CANCELED}`, outcome.error)
    }
  }

  async #assertClean({ pid }: Execution, abortedAt: number): Promise<void> {
    const { pool } = this.#options
    const what = 'the backend is idle, without transaction and locks'
    await this.#until(abortedAt, what, async () => {
      const backend = await this.#observer.backend(pid)
      if (backend === undefined) {
        if (pool === undefined) return true
        throw failure('the connection was closed instead of going back to the pool')
      }
      const isClean = backend.state === 'idle' && !backend.inTransaction && backend.locks === 0
      return isClean ? true : undefined
    })
    if (pool === undefined) return
    await this.#until(abortedAt, 'every client is back in the pool', () =>
      pool.idleCount === pool.totalCount && pool.waitingCount === 0 ? true : undefined,
    )
  }

  #assertNoListeners(signal: AbortSignal): void {
    const left = getEventListeners(signal, 'abort').length
    if (left > 0) throw failure(`${String(left)} abort listener(s) were left on the signal`)
  }

  async #settlesInTime(settled: Promise<Settled>, abortedAt: number): Promise<Settled> {
    let outcome: Settled | undefined
    void settled.then((value) => {
      outcome = value
    })
    return this.#until(abortedAt, 'the call settles', () => outcome)
  }

  #until<T>(abortedAt: number, what: string, look: Look<T>): Promise<T> {
    return until(abortedAt, this.#withinMs, `${what} after the abort`, look)
  }
}

type Look<T> = () => T | undefined | Promise<T | undefined>

/** Repeats `look` until it finds something. */
async function until<T>(since: number, withinMs: number, what: string, look: Look<T>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() - since > withinMs) {
      throw failure(`waited ${String(withinMs)} ms in vain until ${what}`)
    }
    await sleep(POLL_MS)
  }
}

interface Settled {
  readonly isRejected: boolean
  readonly error: unknown
  readonly at: number
}

async function settle(
  call: (signal: AbortSignal) => unknown,
  signal: AbortSignal,
): Promise<Settled> {
  try {
    await call(signal)
    return { isRejected: false, error: undefined, at: performance.now() }
  } catch (error) {
    return { isRejected: true, error, at: performance.now() }
  }
}

function identity({ pid, queryStart }: Execution): string {
  return `${String(pid)} ${queryStart}`
}

function failure(message: string, cause?: unknown): Error {
  return new Error(`expectCancelled: ${message}`, cause === undefined ? undefined : { cause })
}
