import { isClientGone } from './client-gone.js'

/**
 * - 499: the client has gone; there is nobody to answer. The status is nginx's, for logs only.
 * - 503: no connection of the pool became free in time: the service is saturated.
 * - 504: a deadline passed. Not 408, which blames the client for sending slowly.
 */
export type DeadlineStatus = 499 | 503 | 504

// pg-pool gives this error no code: https://github.com/brianc/node-postgres (pg-pool/index.js)
const POOL_TIMEOUT = 'timeout exceeded when trying to connect'
/** Deeper than any ORM wraps its driver's errors. */
const MAX_DEPTH = 8

/**
 * The HTTP status for an error that a signal or a full pool caused, through whatever wraps it as
 * `cause`; `undefined` for every other error. Never throws.
 */
export function statusOf(error: unknown): DeadlineStatus | undefined {
  let isTimeout = false
  let current = error
  for (let depth = 0; depth < MAX_DEPTH && isObject(current); depth++) {
    if (isClientGone(current)) return 499
    const { name, message, phase, cause } = current as Partial<Record<string, unknown>>
    if (message === POOL_TIMEOUT || (name === 'TimeoutError' && phase === 'pool')) return 503
    if (name === 'TimeoutError') isTimeout = true
    current = cause
  }
  return isTimeout ? 504 : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
