import { listenForAbort, type AbortListener, type Subscription } from '../abort-listeners.js'
import { abortPublisher } from '../attribution/channels.js'
import { beginSpan, type Span } from '../attribution/trace.js'
import { abortError, AbortError, partlyCancelled, UnsupportedError } from '../errors.js'
import { Cancellation } from '../pg/cancellation.js'
import { mayCommitOnItsWay } from '../pg/sql-class.js'
import { sharedState } from '../shared-state.js'
import { CopyStream, isCopyStream } from './copy-stream.js'
import { hookProperty } from './hook-property.js'
import type { Link, LinkedStatement } from './link.js'
import {
  textOfQuery,
  type PostgresBackend,
  type PostgresCanceller,
  type PostgresHandler,
  type PostgresQuery,
} from './query.js'
import { sharedPostgres, type Session } from './shared.js'

const QUERY_CANCELED = '57014'
const SENT_BEHIND =
  'it had been sent behind another statement of its connection, so whether it took effect is unknown'

export interface StatementContext {
  /** Gives the query to the connection of the session. */
  readonly handler: PostgresHandler
  readonly session: Session
  readonly signals: readonly AbortSignal[]
  /** The connection is free for others, or lost. */
  readonly over?: ((isLost: boolean) => void) | undefined
}

const { iterated, links } = sharedPostgres

/**
 * A statement of postgres.js under signals, on a connection that belongs to its session. It stands between the
 * connection and the query's `resolve` and `reject`, so that whoever waits hears of an outcome when no cancel
 * can hit the next statement.
 */
export class SignalledStatement implements AbortListener, LinkedStatement {
  readonly #query: PostgresQuery
  readonly #context: StatementContext
  readonly #text: string
  readonly #publish = abortPublisher()
  #span: Span | undefined
  #subscriptions: readonly Subscription[] = []
  #abortedBy: AbortSignal | undefined
  #link: Link | undefined
  #hasEnded = false
  /** Whoever waited was told of the abort before its turn. */
  #isTold = false
  /** Nothing of it will be executed. */
  #isRefused = false
  #copy: CopyStream | undefined
  /** Ends the wait for the reader of a cursor. */
  #cut: ((error: AbortError) => void) | undefined
  /** Whether an iterator is waited for, or its reader busy with rows: then it hears of an end when it asks again. */
  #isAsked = true
  #unheard: { readonly error: unknown } | undefined
  /** Rows that came after the abort went to nobody. */
  #hasDropped = false
  #resolve: () => PostgresQuery['resolve'] = () => () => undefined
  #reject: () => PostgresQuery['reject'] = () => () => undefined

  constructor(query: PostgresQuery, context: StatementContext) {
    this.#query = query
    this.#context = context
    this.#text = textOfQuery(query)
  }

  /** Gives the query to its connection. None of the signals may have aborted. */
  start(): void {
    const query = this.#query
    const { handler, signals } = this.#context
    query.handler = handler
    // Nothing is sent behind it: the connection could not be kept from executing that.
    query.options.onexecute = () => false
    sharedState.tap?.sending?.(query)
    this.#span = beginSpan(signals, 'queue')
    this.#subscriptions = signals.map((signal) => listenForAbort(signal, this))
    this.#hook()
    // What forEach() has executed goes to its handler by itself.
    if (query.executed) return
    query.executed = true
    query.handler(query)
  }

