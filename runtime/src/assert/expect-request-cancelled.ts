import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { classifySql } from '../pg/sql-class.js'
import { chainOf, describeLoss } from './ledger/message.js'
import { recordingLedger, type Ledger } from './ledger/ledger.js'
import type { LedgerQuery } from './ledger/query.js'
import { listen, send, type SentRequest, type TestedApp, type TestedRequest } from './listen.js'
import { followerOf, unfinished } from './aftermath.js'
import { BY_DEADLINE, CLOSED, NOT_CANCELLED } from './not-cancelled.js'
import {
  hasLeft,
  isExecuting,
  type BackendState,
  type Execution,
  type Observer,
} from './observer.js'
import { openObserver, type DatabaseAddress } from './open-observer.js'
import { assertRealTimers } from './real-timers.js'
import { stallQueries } from './stall.js'

export interface ExpectRequestCancelledOptions extends DatabaseAddress {
  /** Which statement is meant, where the request runs several or others use the database as well. */
  statement?: RegExp
  /** Makes the statement hang, so that it need not be slow. `statement` must be given. */
  stall?: boolean
  /** Milliseconds within which everything must have ended after the disconnect; 1,000 unless set. */
  withinMs?: number
  /** Milliseconds that the statement is waited for; 5,000 unless set. */
  timeoutMs?: number
  /**
   * Milliseconds that are looked on, when everything has ended, for what the request sends late, as a retry behind a
   * pause does; 100 unless set.
   */
  quietForMs?: number
}

/** What was seen. */
export interface RequestCancellationReport {
  readonly pid: number
  readonly statement: string
  /** From the request to the statement. */
  readonly chain: readonly string[]
  /** Milliseconds from the disconnect until PostgreSQL was seen not to execute the statement. */
  readonly stoppedAfterMs: number
  /** Milliseconds from the disconnect until everything was as it should be. */
  readonly cleanAfterMs: number
  /** What both had to stay within. */
  readonly withinMs: number
}

const POLL_MS = 5
/** PostgreSQL takes parsing, binding and executing for steps of their own, each with its `query_start`. */
const SAME_STEP_MS = 25

/**
 * Proves that a request that is given up stops its work: starts `app` on a port, sends a real
 * request, waits until PostgreSQL executes its statement, disconnects, and demands that within
 * `withinMs`
 *
 * - the backend has left the statement, because it was cancelled (SQLSTATE 57014 "due to user request": an end of
 *   its own, an error, `statement_timeout` or the loss of the connection is a failure of its own);
 * - it was not ended by a deadline of its own, before the client left or after;
 * - the request's other statements have ended as well, on whatever connection, and it sent no more until `quietForMs`
 *   later, except what gives something back;
 * - the backend holds no transaction and no lock, and every client is back in the pool;
 * - no 'abort' listener is left on the statement's signal.
 *
 * @throws {Error} saying which of these does not hold, and where the signal was lost.
 */
export async function expectRequestCancelled(
  app: TestedApp,
  request: TestedRequest | string,
  options: ExpectRequestCancelledOptions,
): Promise<RequestCancellationReport> {
  assertRealTimers('expectRequestCancelled')
  const { stall = false, statement } = options
  if (stall && statement === undefined) {
    throw new TypeError('expectRequestCancelled() needs to know which statement to stall')
  }
  const observer = await openObserver('expectRequestCancelled', options)
  const { ledger, done } = recordingLedger()
  const stalling =
    stall && statement !== undefined ? await stallQueries(statement, options) : undefined
  const running = await listen(app)
  try {
    return await new RequestProof(observer, ledger, options).run(() => send(running.port, request))
  } finally {
    await stalling?.release()
    await running.close()
    done()
    await observer.end()
  }
}

class RequestProof {
  readonly #observer: Observer
  readonly #ledger: Ledger
  readonly #options: ExpectRequestCancelledOptions
  readonly #withinMs: number

  constructor(observer: Observer, ledger: Ledger, options: ExpectRequestCancelledOptions) {
    this.#observer = observer
    this.#ledger = ledger
    this.#options = options
    this.#withinMs = options.withinMs ?? 1_000
  }

