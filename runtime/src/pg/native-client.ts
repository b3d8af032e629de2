import { currentSignal } from '../ambient.js'
import { UnsupportedError } from '../errors.js'
import { governingSignals, NO_SIGNALS } from './call-signals.js'
import type { PgClient } from './pg-internals.js'

/** Whether clients of this class speak through libpq, by the binding pg-native, where nothing can be cancelled. */
export function isNativeClient(prototype: object): boolean {
  return !('_attachListeners' in prototype)
}

export function patchNativeQuery(prototype: Pick<PgClient, 'query'>): void {
  const original = prototype.query
  prototype.query = function query(this: PgClient, ...args) {
    if (governingSignals(args[0]) === NO_SIGNALS) return original.apply(this, args)
    return refuseNative(args)
  }
}

/** Fails a call of `query` as pg fails it: by its callback, or by a promise. */
export function refuseNative(args: readonly unknown[]): Promise<never> | undefined {
  const error = unsupported('pg-native')
  const callback = args.find((arg) => typeof arg === 'function')
  if (callback === undefined) return Promise.reject(error)
  process.nextTick(callback, error)
  return undefined
}

export function unsupported(what: string): UnsupportedError {
  const hint = currentSignal() === undefined ? '' : ', or run the query with signal: null'
  return new UnsupportedError(
    `${what} cannot cancel a single query: use the JavaScript client without pipeline${hint}`,
  )
}
