import { currentSignal } from '../../ambient.js'
import type { PgClient, PgQuery } from '../../pg/pg-internals.js'
import type { PatchedMethod, StatementTap } from '../../pg/statement-tap.js'
import { textOfQuery, type PostgresQuery } from '../../postgres/query.js'
import { sharedState } from '../../shared-state.js'
import { connectLikeClient } from '../connect-like.js'
import { sendGate } from '../gate.js'
import { stackOf } from '../postgres/copies.js'
import type { ObserverClient } from '../observer.js'
import type { Statement } from '../statement.js'
import { CallStack } from './call-stack.js'
import { currentEntryPoint, serveJob, watchRequests } from './entry-point.js'
import { LedgerQuery, type QueryFacts, type QuerySignals } from './query.js'
import { signalsGiven, signalsOf, textGiven } from './given.js'
import { isSetUp, isUnrecorded, noteMade } from './scopes.js'
import type { TestRun } from './test-run.js'
import { noteHeard } from './unheard.js'
import { watchEnd, watchSending } from './watch-query.js'

const TAPPED: unique symbol = Symbol.for('@ctx-fix/runtime.assert.tapped:1')

/** Changes how a statement is sent; gives what is to be called when that is done. What it throws fails the statement. */
export type BeforeSend = (record: LedgerQuery, statement: Statement) => (() => void) | undefined

/** What makes some statements hang. */
export interface LedgerStall {
  readonly takes: (record: LedgerQuery) => boolean
  readonly hold: BeforeSend
}

/** The ledger that is recording, or else one that does so until all who got it have called `done`. */
export function recordingLedger(): { readonly ledger: Ledger; readonly done: () => void } {
  const { tap } = sharedState
  // By shape: the set-up module may have come from another copy of this package.
  const recording = tap !== undefined && 'queries' in tap ? (tap as Ledger) : undefined
  if (recording?.borrowers === 0) return { ledger: recording, done: () => undefined }
  const ledger = recording ?? new Ledger()
  if (recording === undefined) ledger.start()
  ledger.borrowers += 1
  return {
    ledger,
    done: () => {
      ledger.borrowers -= 1
      if (ledger.borrowers === 0) ledger.stop()
    },
  }
}

/**
 * Records every query that goes through an instrumented pg or postgres.js in this process, from `start` to `stop`.
 * There is one ledger at a time; a second takes over from the first.
 */
export class Ledger implements StatementTap {
  /** The tests that are running, in the order of their beginning. */
  runningTests: readonly TestRun[] = []
  /** Called with each statement that is about to be sent, unless a stall takes it. */
  beforeSend: BeforeSend | undefined
  /** Those that make statements hang; the latest goes first. */
  readonly stalls: LedgerStall[] = []
  /** How many use a ledger that nobody else started, see `recordingLedger`. */
  borrowers = 0
  #queries: LedgerQuery[] = []
  #stopWatching: (() => void) | undefined
  readonly #records = new WeakMap<PostgresQuery | PgQuery, LedgerQuery>()
  /** Of pg, by which a statement was sent. */
  readonly #clients = new WeakMap<LedgerQuery, PgClient>()

  /** All queries since the last `take`, in the order of their calls. */
  get queries(): readonly LedgerQuery[] {
    return this.#queries
  }

  start(): void {
    const { tap } = sharedState
    // What was loaded before the tests, to stall their statements, goes on doing so.
    if (tap !== undefined && 'beforeSend' in tap) this.beforeSend ??= (tap as Ledger).beforeSend
    sharedState.tap = this
    this.#stopWatching ??= watchRequests(() => this.runningTests)
  }

  stop(): void {
    if (sharedState.tap === this) sharedState.tap = undefined
    this.#stopWatching?.()
    this.#stopWatching = undefined
  }

  /** Hands out the queries that are over, and keeps those that are not. */
  take(): LedgerQuery[] {
    const over = this.#queries.filter(({ phase }) => phase === 'done')
    this.#queries = this.#queries.filter(({ phase }) => phase !== 'done')
    return over
  }

  /** Another client, not connected yet, of the database to which `query` was sent by pg. */
  connectBeside(query: LedgerQuery): ObserverClient | undefined {
    const client = this.#clients.get(query)
    return client && connectLikeClient(client)
  }

  /** A record of a statement that goes past all that is recorded, which is not among `queries`. */
  unheard(sql: string, above: PatchedMethod): LedgerQuery {
    const signals = signalsGiven(undefined, undefined)
    return this.#describe({ sql, stack: new CallStack(above), signals }, 'queued')
  }

  /** @internal */
  asJob<T>(name: string, fn: () => Promise<T>, cancel: () => void): Promise<T> {
    return serveJob(name, fn, cancel)
  }

  /** @internal */
  calledAt(method: PatchedMethod): object {
    return new CallStack(method, wrappedIn())
  }