  async run(begin: () => SentRequest): Promise<RequestCancellationReport> {
    const earlier = new Set(this.#ledger.queries)
    const sent = begin()
    const query = await this.#untilSent(sent, earlier)
    const execution = await this.#untilActive(query, sent)
    if (query.isEndedByDeadline()) throw failure(BY_DEADLINE, query)
    const disconnectedAt = performance.now()
    sent.disconnect()
    const since = (): number => performance.now() - disconnectedAt
    await this.#until(disconnectedAt, `the backend leaves the statement`, query, async () =>
      hasLeft(execution, await this.#observer.backend(execution.pid)),
    )
    const stoppedAfterMs = since()
    await this.#until(disconnectedAt, 'the call of the statement ends', query, async () => {
      if (isOver(query)) return true
      const isLost = (await this.#observer.backend(execution.pid)) === undefined
      if (isLost && query.phase === 'done') throw failure(CLOSED, query)
      return false
    })
    if (query.outcome !== 'cancelled') {
      const why = NOT_CANCELLED[query.outcome ?? 'unknown']
      throw failure(`PostgreSQL did not cancel the statement: ${why}`, query)
    }
    if (query.isEndedByDeadline()) throw failure(BY_DEADLINE, query)
    await this.#untilClean(disconnectedAt, execution, query)
    await this.#untilNothingIsLeft(query, disconnectedAt)
    const left = query.signal ? getEventListeners(query.signal.value, 'abort').length : 0
    if (left > 0) throw failure(`${left} abort listener(s) were left on the signal`, query)
    const cleanAfterMs = since()
    await sleep(this.#options.quietForMs ?? 100)
    this.#assertNothingFollowed(query, disconnectedAt)
    const { pid, sql: statement } = { ...execution, sql: query.sql }
    const { chain, withinMs } = { chain: chainOf(query), withinMs: this.#withinMs }
    return { pid, statement, chain, stoppedAfterMs, cleanAfterMs, withinMs }
  }

  /** The call, as the ledger sees it: what the server sees does not say whose it is. */
  async #untilSent(sent: SentRequest, earlier: ReadonlySet<LedgerQuery>): Promise<LedgerQuery> {
    const { statement, timeoutMs = 5_000 } = this.#options
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const found = this.#ledger.queries.find(
        (each) =>
          each.phase === 'sent' &&
          !earlier.has(each) &&
          isOf(sent, each) &&
          (statement === undefined ? isWork(each) : each.sql.search(statement) !== -1),
      )
      if (found !== undefined) return found
      if (sent.status !== undefined) throw new Error(this.#answered(sent))
      if (performance.now() > deadline) throw new Error(await this.#unseen(timeoutMs))
      await sleep(POLL_MS)
    }
  }

  async #untilActive(query: LedgerQuery, sent: SentRequest): Promise<Execution> {
    const { timeoutMs = 5_000 } = this.#options
    const deadline = performance.now() + timeoutMs
    let last: Execution | undefined
    let lastSince = 0
    for (;;) {
      const active = await this.#observer.active()
      const found = active.find(({ pid }) => pid === query.pid)
      if (found?.queryStart !== last?.queryStart) lastSince = performance.now()
      last = found
      const isUnderWay = found !== undefined && this.#isUnderWay(found, lastSince)
      if (isUnderWay && query.phase === 'sent') return found
      if (sent.status !== undefined) throw new Error(this.#answered(sent))
      if (performance.now() > deadline) {
        throw failure('PostgreSQL was never seen executing the statement: use stall: true', query)
      }
      await sleep(POLL_MS)
    }
  }

  /** One that is stalled waits for our lock; another one must have been seen for a while in the same step. */
  #isUnderWay(execution: Execution, since: number): boolean {
    if (this.#options.stall === true) return execution.waitEvent === 'advisory'
    return isExecuting(execution) && performance.now() - since >= SAME_STEP_MS
  }

  async #untilClean(since: number, { pid }: Execution, query: LedgerQuery): Promise<void> {
    const { pool } = this.#options
    await this.#until(since, 'the backend is without transaction and locks', query, async () => {
      const backend = await this.#observer.backend(pid)
      if (backend === undefined && pool !== undefined) throw failure(CLOSED, query)
      return backend === undefined || isClean(backend)
    })
    if (pool === undefined) return
    const isWhole = (): boolean => pool.idleCount === pool.totalCount && pool.waitingCount === 0
    await this.#until(since, 'every client is back in the pool', query, isWhole)
  }

  async #untilNothingIsLeft(query: LedgerQuery, disconnectedAt: number): Promise<void> {
    this.#assertNothingFollowed(query, disconnectedAt)
    const of = this.#ofRequest(query)
    await this.#until(
      disconnectedAt,
      'its other statements end',
      () => unfinished(of) ?? query,
      () => unfinished(of) === undefined,
    )
    this.#assertNothingFollowed(query, disconnectedAt)
  }

  #assertNothingFollowed(query: LedgerQuery, disconnectedAt: number): void {
    // What was sent while its client's leaving was on its way is not to blame.
    const since = query.entryPoint?.closedAt ?? disconnectedAt
    const follower = followerOf(this.#ofRequest(query), since)
    if (follower !== undefined) throw failure(`the request ${follower.message}`, follower.query)
  }

  #ofRequest({ entryPoint }: LedgerQuery): LedgerQuery[] {
    return this.#ledger.queries.filter((each) => each.entryPoint === entryPoint)
  }

  async #until(
    since: number,
    what: string,
    query: LedgerQuery | (() => LedgerQuery),
    look: () => boolean | Promise<boolean>,
  ): Promise<void> {
    while (!(await look())) {
      if (performance.now() - since > this.#withinMs) {
        throw failure(
          `waited ${this.#withinMs} ms after the disconnect in vain until ${what}`,
          typeof query === 'function' ? query() : query,
        )
      }
      await sleep(POLL_MS)
    }
  }

  #answered(sent: SentRequest): string {
    const answered = `expectRequestCancelled: the request was answered with ${sent.status} before its statement was seen running`
    if (this.#options.stall !== true)
      return `${answered}: use stall: true, or name another statement`
    const own = this.#ledger.queries.filter((each) => isOf(sent, each))
    if (own.length === 0) return `${answered}: it sent none that was heard of. ${BUNDLED}`
    const texts = [...new Set(own.map(({ sql }) => sql))].join('\n  ')
    return `${answered}: none matches ${String(this.#options.statement)} among\n  ${texts}`
  }

  async #unseen(timeoutMs: number): Promise<string> {
    const active = await this.#observer.active()
    const hint =
      active.length === 0
        ? ''
        : ` PostgreSQL executes "${active[0]?.statement ?? ''}": if that is it: ${BUNDLED}`
    return `expectRequestCancelled: no statement of the request was seen within ${timeoutMs} ms.${hint}`
  }
}

/** Bundled, mocked, or of a driver of another kind: there is nothing to hear of it by. */
const BUNDLED =
  'If it does send one, its copy of pg is not instrumented, as when it is bundled; call instrument(pool)'

/** Whether the statement was made for the request that was sent: of several, its client's port tells. */
function isOf({ port }: SentRequest, { entryPoint }: LedgerQuery): boolean {
  return port !== undefined && entryPoint?.clientPort === port
}

/** What may be meant where nothing says which statement is. */
function isWork({ sql, detachedReason }: LedgerQuery): boolean {
  return classifySql(sql) === undefined && detachedReason === undefined
}

/** Ended for its caller, and on the server, whose word comes later where a stream was refused. */
function isOver({ phase, outcome }: LedgerQuery): boolean {
  return phase === 'done' && outcome !== 'unknown'
}

/** A failed transaction that is still open has no start any more, and no locks. */
function isClean({ state, inTransaction, locks }: BackendState): boolean {
  return !inTransaction && locks === 0 && state?.startsWith('idle in transaction') !== true
}

function failure(message: string, query: LedgerQuery): Error {
  return new Error(`expectRequestCancelled: ${message}\n${describeLoss(query)}`)
}
