import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { openObserver, type DatabaseAddress } from './open-observer.js'
import { recordingLedger, type Ledger } from './ledger/ledger.js'
import { describeLoss } from './ledger/message.js'
import type { LedgerQuery } from './ledger/query.js'
import { collecting } from './ledger/scopes.js'
import { followerOf, unfinished } from './aftermath.js'
import { BY_DEADLINE, CLOSED, NOT_CANCELLED } from './not-cancelled.js'
import { hasLeft, isExecuting, type Execution, type Observer } from './observer.js'
import { assertRealTimers } from './real-timers.js'
import { QUERY_CANCELED, serverEnd } from './sql-state.js'

export interface ExpectCancelledOptions extends DatabaseAddress {
  /** Which statement is meant, where the call runs several or others use the database as well. */
  statement?: RegExp
  /**
   * `false` when the call's own error cannot carry the SQLSTATE, as with a request over HTTP. Else
   * 57014 "due to user request" must be found in the error or in what caused it. Where it is not asked of the error,
   * the statement's driver must be instrumented in this process, or nothing tells what ended the statement.
   */
  expectSqlState?: boolean
  /**
   * Milliseconds that the statement must have been executing before the abort; 50 unless set. It should outlast the
   * parsing of the statement, which PostgreSQL takes for a step of its own.
   */
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
 * - the call rejects, and with SQLSTATE 57014 "due to user request" for a cause: an end of its own, another error,
 *   `statement_timeout` and the loss of the connection are failures of their own;
 * - the backend has left the statement, holds no transaction and no lock, and is idle;
 * - the connection is back in the pool;
 * - it was not a deadline of the statement's own that ended it;
 * - the call's other statements have ended as well, and it sent no more, except what gives something back;
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
  const { ledger, done } = recordingLedger()
  try {
    return await new Proof(observer, ledger, options).run(call)
  } finally {
    done()
    await observer.end()
  }
}

class Proof {
  readonly #observer: Observer
  readonly #options: ExpectCancelledOptions
  readonly #withinMs: number
  readonly #ledger: Ledger
  /** The statement, where its driver is instrumented. */
  #query: LedgerQuery | undefined

  constructor(observer: Observer, ledger: Ledger, options: ExpectCancelledOptions) {
    this.#observer = observer
    this.#ledger = ledger
    this.#options = options
    this.#withinMs = options.withinMs ?? 1_000
  }

  async run(call: (signal: AbortSignal) => unknown): Promise<CancellationReport> {
    const before = new Set((await this.#observer.active()).map(identity))
    const earlier = new Set(this.#ledger.queries)
    const controller = new AbortController()
    const made: LedgerQuery[] = []
    const settled = settle(() => collecting(made, () => call(controller.signal)))
    const execution = await this.#untilRunning(before, settled)

    this.#query = this.#ledger.queries.find(
      (each) => each.phase === 'sent' && each.pid === execution.pid && !earlier.has(each),
    )
    this.#assertNoDeadline()
    const abortedAt = performance.now()
    controller.abort()
    const stopped = this.#untilStopped(execution, abortedAt)
    // Both wait for the same event; neither may be left behind when the other one fails.
    const [outcome, stoppedAfterMs] = await Promise.all([
      this.#settlesInTime(settled, abortedAt),
      stopped,
    ])
    const rejectedAfterMs = outcome.at - abortedAt
    await this.#assertCancelled(outcome, abortedAt)
    this.#assertNoDeadline()
    await this.#assertClean(execution, abortedAt)
    await this.#assertNothingIsLeft(made, abortedAt)
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
    return this.#repeat(performance.now(), timeoutMs, what, async () => {
      for (const execution of await this.#observer.active()) {
        const id = identity(execution)
        if (before.has(id) || statement?.test(execution.statement) === false) continue
        if (!isExecuting(execution)) continue
        const first = since.get(id) ?? performance.now()
        since.set(id, first)
        if (performance.now() - first >= runningForMs) return execution
      }
      if (early === undefined) return undefined
      throw early.isRejected
        ? this.#failure('the call failed before its statement was seen running', early.error)
        : this.#failure('the call was over before its statement was seen running: make it slower')
    })
  }

