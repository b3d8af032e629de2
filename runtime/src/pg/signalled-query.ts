import { listenForAbort, type AbortListener, type Subscription } from '../abort-listeners.js'
import { abortPublisher } from '../attribution/channels.js'
import { beginSpan, type Span } from '../attribution/trace.js'
import { abortError, AbortError, partlyCancelled } from '../errors.js'
import { Cancellation } from './cancellation.js'
import type { ClientState } from './client-state.js'
import { endLostCursor, endStream } from './end-stream.js'
import {
  activeQueryOf,
  queueOf,
  type PgClient,
  type PgConnection,
  type PgQuery,
} from './pg-internals.js'
import { hookQuery, type QueryMethods } from './query-hooks.js'
import { sharedState } from '../shared-state.js'
import { classifySql, mayCommitOnItsWay, mayKeepLock, type SqlClass } from './sql-class.js'

/** The signals that govern one statement. */
export interface GoverningSignals {
  /** Given with the call: aborted, it always refuses. */
  readonly explicit: AbortSignal | undefined
  /** Surrounding the call: aborted, it lets cleanup through. */
  readonly ambient: AbortSignal | undefined
}

const QUERY_CANCELED = '57014'
// https://github.com/postgres/postgres/blob/master/src/backend/tcop/postgres.c, ProcessInterrupts
const BY_REQUEST = 'canceling statement due to user request'

/**
 * Binds a statement that waits in its client's queue to its signals, by standing between the client
 * and the query's `submit`, `handleError` and `handleReadyForQuery`. Promises, callbacks, events and
 * whatever wraps `Client.query` all hang on these three, so each sees the outcome decided here.
 *
 * - Aborted while queued: taken out of the queue and refused.
 * - Aborted when its turn comes: refused, unless it is cleanup (`#refusal` has the rules).
 * - Aborted on the wire: a `Cancellation`; COMMIT and cleanup get a deadline of their own instead.
 * - Done before the cancel took hold: the result stands, for that is the truth.
 */
export class SignalledQuery implements AbortListener, QueryMethods {
  readonly #client: PgClient
  readonly #state: ClientState
  readonly #query: PgQuery
  readonly #signals: GoverningSignals
  readonly #original: QueryMethods
  #phase: 'queued' | 'sent' | 'done' = 'queued'
  #abortedBy: AbortSignal | undefined
  /** Told of the abort already, and to hear of nothing more. */
  #isRefused = false
  #byExplicit: Subscription | undefined
  #byAmbient: Subscription | undefined
  #byCleanup: Subscription | undefined
  /** The deadline of cleanup, where this is some of it. */
  #cleanup: AbortSignal | undefined
  #span: Span | undefined
  readonly #publish = abortPublisher()

  constructor(client: PgClient, state: ClientState, query: PgQuery, signals: GoverningSignals) {
    this.#client = client
    this.#state = state
    this.#query = query
    this.#signals = signals
    this.#original = hookQuery(query, this)
    const { explicit, ambient } = signals
    this.#span = beginSpan([explicit, ambient], 'queue')
    this.#byExplicit = this.#watch(explicit)
    if (ambient !== explicit) this.#byAmbient = this.#watch(ambient)
    // A statement that may be cleanup is judged when its turn comes: only then is it known whether
    // a transaction is open.
    if (explicit?.aborted) this.refuse(abortError(explicit, 'not-sent'))
  }

  submit(connection: PgConnection): unknown {
    const refusal = this.#refusal()
    if (refusal !== undefined) {
      this.#done()
      this.#announce(refusal)
      return refusal
    }
    this.#phase = 'sent'
    if (this.#span !== undefined) {
      const text = this.#text
      this.#span.turnTo('statement', typeof text === 'string' ? text : undefined)
    }
    const error = this.#original.submit.call(this.#query, connection)
    if (error) this.#done()
    return error
  }

