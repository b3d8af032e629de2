import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { describe, expect, it } from 'vitest'
import { deriveSignal } from '../index.js'
import { slow, useDatabase } from '../test-support/database.js'
import { proxyTo } from '../test-support/proxy.js'

const postgres = useDatabase()

const CONNECTIONS = 10
const DEADLINE_MS = 1_500

/** A pool through a proxy that has all of its connections. */
async function warmPool() {
  const { proxy, connectionString } = await proxyTo(postgres.connectionString)
  const pool = postgres.pool({ connectionString, max: CONNECTIONS })
  pool.on('error', () => undefined)
  await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.query('SELECT pg_sleep(0.05)')))
  return { proxy, pool }
}

const all = (pool: pg.Pool, text: string, signal?: AbortSignal) =>
  Array.from({ length: CONNECTIONS }, async () => {
    const startedAt = performance.now()
    const result = await pool.query({ text, signal }).then(
      () => undefined,
      (error: unknown) => error as Error,
    )
    return { error: result, ms: performance.now() - startedAt }
  })

async function untilIdle(pool: pg.Pool): Promise<void> {
  const deadline = performance.now() + 10_000
  while (pool.totalCount !== pool.idleCount || pool.waitingCount > 0) {
    if (performance.now() > deadline) throw new Error('connections are still out')
    await sleep(20)
  }
}

describe('a network that takes 2 s ± 0.5 s each way, and a deadline of 1.5 s', () => {
  it('the deadline ends every call, and no connection or listener stays', async () => {
    const { proxy, pool } = await warmPool()
    const request = deriveSignal(null, { timeoutMs: 60_000 })
    Object.assign(proxy, { latencyMs: 2_000, jitterMs: 500 })
    // A statement of its own end would be truthful when its answer comes late, so this has none. The second
    // time connections are being made anew.
    for (let round = 0; round < 2; round += 1) {
      const signal = deriveSignal(request, { timeoutMs: DEADLINE_MS })
      const outcomes = await Promise.all(all(pool, slow('convergence'), signal))
      expect(outcomes.map(({ error }) => error?.name)).toEqual(outcomes.map(() => 'TimeoutError'))
      // The grace of 2 s, and more for a machine that is busy.
      for (const { ms } of outcomes) expect(ms).toBeLessThan(DEADLINE_MS + 10_000)
      for (const { ms } of outcomes) expect(ms).toBeGreaterThan(DEADLINE_MS - 50)
    }
    Object.assign(proxy, { latencyMs: 0, jitterMs: 0 })
    await untilIdle(pool)
    const after = await Promise.all(all(pool, 'SELECT 1'))
    expect(after.map(({ error }) => error)).toEqual(after.map(() => undefined))
    expect(pool.totalCount).toBeLessThanOrEqual(CONNECTIONS)
    expect(getEventListeners(request, 'abort')).toEqual([])
  }, 30_000)
})

describe('a connection that is cut', () => {
  it('every call settles, and the pool goes on', async () => {
    const { proxy, pool } = await warmPool()
    const signal = deriveSignal(null, { timeoutMs: 20_000 })
    const calls = all(pool, slow('cut'), signal)
    await postgres.untilRunning('cut')
    proxy.resetAll()
    const outcomes = await Promise.all(calls)
    expect(outcomes.every(({ error }) => error instanceof Error)).toBe(true)
    for (const { ms } of outcomes) expect(ms).toBeLessThan(10_000)
    await untilIdle(pool)
    expect((await pool.query('SELECT 1')).rowCount).toBe(1)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})
