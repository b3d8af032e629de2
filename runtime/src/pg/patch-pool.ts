import { bindAmbient, currentSignal } from '../ambient.js'
import { AbortError, abortError, UnsupportedError } from '../errors.js'
import { linkSignal } from '../linked-signal.js'
import { remember } from '../restore-patched.js'
import { sharedState } from '../shared-state.js'
import { governingSignals, mapCallbacks, optsOut } from './call-signals.js'
import { existingStateOf, stateOf } from './client-state.js'
import { isNativeClient, refuseNative } from './native-client.js'
import type { CheckoutCallback, PgClient, PgPool } from './pg-internals.js'
import { waitForClient } from './pool-wait.js'
import type { GoverningSignals } from './signalled-query.js'
import { classifySql } from './sql-class.js'

const PATCHED: unique symbol = Symbol.for('@ctx-fix/runtime.pg.patched:1')
const WATCHED: unique symbol = Symbol.for('@ctx-fix/runtime.pg.watched:1')

type Patchable = PgPool & { [PATCHED]?: true; [WATCHED]?: true }

/** Makes the pools of one copy of pg-pool heed signals. Doing it again does nothing. */
export function patchPool(prototype: Patchable): void {
  if (prototype[PATCHED]) return
  remember(prototype)
  Object.defineProperty(prototype, PATCHED, { value: true, configurable: true })
  patchConnect(prototype)
  patchQuery(prototype)
  patchRelease(prototype)
}

/** The signals of the `pool.query` that is calling `connect` right now. */
let queryInProgress: readonly AbortSignal[] | undefined

function patchConnect(prototype: Patchable): void {
  const original = prototype.connect
  prototype.connect = function connect(this: Patchable, ...args: unknown[]) {
    watchCheckouts(this)
    const isQuery = queryInProgress !== undefined
    const signals = queryInProgress ?? listOf(governingSignals(args[0]))
    queryInProgress = undefined
    const callback = args.find((arg): arg is CheckoutCallback => typeof arg === 'function')
    if (signals.length === 0) {
      // A waiting callback is called by whoever releases a client: without this in that one's
      // context, and so with another request's signal.
      return original.call(this, callback && bindAmbient(callback))
    }
    if (callback !== undefined) {
      waitForClient(this, original, signals, callback, isQuery)
      return undefined
    }
    return new this.Promise<PgClient>((resolve, reject) => {
      waitForClient(this, original, signals, (error, client) => {
        if (error) reject(error)
        else resolve(client as PgClient)
      })
    })
  }
}

function patchQuery(prototype: Patchable): void {
  const original = prototype.query
  prototype.query = function query(this: Patchable, ...args) {
    const { tap } = sharedState
    if (tap === undefined) return queryWithSignals(this, args)
    return tap.throughPool(args, (given) => queryWithSignals(this, given), query)
  }

  function queryWithSignals(pool: Patchable, args: unknown[]): unknown {
    const signals = signalsForQuery(args[0])
    if (signals.length === 0 && !optsOut(args[0])) return original.apply(pool, args)
    // The client would refuse, and pg-pool close it for that.
    if (signals.length > 0 && isOfNativeClients(pool)) return refuseNative(args)
    // pg-pool's query checks a client out by `this.connect(callback)`, at once. Handing the signals
    // over on the side leaves it, and all that others have wrapped around either, as it is.
    const start = (given: unknown[]): unknown => {
      queryInProgress = signals
      try {
        return original.apply(pool, given)
      } finally {
        queryInProgress = undefined
      }
    }
    if (args.some((arg) => typeof arg === 'function')) {
      return start(
        mapCallbacks(args, (callback) => (error: unknown, result: unknown) => {
          callback(translateLoss(error, signals), result)
        }),
      )
    }
    // In the place of the promise that pg-pool makes where it gets no callback, not around it.
    return new pool.Promise((resolve, reject) => {
      const settle = (error: Error | null | undefined, result: unknown): void => {
        if (error) reject(error)
        else resolve(result)
      }
      start([args[0], args[1], settle])
    }).catch((error: unknown) => {
      throw broughtHome(translateLoss(error, signals))
    })
  }
}

