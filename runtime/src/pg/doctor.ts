import { createRequire } from 'node:module'
import { join } from 'node:path'
import { detached, withSignal } from '../ambient.js'
import { deriveSignal } from '../derive-signal.js'
import { UnsupportedError } from '../errors.js'
import { sharedState } from '../shared-state.js'
import { isInstrumented } from './instrument.js'

/** One thing that `doctor` looked at. */
export interface Finding {
  readonly check:
    | 'pool-size'
    | 'pool-wait'
    | 'statement_timeout'
    | 'client_connection_check_interval'
    | 'instrumented'
  readonly isFine: boolean
  /** What is the case, and what to do about it. */
  readonly message: string
}

interface DoctoredPool {
  readonly options: { max?: number; connectionTimeoutMillis?: number }
  query(text: string): Promise<{ rows: { name: string; value: number }[] }>
}

/** Times in milliseconds; `undefined` where the server does not know the setting. */
interface ServerSettings {
  statement_timeout?: number
  client_connection_check_interval?: number
  max_connections?: number
}

const SETTINGS = `
  SELECT name, setting::float8 AS value FROM pg_settings
   WHERE name IN ('statement_timeout', 'client_connection_check_interval', 'max_connections')`

/**
 * Judges a pool and its server by what makes cancellation work when something goes wrong: for a start
 * script or a health check.
 *
 * @param options.concurrency how many requests this process serves at once; without it, the pool's
 *   size is only compared with the server's connections.
 * @throws what the pool throws when the server cannot be asked; a `TimeoutError` when that has taken 5 s.
 */
export async function doctor(
  pool: object,
  { concurrency }: { concurrency?: number } = {},
): Promise<Finding[]> {
  const patient = pool as DoctoredPool
  const { options } = patient
  const { rows } = await ask(() => patient.query(SETTINGS))
  const settings: ServerSettings = Object.fromEntries(rows.map(({ name, value }) => [name, value]))
  return [
    sizeOf(options.max ?? 10, settings.max_connections, concurrency),
    waitOf(options.connectionTimeoutMillis ?? 0),
    statementTimeout(settings.statement_timeout ?? 0),
    connectionCheck(settings.client_connection_check_interval),
    copies(pool),
  ]
}

/** How long a full pool is waited for, which one without connectionTimeoutMillis would be for ever. */
const PATIENCE_MS = 5_000

async function ask<T>(query: () => Promise<T>): Promise<T> {
  const signal = deriveSignal(null, { timeoutMs: PATIENCE_MS })
  return await detached('looks at the settings', async () => {
    try {
      return await withSignal(signal, query)
    } catch (error) {
      if (!(error instanceof UnsupportedError)) throw error
      return await query()
    } finally {
      signal.dispose()
    }
  })
}

function sizeOf(max: number, maxConnections = Infinity, concurrency?: number): Finding {
  const check = 'pool-size'
  const size = `the pool has up to ${max} connections`
  if (max > maxConnections) {
    return { check, isFine: false, message: `${size}, the server takes ${maxConnections} from all` }
  }
  // Requests wait for others to think as well as to query; beyond ten for each, most only wait.
  if (concurrency !== undefined && concurrency > max * 10) {
    const message = `${size} for ${concurrency} requests at once: most of a deadline may go on waiting`
    return { check, isFine: false, message }
  }
  return { check, isFine: true, message: size }
}

function waitOf(waitMs: number): Finding {
  const check = 'pool-wait'
  const { requestTimeoutMs } = sharedState.defaults
  if (waitMs > 0 && waitMs < requestTimeoutMs) {
    return { check, isFine: true, message: `a full pool is an error after ${waitMs} ms` }
  }
  const message =
    waitMs === 0
      ? 'set connectionTimeoutMillis: callers without a signal wait for a full pool for ever'
      : `connectionTimeoutMillis of ${waitMs} ms is no less than a request's ${requestTimeoutMs} ms`
  return { check, isFine: false, message }
}

function statementTimeout(timeoutMs: number): Finding {
  const check = 'statement_timeout'
  const { requestTimeoutMs } = sharedState.defaults
  if (timeoutMs === 0) {
    const message = `set ${check} a little above ${requestTimeoutMs} ms, for what no cancel reaches`
    return { check, isFine: false, message }
  }
  if (timeoutMs <= requestTimeoutMs) {
    const message = `${check} of ${timeoutMs} ms ends statements before the request's ${requestTimeoutMs} ms`
    return { check, isFine: false, message }
  }
  return { check, isFine: true, message: `the server ends a statement after ${timeoutMs} ms` }
}

function connectionCheck(intervalMs: number | undefined): Finding {
  const check = 'client_connection_check_interval'
  if (intervalMs !== undefined && intervalMs > 0) {
    return {
      check,
      isFine: true,
      message: `the server looks for its client every ${intervalMs} ms`,
    }
  }
  const message =
    intervalMs === undefined
      ? `${check} needs PostgreSQL 14: until then a statement outlives a connection that was destroyed`
      : `set ${check}, say to 1s: a statement outlives a connection that was destroyed`
  return { check, isFine: false, message }
}

// https://nodejs.org/api/modules.html#requirecache: all of pg is CommonJS.
const CLIENT_FILE = /[\\/]pg[\\/]lib[\\/]client\.js$/

function copies(pool: object): Finding {
  const check = 'instrumented'
  const { cache } = createRequire(join(process.cwd(), 'any.js'))
  const files = Object.keys(cache).filter((file) => CLIENT_FILE.test(file))
  const unseen = files.filter((file) => !isInstrumented(cache[file]?.exports))
  if (unseen.length > 0) {
    return {
      check,
      isFine: false,
      message: `these copies of pg ignore signals: ${unseen.join(', ')}`,
    }
  }
  if (!isInstrumented(pool)) {
    return { check, isFine: false, message: 'this pool ignores signals: call instrument(pool)' }
  }
  return { check, isFine: true, message: `copies of pg that heed signals: ${files.length}` }
}
