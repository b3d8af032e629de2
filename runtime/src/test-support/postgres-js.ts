import postgresJs, { type Options, type Sql } from 'postgres'
import { onTestFinished } from 'vitest'
import { withSignal } from '../index.js'
import { cancellable } from '../postgres/index.js'
import type { TestPostgres } from './database.js'

/** A client of postgres.js that heeds signals, with one connection unless told otherwise; it ends with the test. */
export function connectPostgresJs(url: string, options: Options<Record<string, never>> = {}): Sql {
  const sql = postgresJs(url, { max: 1, onnotice: () => undefined, ...options })
  onTestFinished(() => sql.end({ timeout: 1 }))
  return cancellable(sql)
}

/** Leaves while a statement with `marker` runs, after `before`, and gives the error of the work. */
export async function leaveDuring(
  postgres: TestPostgres,
  marker: string,
  work: () => unknown,
  before?: () => unknown,
): Promise<unknown> {
  const controller = new AbortController()
  const outcome = withSignal(controller.signal, work).then(
    (value: unknown) => {
      throw new Error(`it was not aborted: ${JSON.stringify(value)}`)
    },
    (error: unknown) => error,
  )
  await postgres.untilRunning(marker)
  await before?.()
  controller.abort()
  return outcome
}

export async function pidOf(sql: Pick<Sql, 'unsafe'>): Promise<number> {
  const rows = await sql.unsafe<{ pid: number }[]>('SELECT pg_backend_pid() AS pid')
  return (rows[0] as { pid: number }).pid
}
