import { onAbort } from '../abort-listeners.js'
import { deferred } from '../deferred.js'
import { abortError, partlyCancelled } from '../errors.js'
import { mayCommitOnItsWay } from '../pg/sql-class.js'
import { sharedState } from '../shared-state.js'
import { textOfQuery, type PostgresQuery } from './query.js'

const FIRST_RETRY_MS = 20
const LAST_RETRY_MS = 1_000
const QUERY_CANCELED = '57014'

/** A statement on a connection that nobody else uses, and what cancels it. */
export class CancellableQuery {
  /** The rows, or an error; when that is certain, or the grace period is over. */
  readonly result: Promise<unknown>
  /**
   * Resolves when the statement has ended and the connection of every cancel has closed: with false
   * where one broke instead, so that its cancel may still come. Never rejects.
   */
  readonly safe: Promise<boolean>
  readonly #query: PostgresQuery
  readonly #cancel: NonNullable<PostgresQuery['canceller']>
  readonly #ended: Promise<unknown>
  readonly #giveUp = deferred<unknown>()
  readonly #unsubscribe: (() => void)[]
  #hasEnded = false
  #abortedBy: AbortSignal | undefined
  #cancelling: Promise<boolean> = Promise.resolve(true)

  constructor(query: PostgresQuery, signals: readonly AbortSignal[]) {
    this.#query = query
    this.#cancel = query.canceller as NonNullable<PostgresQuery['canceller']>
    this.#unsubscribe = signals.map((signal) =>
      onAbort(signal, () => {
        this.#abort(signal)
      }),
    )
    query.execute()
    const settled = Promise.resolve(query).then(
      (rows) => () => rows,
      (error: unknown) => () => {
        throw this.#outcomeOf(error)
      },
    )
    this.#ended = settled.then(() => {
      this.#hasEnded = true
      for (const unsubscribe of this.#unsubscribe) unsubscribe()
    })
    this.safe = this.#ended.then(() => this.#cancelling)
    // The caller goes on to the next statement: not before this one's cancels are over.
    const whenSafe = this.safe.then(() => settled).then((give) => give())
    this.result = Promise.race([whenSafe, this.#giveUp.promise])
  }

  get text(): string {
    return textOfQuery(this.#query)
  }

  #abort(signal: AbortSignal): void {
    if (this.#abortedBy !== undefined) return
    this.#abortedBy = signal
    this.#cancelling = this.#repeatCancel()
    const { cancelGraceMs } = sharedState.defaults
    const grace = setTimeout(() => {
      // postgres.js lets nobody close one connection; it stays reserved until the statement ends.
      const consequence = 'there is no answer, so whether the statement took effect is unknown'
      const error = abortError(signal, 'unknown', { phase: 'server', consequence })
      this.#giveUp.resolve(Promise.reject(error))
    }, cancelGraceMs)
    grace.unref()
    void this.safe.then(() => {
      clearTimeout(grace)
    })
  }

  /** Whether every cancel that was sent is known to be over. */
  async #repeatCancel(): Promise<boolean> {
    let isCertain = true
    let retryMs = FIRST_RETRY_MS
    while (!this.#hasEnded) {
      // Before the connection has the query, cancelling it would leave the connection waiting for
      // ever for its result.
      const isSent = this.#query.state !== null && this.#query.active
      if (isSent) {
        await this.#cancel(this.#query).catch(() => {
          isCertain = false
        })
      }
      await this.#endOr(isSent ? retryMs : 1)
      if (isSent) retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
    }
    return isCertain
  }

  async #endOr(ms: number): Promise<void> {
    const { promise, resolve } = deferred<undefined>()
    const timer = setTimeout(resolve, ms, undefined)
    await Promise.race([this.#ended, promise])
    clearTimeout(timer)
  }

  #outcomeOf(error: unknown): unknown {
    if (this.#abortedBy === undefined) return error
    const { code, severity } = error as { code?: unknown; severity?: unknown }
    const details = { pgError: error, phase: 'server' } as const
    if (code === QUERY_CANCELED) {
      return mayCommitOnItsWay(this.text, false)
        ? partlyCancelled(this.#abortedBy, details)
        : abortError(this.#abortedBy, 'cancelled', details)
    }
    // Only the server's own errors have a severity; any other means that the connection is gone.
    return severity === undefined ? abortError(this.#abortedBy, 'unknown', details) : error
  }
}
