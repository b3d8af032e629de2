import { currentSignal } from '../ambient.js'
import { followsSignal, linkSignal } from '../linked-signal.js'
import { bindCallbacks, mapCallbacks } from './call-signals.js'
import type { PgClient } from './pg-internals.js'
import { classifySql } from './sql-class.js'

type ClientClass = new () => Pick<PgClient, 'query'>

/**
 * Whether this pg cancels queries by itself, as several open proposals would have it
 * (https://github.com/brianc/node-postgres/pull/3751, https://github.com/brianc/node-postgres/pull/3212).
 * Told by what it does: given a query, a client that is not connected looks at the query's signal, or never
 * touches it.
 */
export function heedsSignals(prototype: object): boolean {
  const Client = prototype.constructor as ClientClass
  const { signal } = new AbortController()
  let isLookedAt = false
  const look = (): false => {
    isLookedAt = true
    return false
  }
  Object.defineProperties(signal, {
    aborted: { get: look },
    addEventListener: { value: look },
    throwIfAborted: { value: look },
  })
  try {
    new Client().query({ text: '', signal }, () => undefined)
  } catch {
    // It could not be asked: then this package cancels, as for every pg so far.
  }
  return isLookedAt
}

/**
 * For a pg that cancels by itself: only the surrounding signal is left to do, and given on as the query's own.
 * What ends a transaction, or gives something back, is not given one: it must run after the abort too.
 */
export function patchNativeSignals(prototype: Pick<PgClient, 'query'>): void {
  const original = prototype.query
  prototype.query = function query(this: PgClient, ...args) {
    const ambient = currentSignal()
    const [first, ...rest] = bindCallbacks(args)
    const config = typeof first === 'string' ? { text: first } : (first as QueryConfig | undefined)
    if (config === undefined || typeof config.submit === 'function') {
      return original.call(this, first, ...rest)
    }
    const { signal: explicit, ...others } = config
    const isShielded = classifySql(config.text) !== undefined
    const inherited = explicit === null || isShielded ? undefined : ambient
    if (explicit == null || inherited === undefined || followsSignal(explicit, inherited)) {
      const signal = explicit ?? inherited
      return original.call(this, signal === undefined ? others : { ...others, signal }, ...rest)
    }
    const link = linkSignal([explicit, inherited], Infinity)
    const end = (): void => {
      link.dispose()
    }
    const given = mapCallbacks(rest, (callback) => (...results: unknown[]) => {
      end()
      callback(...results)
    })
    const result = original.call(this, { ...others, signal: link.signal }, ...given)
    if (isThenable(result)) result.then(end, end)
    return result
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function'
}

interface QueryConfig {
  readonly text?: unknown
  readonly signal?: AbortSignal | null
  readonly submit?: unknown
}
