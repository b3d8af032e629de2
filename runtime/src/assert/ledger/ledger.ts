import { AsyncLocalStorage } from 'node:async_hooks'
import { currentSignal, isSignal } from '../../ambient.js'
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
import { LedgerQuery, type Origin, type QueryFacts } from './query.js'
import { watchEnd, watchSending } from './watch-query.js'

const TAPPED: unique symbol = Symbol.for('@ctx-fix/runtime.assert.tapped:1')

const SCOPES: unique symbol = Symbol.for('@ctx-fix/runtime.assert.scope:1')

const host = globalThis as { [SCOPES]?: AsyncLocalStorage<'set-up' | 'unrecorded'> | undefined }
const scopes = (host[SCOPES] ??= new AsyncLocalStorage())

/**
 * Runs `fn` as set-up: migrations and fixtures, whose queries need no signal whatever the mode. What
 * `fn` starts and does not await counts as well.
 */
export async function asSetUp<T>(fn: () => T): Promise<Awaited<T>> {
  return await scopes.run('set-up', async () => await fn())
}

/** Runs `fn` unseen by the ledger: for what looks on. */
export async function unrecorded<T>(fn: () => T): Promise<Awaited<T>> {
  return await scopes.run('unrecorded', async () => await fn())
}

/** Changes how a statement is sent; gives what is to be called when that is done. What it throws fails the statement. */
export type BeforeSend = (record: LedgerQuery, statement: Statement) => (() => void) | undefined

/** The ledger that is recording, or else one that does so until `done` is called. */
export function recordingLedger(): { readonly ledger: Ledger; readonly done: () => void } {
  const { tap } = sharedState
  // By shape: the set-up module may have come from another copy of this package.
  if (tap !== undefined && 'queries' in tap) return { ledger: tap as Ledger, done: () => undefined }
  const ledger = new Ledger()
  ledger.start()
  return {
    ledger,
    done: () => {
      ledger.stop()
    },
  }
}

/**
 * Records every query that goes through an instrumented pg or postgres.js in this process, from `start` to `stop`.
 * There is one ledger at a time; a second takes over from the first.
 */
export class Ledger implements StatementTap {
  /** The test that is running, for the records. */
  currentTest: string | undefined
  /** Called with each statement that is about to be sent. */
  beforeSend: BeforeSend | undefined
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
    this.#stopWatching ??= watchRequests(() => this.currentTest)
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
    if (scopes.getStore() === 'unrecorded') return run(args)
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
    if (scopes.getStore() === 'unrecorded') return
    assertTappedOnce(query)
    const poolCall = sharedState.ambient.getStore()?.poolCall as
      { readonly record: LedgerQuery; readonly sql: string } | undefined
    // While `pool.query` opens a client, listeners may set that up by statements of their own.
    const isPools = poolCall?.record.phase === 'waiting' && poolCall.sql === textOf(args[0])
    const record = isPools ? poolCall.record : this.#recordCall(args, 'queued', method)
    record.phase = 'queued'
    this.#records.set(query, record)
    const { submit, handleError, handleReadyForQuery } = query
    query.submit = (connection) => {
      record.sent(client.processID)
      this.#clients.set(record, client)
      let afterwards: (() => void) | undefined
      try {
        afterwards = this.beforeSend?.(record, {
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
    if (scopes.getStore() === 'unrecorded' || typeof query.canceller !== 'function') return
    const ambient = currentSignal()
    const record = this.#record({
      sql: textOfQuery(query),
      stack: stackOf(query) ?? new CallStack(query.handle),
      ...signalFacts(
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
    watchSending(query, record, (statement) => this.beforeSend?.(record, statement))
  }

  #recordCall(args: unknown[], phase: 'waiting' | 'queued', method: PatchedMethod): LedgerQuery {
    const stack = new CallStack(method, wrappedIn())
    return this.#record({ sql: textOf(args[0]), stack, ...signalOf(args[0]) }, phase)
  }

  #record(
    facts: Pick<QueryFacts, 'sql' | 'stack' | 'signal' | 'deadline'>,
    phase: 'waiting' | 'queued' = 'waiting',
  ): LedgerQuery {
    const record = new LedgerQuery(
      {
        ...facts,
        entryPoint: currentEntryPoint(),
        detachedReason: sharedState.ambient.getStore()?.detachedReason,
        isSetUp: scopes.getStore() === 'set-up',
        test: this.currentTest,
      },
      phase,
    )
    this.#queries.push(record)
    return record
  }
}

/** By shape, because it may be from another copy of this package. */
function wrappedIn(): CallStack | undefined {
  return sharedState.ambient.getStore()?.calledAt as CallStack | undefined
}

type SignalFacts = Pick<QueryFacts, 'signal' | 'deadline'>

function signalOf(options: unknown): SignalFacts {
  const given = (options as { signal?: unknown } | null | undefined)?.signal
  return signalFacts(
    isSignal(given) ? given : undefined,
    given === null ? undefined : currentSignal(),
  )
}

function signalFacts(
  explicit: AbortSignal | undefined,
  surrounding: AbortSignal | undefined,
): SignalFacts {
  let deadline: QueryFacts['deadline']
  let signal: QueryFacts['signal']
  const consider = (value: AbortSignal | undefined, from: Origin): void => {
    if (value === undefined) return
    signal ??= { from, value }
    const at = sharedState.deadlines.get(value)
    if (at !== undefined && at < (deadline?.at ?? Infinity)) deadline = { from, at }
  }
  consider(explicit, 'call')
  consider(surrounding, 'surroundings')
  return { signal, deadline }
}

function textOf(options: unknown): string {
  if (typeof options === 'string') return options
  const { text, name, cursor } = (options ?? {}) as {
    text?: unknown
    name?: unknown
    cursor?: { text?: unknown }
  }
  for (const candidate of [text, cursor?.text, name]) {
    if (typeof candidate === 'string') return candidate
  }
  return ''
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