  /** @internal */
  throughPool<T>(args: unknown[], run: (args: unknown[]) => T, method: PatchedMethod): T {
    if (isUnrecorded()) return run(args)
    const context = sharedState.ambient.getStore()
    const record = this.#recordCall(args, 'waiting', method)
    // The callback belongs to the caller, around whom there is no `pool.query` any more.
    const given = args.map((arg) =>
      typeof arg === 'function'
        ? (error: unknown, ...rest: unknown[]) => {
            end(record, error)
            sharedState.ambient.run(context, arg as (...args: unknown[]) => void, error, ...rest)
          }
        : arg,
    )
    const poolCall = { record, sql: record.sql }
    const result = sharedState.ambient.run({ signal: null, ...context, poolCall }, run, given)
    if (!(result instanceof Promise)) return result
    // The caller gets the promise that is watched, so that nobody's rejection counts as handled.
    return result.then(
      (value: unknown) => {
        record.completed()
        return value
      },
      (error: unknown) => {
        record.failed(error)
        throw error as Error
      },
    ) as T
  }

  /** @internal */
  queued(query: PgQuery, client: PgClient, args: unknown[], method: PatchedMethod): void {
    if (isUnrecorded()) return
    assertTappedOnce(query)
    noteHeard(client.connection.stream)
    const poolCall = sharedState.ambient.getStore()?.poolCall as
      { readonly record: LedgerQuery; readonly sql: string } | undefined
    // While `pool.query` opens a client, listeners may set that up by statements of their own.
    const isPools = poolCall?.record.phase === 'waiting' && poolCall.sql === textGiven(args[0])
    const record = isPools ? poolCall.record : this.#recordCall(args, 'queued', method)
    record.phase = 'queued'
    this.#records.set(query, record)
    const { submit, handleError, handleReadyForQuery } = query
    query.submit = (connection) => {
      record.sent(client.processID)
      this.#clients.set(record, client)
      let afterwards: (() => void) | undefined
      try {
        afterwards = this.#beforeSend(record, {
          gate: (sql) => sendGate(query, client, sql),
          connectBeside: () => Promise.resolve(connectLikeClient(client)),
        })
      } catch (error) {
        // pg fails the statement with it, and goes on with the next.
        record.failed(error)
        return error
      }
      const error = submit.call(query, connection)
      afterwards?.()
      if (error) record.failed(error)
      return error
    }
    query.handleError = (error, connection) => {
      record.failed(error)
      return handleError.call(query, error, connection)
    }
    query.handleReadyForQuery = (connection) => {
      record.completed()
      return handleReadyForQuery.call(query, connection)
    }
  }

  /** @internal */
  answered(query: PgQuery, error: unknown): void {
    this.#records.get(query)?.answered(error)
  }

  /** @internal */
  made(query: PostgresQuery, signals: readonly AbortSignal[]): void {
    // What a connection asks for itself has nobody who could cancel it.
    if (isUnrecorded() || typeof query.canceller !== 'function') return
    const ambient = currentSignal()
    const record = this.#record({
      sql: textOfQuery(query),
      stack: stackOf(query) ?? new CallStack(query.handle),
      signals: signalsGiven(
        signals.find((signal) => signal !== ambient),
        signals.find((signal) => signal === ambient),
      ),
    })
    this.#records.set(query, record)
    watchEnd(query, record)
  }

  /** @internal */
  sending(query: PostgresQuery, original = query): void {
    const record = this.#records.get(original)
    if (record === undefined) return
    record.phase = 'queued'
    if (query !== original) watchEnd(query, record)
    watchSending(query, record, (statement) => this.#beforeSend(record, statement))
  }

  #beforeSend(record: LedgerQuery, statement: Statement): (() => void) | undefined {
    const stall = this.stalls.findLast((each) => each.takes(record))
    return stall === undefined
      ? this.beforeSend?.(record, statement)
      : stall.hold(record, statement)
  }

  #recordCall(args: unknown[], phase: 'waiting' | 'queued', method: PatchedMethod): LedgerQuery {
    const stack = new CallStack(method, wrappedIn())
    return this.#record({ sql: textGiven(args[0]), stack, signals: signalsOf(args[0]) }, phase)
  }

  #record(facts: MadeWith, phase: 'waiting' | 'queued' = 'waiting'): LedgerQuery {
    const record = this.#describe(facts, phase)
    this.#queries.push(record)
    noteMade(record)
    return record
  }

  #describe({ signals, ...facts }: MadeWith, phase: 'waiting' | 'queued'): LedgerQuery {
    return new LedgerQuery(
      {
        ...facts,
        entryPoint: currentEntryPoint(),
        detachedReason: sharedState.ambient.getStore()?.detachedReason,
        isSetUp: isSetUp(),
        tests: this.runningTests,
      },
      signals,
      phase,
    )
  }
}

type MadeWith = Pick<QueryFacts, 'sql' | 'stack'> & { readonly signals: QuerySignals }

/** By shape, because it may be from another copy of this package. */
function wrappedIn(): CallStack | undefined {
  return sharedState.ambient.getStore()?.calledAt as CallStack | undefined
}

function end(record: LedgerQuery, error: unknown): void {
  if (error) record.failed(error)
  else record.completed()
}

function assertTappedOnce(query: PgQuery & { [TAPPED]?: true }): void {
  if (query[TAPPED]) {
    throw new Error(
      'ctx-fix: a statement was announced twice, so pg is patched twice: two versions of ' +
        '@ctx-fix/runtime are installed. Keep one (npm ls @ctx-fix/runtime)',
    )
  }
  Object.defineProperty(query, TAPPED, { value: true })
}