  handleReadyForQuery(connection: PgConnection): void {
    if (this.#abortedBy === undefined) {
      this.#done()
      this.#original.handleReadyForQuery.call(this.#query, connection)
      return
    }
    this.#ended(() => {
      if (!this.#isRefused) this.#original.handleReadyForQuery.call(this.#query, connection)
      // Closed later, it must not wait for a ReadyForQuery that has been.
      else this.#query.connection = null
    })
  }

  /** Takes the statement out of the queue; its caller gets `error`, as always not at once. */
  refuse(error: Error): void {
    const queue = queueOf(this.#client)
    const index = queue.indexOf(this.#query)
    if (index !== -1) queue.splice(index, 1)
    this.#done()
    this.#announce(error)
    process.nextTick(() => {
      this.#original.handleError.call(this.#query, error, this.#client.connection)
    })
  }

  // Most statements are never aborted, and need not be read.
  get #class(): SqlClass | undefined {
    return classifySql(this.#text)
  }

  get #text(): unknown {
    const { text, name, cursor } = this.#query
    return (
      text ?? cursor?.text ?? (name ? this.#client.connection.parsedStatements?.[name] : undefined)
    )
  }

  /** Why the statement must not be sent, if so. Called when the server is ready for it. */
  #refusal(): AbortError | undefined {
    const { explicit, ambient } = this.#signals
    if (explicit?.aborted) return abortError(explicit, 'not-sent')
    if (!ambient?.aborted) return undefined
    if (!this.#isCleanupAfter(ambient)) {
      this.#state.sawAbort = true
      return abortError(ambient, 'not-sent')
    }
    const cleanup = this.#state.cleanupSignal(ambient)
    if (cleanup.aborted) return abortError(cleanup, 'not-sent')
    this.#watchCleanup(cleanup)
    return undefined
  }

  /**
   * After the abort, the code on its way out still has to end its transaction, and to undo what it
   * did to its session in words that nobody can list. Inside a transaction everything else is
   * refused, so that it reaches the ROLLBACK.
   */
  #isCleanupAfter(ambient: AbortSignal): boolean {
    if (this.#class === 'rollback' || this.#class === 'cleanup') return true
    if (this.#state.isInTransaction || this.#class === 'begin') return false
    return this.#state.wasOwnedBefore(ambient)
  }

  #watch(signal: AbortSignal | undefined): Subscription | undefined {
    return signal === undefined || signal.aborted ? undefined : listenForAbort(signal, this)
  }

  #watchCleanup(signal: AbortSignal): void {
    this.#cleanup = signal
    this.#byCleanup?.end()
    this.#byCleanup = this.#watch(signal)
  }

  signalAborted(signal: AbortSignal): void {
    if (signal === this.#cleanup) {
      this.#cancel(signal)
      return
    }
    this.#state.sawAbort = true
    const isShielded = this.#class !== undefined && this.#class !== 'begin'
    if (this.#phase === 'queued') {
      const isCleanup = isShielded && this.#class !== 'commit'
      if (!isCleanup || signal !== this.#signals.ambient)
        this.refuse(abortError(signal, 'not-sent', { phase: 'queue' }))
    } else if (isShielded) {
      this.#watchCleanup(this.#state.cleanupSignal(signal))
    } else {
      this.#cancel(signal)
    }
  }

  #cancel(signal: AbortSignal): void {
    if (this.#abortedBy !== undefined) return
    this.#abortedBy = signal
    new Cancellation(this.#state)
    if (!this.#isStreaming) return
    endStream(this.#query, {
      error: () => {
        const consequence = 'the rest of the rows was not asked for'
        return abortError(signal, 'unknown', { phase: 'server', consequence })
      },
      refuse: (error) => {
        this.#isRefused = true
        this.#announce(error)
        this.#original.handleError.call(this.#query, error, this.#client.connection)
      },
    })
  }

  handleError(error: unknown, connection: PgConnection): void {
    const deliver = (outcome: unknown): void => {
      this.#announce(outcome)
      this.#original.handleError.call(this.#query, outcome, connection)
    }
    // pg's query_timeout reports an error while the server is still executing the statement.
    if (this.#phase === 'sent' && activeQueryOf(this.#client) === this.#query) deliver(error)
    else if (this.#isStreaming) {
      // It may have to answer the error with Sync, before which there is no ReadyForQuery. Its caller
      // hears of the error too early to use the client, but the client still starts nothing.
      const outcome = this.#outcomeOf(error)
      if (this.#isRefused) sharedState.tap?.answered?.(this.#query, error)
      else deliver(outcome)
      this.#ended(() => undefined, isByRequest(error))
      if (!isFromServer(error)) endLostCursor(this.#query, connection, outcome)
    } else {
      this.#ended(() => {
        deliver(this.#outcomeOf(error))
      }, isByRequest(error))
      // pg sends no Sync after the error of a portal, so that no ReadyForQuery will come.
      if (this.#query.rows) this.#state.destroy()
    }
  }

  /** A cursor or COPY stream rather than pg's own Query: it has a protocol of its own. */
  get #isStreaming(): boolean {
    return !(this.#query instanceof this.#client.constructor.Query)
  }

  /** The statement is over; whoever waits hears of it when no cancel can hit the next one. */
  #ended(deliver: () => void, byCancel = false): void {
    this.#done()
    const { cancellation } = this.#state
    if (this.#abortedBy !== undefined && cancellation !== undefined) {
      cancellation.hasResult(deliver, byCancel)
    } else deliver()
  }

  #outcomeOf(error: unknown): unknown {
    if (this.#abortedBy === undefined) return error
    const details = { pgError: error, phase: 'server' } as const
    if (isCancelled(error)) {
      const text = this.#text
      this.#state.mayKeepLock ||= mayKeepLock(text)
      return mayCommitOnItsWay(text, this.#state.isInTransaction)
        ? partlyCancelled(this.#abortedBy, details)
        : abortError(this.#abortedBy, 'cancelled', details)
    }
    return isFromServer(error) ? error : abortError(this.#abortedBy, 'unknown', details)
  }

  #announce(error: unknown): void {
    if (!(error instanceof AbortError)) return
    this.#publish(() => ({ error, text: this.#text }))
  }

  #done(): void {
    this.#phase = 'done'
    this.#span?.end()
    this.#byExplicit?.end()
    this.#byAmbient?.end()
    this.#byCleanup?.end()
  }
}

/** Only the server's own errors have a severity; any other means that the connection is gone. */
function isFromServer(error: unknown): boolean {
  return (error as { severity?: unknown }).severity !== undefined
}

/** Whoever cancelled it: the statement had no effect. */
function isCancelled(error: unknown): boolean {
  return (error as { code?: unknown }).code === QUERY_CANCELED
}

/**
 * Whether a cancel that somebody sent was the cause, and not `statement_timeout`, which has the same code. Only the
 * message tells the two apart, and in English alone; in another language the answer is no.
 */
function isByRequest(error: unknown): boolean {
  return isCancelled(error) && (error as { message?: unknown }).message === BY_REQUEST
}
