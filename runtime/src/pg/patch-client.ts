import { bindAmbient, currentSignal, leaveAmbient } from '../ambient.js'
import { UnsupportedError } from '../errors.js'
import { remember } from '../restore-patched.js'
import { sharedState } from '../shared-state.js'
import { bindCallbacks, governingSignals, NO_SIGNALS, optsOut } from './call-signals.js'
import {
  existingStateOf,
  stateOf,
  type ArrivingStatement,
  type ClientState,
} from './client-state.js'
import { heedsSignals, patchNativeSignals } from './native-signals.js'
import { patchQueryClass } from './patch-query-class.js'
import { isNativeClient, patchNativeQuery, unsupported } from './native-client.js'
import { queueOf, type PgClient } from './pg-internals.js'
import { hookQueryClass } from './query-hooks.js'
import { SignalledQuery } from './signalled-query.js'
import { withoutConfig } from './without-config.js'

const PATCHED: unique symbol = Symbol.for('@ctx-fix/runtime.pg.patched:1')

type Patchable = PgClient & { [PATCHED]?: true }

/**
 * Makes the clients of one copy of pg heed signals. Doing it again does nothing. A pg that heeds them by itself
 * is left to do so.
 *
 * @throws {UnsupportedError} for a pg whose client lacks what this builds on.
 */
export function patchClient(prototype: Patchable): void {
  if (prototype[PATCHED]) return
  const isNative = isNativeClient(prototype)
  if (!isNative) assertSupported(prototype)
  remember(prototype)
  remember(prototype.constructor)
  Object.defineProperty(prototype, PATCHED, { value: true, configurable: true })
  if (isNative) patchNativeQuery(prototype)
  else if (heedsSignals(prototype)) patchNativeSignals(prototype)
  else {
    patchQuery(prototype)
    patchPulse(prototype)
    hookQueryClass(prototype.constructor.Query.prototype)
    patchQueryClass(prototype.constructor)
    patchConnect(prototype)
  }
}

function patchQuery(prototype: Patchable): void {
  const original = prototype.query
  prototype.query = function query(this: PgClient, ...args) {
    const signals = governingSignals(args[0])
    const given = signals.ambient !== undefined || optsOut(args[0]) ? bindCallbacks(args) : args
    if (signals === NO_SIGNALS && sharedState.tap === undefined) return original.apply(this, given)
    const state = stateOf(this)
    const { arriving } = state
    state.arriving = { signals, args, method: query, queueLength: queueOf(this).length }
    try {
      return original.apply(this, withoutConfig(given))
    } finally {
      // pg refuses by itself on a client that has ended; then nothing was queued.
      state.arriving = arriving
    }
  }
}

/** pg calls it when a statement has been put at the end of the queue, and when the server is ready for one. */
function patchPulse(prototype: Patchable): void {
  const original = prototype._pulseQueryQueue
  prototype._pulseQueryQueue = function pulseQueryQueue(this: PgClient) {
    const state = existingStateOf(this)
    if (state?.arriving !== undefined) prepareArrived(this, state, state.arriving)
    if (state === undefined || state.holds === 0) original.call(this)
  }
}

/** Shows the statement that has just been queued to whom it concerns, before it can be sent. */
function prepareArrived(
  client: PgClient,
  state: ClientState,
  { signals, args, method, queueLength }: ArrivingStatement,
): void {
  const queue = queueOf(client)
  const query = queue.length > queueLength ? queue.at(-1) : undefined
  if (query === undefined) return
  state.arriving = undefined
  sharedState.tap?.queued(query, client, args, method)
  if (signals === NO_SIGNALS) return
  const signalled = new SignalledQuery(client, state, query, signals)
  if (client.pipeline) signalled.refuse(unsupported('pipeline mode'))
}

function patchConnect(prototype: Patchable): void {
  const original = prototype.connect
  prototype.connect = function connect(this: PgClient, callback) {
    stateOf(this).openedUnder(currentSignal())
    // The socket outlives the caller. Its events, notifications among them, must not carry on the
    // signal of whoever happened to open it.
    const bound = callback && bindAmbient(callback)
    return leaveAmbient(() => original.call(this, bound))
  }
}

function assertSupported(prototype: Patchable): void {
  if (typeof prototype._pulseQueryQueue === 'function' && typeof prototype.query === 'function')
    return
  throw new UnsupportedError(
    'this version of pg cannot be instrumented: it takes 8.5 or a later 8.x',
  )
}
