import { errorChain } from '../error-chain.js'
import { isClientGone } from './client-gone.js'

/**
 * - 499: the client has gone; there is nobody to answer. The status is nginx's, for logs only.
 * - 503: no connection became free in time, or the server takes no more: the service is saturated.
 * - 504: a deadline passed. Not 408, which blames the client for sending slowly.
 */
export type DeadlineStatus = 499 | 503 | 504

type Told = Readonly<Partial<Record<'name' | 'message' | 'phase' | 'code', unknown>>>

/** How a full pool, or a full server, says so. */
const SATURATED: readonly ((error: Told) => boolean)[] = [
  ({ name, phase }) => name === 'TimeoutError' && phase === 'pool',
  // pg-pool gives this error no code: https://github.com/brianc/node-postgres (pg-pool/index.js)
  ({ message }) => message === 'timeout exceeded when trying to connect',
  // The name alone is also that of a query's timeout: https://github.com/knex/knex/blob/master/lib/client.js
  ({ name, message }) =>
    name === 'KnexTimeoutError' && /^Knex: Timeout acquiring a connection/.test(String(message)),
  // https://github.com/sequelize/sequelize/blob/v6/src/errors/connection/connection-acquire-timeout-error.ts
  ({ name }) => name === 'SequelizeConnectionAcquireTimeoutError',
  // too_many_connections: https://www.postgresql.org/docs/current/errcodes-appendix.html
  ({ code }) => code === '53300',
]

const TIMED_OUT: ReadonlySet<unknown> = new Set(['TimeoutError', 'KnexTimeoutError'])

/**
 * The HTTP status for an error that a signal or a full pool caused, through whatever wraps it;
 * `undefined` for every other error. Never throws.
 */
export function statusOf(error: unknown): DeadlineStatus | undefined {
  let isTimeout = false
  for (const each of errorChain(error)) {
    if (isClientGone(each)) return 499
    const told: Told = each
    if (SATURATED.some((says) => says(told))) return 503
    if (TIMED_OUT.has(told.name)) isTimeout = true
  }
  return isTimeout ? 504 : undefined
}