  async #untilStopped(execution: Execution, abortedAt: number): Promise<number> {
    const what = `the backend leaves the statement "${execution.statement}"`
    await this.#until(abortedAt, what, async () =>
      hasLeft(execution, await this.#observer.backend(execution.pid)) ? true : undefined,
    )
    return performance.now() - abortedAt
  }

  /** By PostgreSQL's own word, as the call's error has it, and as its driver was told. */
  async #assertCancelled(outcome: Settled, abortedAt: number): Promise<void> {
    if (!outcome.isRejected) {
      throw this.#failure('the call fulfilled although it was aborted: the abort was swallowed')
    }
    const end = serverEnd(outcome.error)
    const isAsked = this.#options.expectSqlState !== false
    if (end === 'timed-out' || end === 'closed') {
      const why = end === 'closed' ? CLOSED : NOT_CANCELLED['timed-out']
      throw this.#failure(`PostgreSQL did not cancel the statement: ${why}`, outcome.error)
    }
    if (isAsked && end !== 'cancelled') {
      throw this.#failure(
        `the call did not reject because of SQLSTATE ${QUERY_CANCELED}`,
        outcome.error,
      )
    }
    const query = this.#query
    if (query === undefined) {
      if (isAsked) return
      throw this.#failure(
        'nothing tells what ended the statement: neither the error of the call, nor its driver, which is not ' +
          'instrumented in this process; call instrument(pool), or use expectRequestCancelled()',
      )
    }
    await this.#until(abortedAt, "the statement's driver is answered", () =>
      query.phase === 'done' && query.outcome !== 'unknown' ? true : undefined,
    )
    if (query.outcome !== 'cancelled') {
      const why = NOT_CANCELLED[query.outcome ?? 'unknown']
      throw this.#failure(`PostgreSQL did not cancel the statement: ${why}`)
    }
  }

  async #assertClean({ pid }: Execution, abortedAt: number): Promise<void> {
    const { pool } = this.#options
    const what = 'the backend is idle, without transaction and locks'
    await this.#until(abortedAt, what, async () => {
      const backend = await this.#observer.backend(pid)
      if (backend === undefined) {
        if (pool === undefined) return true
        throw this.#failure(CLOSED)
      }
      const isClean = backend.state === 'idle' && !backend.inTransaction && backend.locks === 0
      return isClean ? true : undefined
    })
    if (pool === undefined) return
    await this.#until(abortedAt, 'every client is back in the pool', () =>
      pool.idleCount === pool.totalCount && pool.waitingCount === 0 ? true : undefined,
    )
  }

  #assertNoDeadline(): void {
    if (this.#query?.isEndedByDeadline() === true) throw this.#failure(BY_DEADLINE)
  }

  async #assertNothingIsLeft(made: readonly LedgerQuery[], abortedAt: number): Promise<void> {
    const follower = followerOf(made, abortedAt)
    if (follower !== undefined) {
      this.#query = follower.query
      throw this.#failure(`the call ${follower.message}`)
    }
    await this.#until(abortedAt, 'its other statements end', () => {
      const left = unfinished(made)
      if (left === undefined) return true
      this.#query = left
      return undefined
    })
  }

  #assertNoListeners(signal: AbortSignal): void {
    const left = getEventListeners(signal, 'abort').length
    if (left > 0) throw this.#failure(`${String(left)} abort listener(s) were left on the signal`)
  }

  async #settlesInTime(settled: Promise<Settled>, abortedAt: number): Promise<Settled> {
    let outcome: Settled | undefined
    void settled.then((value) => {
      outcome = value
    })
    return this.#until(abortedAt, 'the call settles', () => outcome)
  }

  #until<T>(abortedAt: number, what: string, look: Look<T>): Promise<T> {
    return this.#repeat(abortedAt, this.#withinMs, `${what} after the abort`, look)
  }

  /** Repeats `look` until it finds something. */
  async #repeat<T>(since: number, withinMs: number, what: string, look: Look<T>): Promise<T> {
    for (;;) {
      const found = await look()
      if (found !== undefined) return found
      if (performance.now() - since > withinMs) {
        throw this.#failure(`waited ${String(withinMs)} ms in vain until ${what}`)
      }
      await sleep(POLL_MS)
    }
  }

  /** With the way to the statement and the place where the signal was lost, where the driver is instrumented. */
  #failure(message: string, cause?: unknown): Error {
    const query = this.#query
    const shown = query === undefined ? '' : `\n${describeLoss(query)}`
    return new Error(
      `expectCancelled: ${message}${shown}`,
      cause === undefined ? undefined : { cause },
    )
  }
}

type Look<T> = () => T | undefined | Promise<T | undefined>

interface Settled {
  readonly isRejected: boolean
  readonly error: unknown
  readonly at: number
}

async function settle(call: () => unknown): Promise<Settled> {
  try {
    await call()
    return { isRejected: false, error: undefined, at: performance.now() }
  } catch (error) {
    return { isRejected: true, error, at: performance.now() }
  }
}

function identity({ pid, queryStart }: Execution): string {
  return `${String(pid)} ${String(queryStart)}`
}
