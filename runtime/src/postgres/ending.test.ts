import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { afterEach, describe, expect, it } from 'vitest'
import { configure, withSignal } from '../index.js'
import { useDatabase } from '../test-support/database.js'
import { connectPostgresJs as connect } from '../test-support/postgres-js.js'
import { proxyTo } from '../test-support/proxy.js'

const postgres = useDatabase()

afterEach(() => {
  configure({ cancelGraceMs: 2_000 })
})

/** Whether a client ends; ten seconds are far more than it needs. */
async function isEnded(ending: Promise<unknown>): Promise<boolean> {
  return await Promise.race([ending.then(() => true), sleep(10_000, false, { ref: false })])
}

async function connections(): Promise<number> {
  const client = await postgres.client()
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'postgres.js'`,
  )
  return rows[0]?.n ?? 0
}

interface Running {
  readonly sql: Sql
  readonly controller: AbortController
  /** What became of the statement. */
  readonly outcome: Promise<unknown>
}

/** A client whose only connection executes a statement of half a minute under a signal. */
async function start(marker: string, url = postgres.connectionString): Promise<Running> {
  const sql = connect(url)
  const controller = new AbortController()
  const outcome = withSignal(controller.signal, () =>
    sql.unsafe(`SELECT pg_sleep(30) /* ${marker} */`),
  ).catch((error: unknown) => error)
  await postgres.untilRunning(marker)
  return { sql, controller, outcome }
}

describe('a client that ends', () => {
  it('closes its connection when the statement has ended', async () => {
    const sql = connect(postgres.connectionString)
    const query = withSignal(
      new AbortController().signal,
      () => sql`SELECT pg_sleep(0.2) /* end */`,
    )
    await postgres.untilRunning('end */')
    const ending = sql.end()
    expect(await query).toHaveLength(1)
    expect(await isEnded(ending)).toBe(true)
  })

  it.each<[string, (running: Running) => Promise<unknown>]>([
    [
      'before the abort',
      async ({ sql, controller }) => {
        const ending = sql.end()
        await sleep(20)
        controller.abort()
        await ending
      },
    ],
    [
      'in the tick of the abort',
      ({ sql, controller }) => {
        const ending = sql.end()
        controller.abort()
        return ending
      },
    ],
    [
      'while the cancel is on its way',
      ({ sql, controller }) => {
        controller.abort()
        return sql.end()
      },
    ],
  ])('%s waits for the cancel, and closes its connection', async (when, end) => {
    const running = await start(when)
    const ending = end(running)
    expect(await running.outcome).toMatchObject({ outcome: 'cancelled' })
    expect(await isEnded(ending)).toBe(true)
    await expect.poll(connections, { timeout: 10_000 }).toBe(0)
  })

  it('without patience takes the statement with it', async () => {
    const { sql, controller, outcome } = await start('impatient')
    controller.abort()
    expect(await isEnded(sql.end({ timeout: 0 }))).toBe(true)
    expect(['cancelled', 'unknown']).toContain(((await outcome) as { outcome: string }).outcome)
  })

  it('is not kept by a cancel that nobody answers', async () => {
    configure({ cancelGraceMs: 200 })
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    proxy.onCancel = () => ({ kind: 'deaf' })
    const { sql, controller, outcome } = await start('unanswered', connectionString)
    controller.abort()
    const ending = sql.end()
    expect(await outcome).toMatchObject({ outcome: 'unknown' })
    expect(await isEnded(ending)).toBe(true)
  })

  it('refuses who waits for its connection and leaves, and rolls a transaction back', async () => {
    const sql = connect(postgres.connectionString)
    await sql`CREATE TABLE IF NOT EXISTS ending (n int)`
    const controller = new AbortController()
    const { signal } = controller
    const transaction = withSignal(signal, () =>
      sql.begin(async (tx) => {
        await tx`INSERT INTO ending VALUES (1)`
        await tx`SELECT pg_sleep(30) /* ending transaction */`
      }),
    ).catch((error: unknown) => error)
    await postgres.untilRunning('ending transaction')
    const waiting = withSignal(signal, () => sql`SELECT 1`).catch((error: unknown) => error)
    await sleep(5)
    const ending = sql.end()
    controller.abort()
    expect(await waiting).toMatchObject({ outcome: 'not-sent' })
    expect(await transaction).toMatchObject({ outcome: 'cancelled' })
    expect(await isEnded(ending)).toBe(true)
    const client = await postgres.client()
    expect((await client.query('SELECT FROM ending')).rowCount).toBe(0)
  })
})
