import { setTimeout as sleep } from 'node:timers/promises'
import {
  pgBouncerVersion,
  startPgBouncer,
  type PgBouncer,
  type PgBouncerOptions,
} from '@ctx-fix/fixtures'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { configure } from '../index.js'
import { backendPid, slow, useDatabase } from '../test-support/database.js'
import { proxyTo } from '../test-support/proxy.js'

const postgres = useDatabase()

beforeEach(() => {
  configure({ proxyFence: true })
})
afterEach(() => {
  configure({ proxyFence: false })
})

describe('behind a pooler, a connection', () => {
  it('is kept when its one cancel ended the statement', async () => {
    const pool = postgres.pool({ max: 1 })
    const pid = await backendPid(pool)
    const controller = new AbortController()
    const query = pool.query({ text: 'SELECT pg_sleep(30) /* kept */', signal: controller.signal })
    await postgres.untilRunning('kept')
    controller.abort()
    await expect(query).rejects.toMatchObject({ outcome: 'cancelled' })
    // On a busy machine the cancel may have been repeated, and then the connection is not kept.
    expect(pool.totalCount === 0 || (await backendPid(pool)) === pid).toBe(true)
  })

  it('is closed when the statement ended by itself', async () => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    // A pooler that closes at once and passes the cancel on later, or never.
    proxy.onCancel = () => ({ kind: 'lose' })
    const pool = postgres.pool({ connectionString, max: 1 })
    const controller = new AbortController()
    const query = pool.query({ text: 'SELECT pg_sleep(0.3) /* ends */', signal: controller.signal })
    await postgres.untilRunning('ends')
    controller.abort()
    await expect(query).resolves.toMatchObject({ rowCount: 1 })
    expect(pool.totalCount).toBe(0)
  })

  it('is closed when statement_timeout ended the statement, and the cancel is still to come', async () => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    proxy.onCancel = () => ({ kind: 'pass', delayMs: 1_000 })
    const pool = postgres.pool({ connectionString, max: 1, statement_timeout: 500 })
    const controller = new AbortController()
    const query = pool.query({ text: slow('out-of-time'), signal: controller.signal })
    await postgres.untilRunning('out-of-time')
    controller.abort()
    await expect(query).rejects.toMatchObject({ pgError: { code: '57014' } })
    expect(pool.totalCount).toBe(0)
  })
})

describe.skipIf(pgBouncerVersion() === undefined)('behind PgBouncer', () => {
  it.each(['session', 'transaction'] as const)(
    'cancels and goes on: pool_mode %s',
    async (mode) => {
      const { connectionString } = await startPgBouncerFor(mode)
      const pool = postgres.pool({ connectionString, max: 2 })
      for (let round = 0; round < 5; round++) {
        const controller = new AbortController()
        const query = pool.query({ text: slow('pooled'), signal: controller.signal })
        await postgres.untilRunning('pooled')
        controller.abort()
        await expect(query).rejects.toMatchObject({ outcome: 'cancelled' })
        await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
      }
    },
  )

  it('a statement that waits for a connection of the pooler ends too, and takes no other with it', async () => {
    const { connectionString } = await startPgBouncerFor('transaction', 1)
    const pool = postgres.pool({ connectionString, max: 2 })
    const holder = pool.query('SELECT pg_sleep(1) /* holder */')
    await postgres.untilRunning('holder')
    const controller = new AbortController()
    const waiting = pool.query({ text: 'SELECT 1', signal: controller.signal })
    const settled = waiting.catch((error: unknown) => error)
    await sleep(50)
    controller.abort()
    await expect(holder).resolves.toMatchObject({ rowCount: 1 })
    const outcome = (await settled) as { outcome?: unknown; rowCount?: unknown }
    expect(outcome.rowCount === 1 || outcome.outcome === 'unknown').toBe(true)
    await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
  })
})

async function startPgBouncerFor(
  poolMode: PgBouncerOptions['poolMode'],
  poolSize = 2,
): Promise<PgBouncer> {
  const { connectionString } = postgres
  const bouncer = await startPgBouncer({ connectionString, poolMode, poolSize })
  onTestFinished(() => bouncer.close())
  return bouncer
}