  signalAborted(signal: AbortSignal): void {
    if (this.#abortedBy !== undefined || this.#hasEnded) return
    this.#abortedBy = signal
    if (this.#link !== undefined) this.#cancel()
    else this.#leaveQueue(signal)
  }

  get isAlone(): boolean {
    return this.#context.over !== undefined
  }

  get canceller(): PostgresCanceller {
    return this.#query.canceller as PostgresCanceller
  }

  over(isLost: boolean): void {
    this.#context.over?.(isLost)
  }

  #hook(): void {
    const query = this.#query
    hookProperty(query, 'active', undefined, (isActive) => {
      if (isActive) this.#begun()
    })
    this.#resolve = hookProperty(query, 'resolve', () => (value) => {
      this.#resolved(value)
    })
    this.#reject = hookProperty(
      query,
      'reject',
      () => (error) => {
        this.#rejected(error)
      },
      (reject) => {
        this.#isAsked = true
        if (this.#unheard !== undefined) reject(this.#unheard.error)
      },
    )
    if (query.cursorFn === undefined) return
    hookProperty(query, 'cursorFn', (read) => read && ((rows) => this.#read(read, rows)))
  }

  /** postgres.js has made it what its connection is executing, and will send it. */
  #begun(): void {
    if (this.#link !== undefined) return
    const { session } = this.#context
    const link = session.link ?? links.get(this.#query.state as PostgresBackend)
    if (link === undefined) {
      throw new UnsupportedError('the socket of this connection of postgres.js is not known')
    }
    this.#link = link
    session.link = link
    link.begin(this)
    this.#span?.turnTo('statement', this.#text)
    if (this.#abortedBy !== undefined && !this.#isRefused) this.#cancel()
  }

  #cancel(): void {
    const signal = this.#abortedBy as AbortSignal
    new Cancellation(this.#link as Link)
    this.#copy?.cut(signal.reason)
    this.#cut?.(notGiven(signal))
  }

  /** It cannot be taken out of the queue of its connection, but, unless it has been sent, made into nothing. */
  #leaveQueue(signal: AbortSignal): void {
    const query = this.#query
    this.#isTold = true
    if (query.state === null) {
      this.#isRefused = true
      query.strings = ['SELECT 1 WHERE false']
      query.args = []
    } else if (query.describeFirst === true) {
      // Only its text is on its way behind the other statement, to be described.
      this.#isRefused = true
      query.onlyDescribe = true
    }
    const error = this.#isRefused
      ? abortError(signal, 'not-sent', { phase: 'queue' })
      : abortError(signal, 'unknown', { phase: 'queue', consequence: SENT_BEHIND })
    this.#announce(error)
    this.#reject()(error)
  }

  /** Between two fetches the server waits, and looks at no cancel; so the reader is not waited for. */
  #read(read: (rows: unknown) => unknown, rows: unknown): unknown {
    if (this.#isRefused) return undefined
    if (this.#abortedBy !== undefined) {
      this.#hasDropped = true
      return stopReading(this.#abortedBy)
    }
    this.#isAsked = false
    const busy = read(rows)
    const leftWhileReading = this.#abortedBy as AbortSignal | undefined
    if (leftWhileReading !== undefined) return stopReading(leftWhileReading)
    if (typeof (busy as Partial<PromiseLike<unknown>> | undefined)?.then !== 'function') return busy
    const aborted = new Promise<never>((_resolve, reject) => {
      this.#cut = (error) => {
        // Nobody asks what became of the reader of the last rows.
        void ignored(more)
        reject(error)
      }
    })
    const more = Promise.race([busy, aborted])
    return more
  }

  #resolved(value: unknown): void {
    if (this.#query.streaming === true && this.#copy === undefined && isCopyStream(value)) {
      const copy = new CopyStream(value)
      if (this.#abortedBy !== undefined) {
        // Given to nobody: its error would have no listener.
        copy.cut(this.#abortedBy.reason)
        this.#hasDropped = true
        return
      }
      this.#copy = copy
      this.#resolve()(value)
      return
    }
    this.#ended(() => {
      // postgres.js looks at no rejection of the last rows.
      const isCut = this.#hasDropped || this.#copy?.hasDropped === true
      if (isCut) this.#fail(notGiven(this.#abortedBy as AbortSignal))
      // Whoever iterates may have asked again since.
      else this.#resolve()(value)
    }, false)
  }

  #rejected(error: unknown): void {
    if (this.#abortedBy !== undefined) this.#link?.sweep(this.#query.constructor)
    this.#ended(() => {
      this.#fail(this.#outcomeOf(error))
    }, isCancelled(error))
  }

  #fail(error: unknown): void {
    this.#announce(error)
    this.#copy?.end(error)
    if (this.#isAsked || !iterated.has(this.#query)) this.#reject()(error)
    else this.#unheard = { error }
  }

  #ended(deliver: () => void, byCancel: boolean): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#span?.end()
    for (const subscription of this.#subscriptions) subscription.end()
    const tell = this.#isTold ? ignore : deliver
    const cancellation = this.#link?.cancellation
    if (!this.#isRefused && this.#abortedBy !== undefined && cancellation !== undefined) {
      cancellation.hasResult(tell, byCancel)
    } else tell()
    // It was refused by a connection that had been terminated.
    if (this.#link === undefined) this.over(true)
  }

  #outcomeOf(error: unknown): unknown {
    if (this.#abortedBy === undefined || error instanceof AbortError) return error
    const details = { pgError: error, phase: 'server' } as const
    if (isCancelled(error)) {
      return mayCommitOnItsWay(this.#text, false)
        ? partlyCancelled(this.#abortedBy, details)
        : abortError(this.#abortedBy, 'cancelled', details)
    }
    // Only the server's own errors have a severity; any other means that the connection is gone.
    return (error as { severity?: unknown }).severity === undefined
      ? abortError(this.#abortedBy, 'unknown', details)
      : error
  }

  #announce(error: unknown): void {
    if (!(error instanceof AbortError)) return
    this.#context.session.endedBy = error
    this.#publish(() => ({ error, text: this.#text }))
  }
}

function notGiven(signal: AbortSignal): AbortError {
  const consequence = 'the rest of the rows was not given'
  return abortError(signal, 'unknown', { phase: 'server', consequence })
}

function stopReading(signal: AbortSignal): Promise<unknown> {
  return ignored(Promise.reject(notGiven(signal)))
}

function ignored(promise: Promise<unknown>): Promise<unknown> {
  promise.catch(() => undefined)
  return promise
}

function ignore(): void {
  // Its caller has gone.
}

function isCancelled(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === QUERY_CANCELED
}