/** As pg-pool does it: the stack of an error leads to a socket, and here it leads to the caller. */
function broughtHome(error: unknown): unknown {
  if (error instanceof Error) Error.captureStackTrace(error)
  return error
}

/**
 * pg-pool reports a connection that breaks before the query on it can; where that happens during a
 * cancellation, the caller is told of the abort all the same.
 */
function translateLoss(error: unknown, signals: readonly AbortSignal[]): unknown {
  const aborted = signals.find((signal) => signal.aborted)
  if (!(error instanceof Error) || aborted === undefined) return error
  // A pg that cancels by itself refuses in its own words, which are to be left.
  const isRefusal = 'outcome' in error || error.name === 'AbortError'
  const isAnswer = isRefusal || error === aborted.reason || 'severity' in error
  return isAnswer ? error : abortError(aborted, 'unknown', { pgError: error, phase: 'server' })
}

/** A client that is given back while a cancellation is under way goes back when that is over. */
function patchRelease(prototype: Patchable): void {
  const original = prototype._release
  prototype._release = function release(this: Patchable, client, idleListener, error) {
    const state = existingStateOf(client)
    const cancellation = state?.cancellation
    // With an error, the pool closes the client, and nothing can hit its next owner. pg-pool's query does so with
    // any error; but after an abort that left the connection provably clean, or a refusal, there is no need to.
    const isOurs = error instanceof AbortError || error instanceof UnsupportedError
    if (isOurs && state?.isForOneQuery && state.isClean) {
      original.call(this, client, idleListener, undefined)
    } else if (cancellation === undefined || error) {
      original.call(this, client, idleListener, error)
    } else {
      // Neither its last owner nor the pool listens to it meanwhile; if it breaks, the pool will see.
      client.on('error', ignore)
      cancellation.whenOver(() => {
        original.call(this, client, idleListener, error)
        client.off('error', ignore)
      })
    }
  }
}

/** What may end the wait of a `pool.query`; for cleanup after an abort, only its own deadline. */
function signalsForQuery(config: unknown): readonly AbortSignal[] {
  const signals = governingSignals(config)
  if (signals.explicit === undefined && signals.ambient?.aborted) {
    const text = typeof config === 'string' ? config : (config as { text?: unknown } | null)?.text
    const sqlClass = classifySql(text)
    if (sqlClass === 'cleanup' || sqlClass === 'rollback') {
      return [linkSignal([], sharedState.defaults.cleanupTimeoutMs).signal]
    }
  }
  return listOf(signals)
}

function listOf({ explicit, ambient }: GoverningSignals): readonly AbortSignal[] {
  if (explicit === undefined) return ambient === undefined ? [] : [ambient]
  return ambient === undefined || ambient === explicit ? [explicit] : [explicit, ambient]
}

/** Keeps the record of who owns a client, and lets none go back that an abort left unclean. */
function watchCheckouts(pool: Patchable): void {
  if (pool[WATCHED]) return
  Object.defineProperty(pool, WATCHED, { value: true })
  pool.on('acquire', (client: PgClient) => {
    if (isJavaScriptClient(client)) stateOf(client).checkedOut()
  })
  // Emitted before pg-pool decides whether the client may stay; a client that is ending may not.
  pool.on('release', (_error: unknown, client: PgClient) => {
    const state = existingStateOf(client)
    if (state === undefined) return
    const isAborted = state.sawAbort || currentSignal()?.aborted === true
    if (isAborted && state.isInTransaction) state.destroy()
    state.checkedIn()
  })
}

function ignore(): void {
  // See where it is used.
}

/** pg-native has no connection of its own to watch. */
function isJavaScriptClient(client: Partial<PgClient>): boolean {
  return client.connection !== undefined
}

function isOfNativeClients({ Client }: Patchable): boolean {
  return Client !== undefined && isNativeClient(Client.prototype)
}
