import { getEventListeners } from 'node:events'
import type { FaultProxy } from '@ctx-fix/fixtures'
import type { Sql } from 'postgres'
import { describe, expect, it } from 'vitest'
import { deriveSignal, withSignal } from '../index.js'
import { useDatabase } from '../test-support/database.js'
import { connectPostgresJs as connect } from '../test-support/postgres-js.js'
import { proxyTo } from '../test-support/proxy.js'

const postgres = useDatabase()

const CONNECTIONS = 10
const DEADLINE_MS = 1_500

/** A client whose connections are all open, through a proxy. */
async function warmClient(): Promise<{ proxy: FaultProxy; sql: Sql }> {
  const { proxy, connectionString } = await proxyTo(postgres.connectionString)
  // Ten that break at once make postgres.js wait for up to twenty seconds before it opens one again.
  const sql = connect(connectionString, { max: CONNECTIONS, backoff: () => 0 })
  await everyConnection(sql)
  return { proxy, sql }
}

/** Resolves when each connection has been had at the same time as all others: none is lost. */
async function everyConnection(sql: Sql): Promise<void> {
  const all = await Promise.all(Array.from({ length: CONNECTIONS }, () => sql.reserve()))
  for (const each of all) each.release()
}

/** Errors of as many calls at once as there are connections, and how long each took. */
function callAll(
  sql: Sql,
  text: string,
  signal: AbortSignal,
): Promise<{ error: unknown; ms: number }[]> {
  const call = async (): Promise<{ error: unknown; ms: number }> => {
    const startedAt = performance.now()
    const run = withSignal(signal, async () => {
      await sql.unsafe(text)
    })
    const error: unknown = await run.catch((error: unknown) => error)
    return { error, ms: performance.now() - startedAt }
  }
  return Promise.all(Array.from({ length: CONNECTIONS }, call))
}

describe('a network that takes 2 s ± 0.5 s each way, and a deadline of 1.5 s', () => {
  it('the deadline ends every call, and no connection or listener stays', async () => {
    const { proxy, sql } = await warmClient()
    const request = deriveSignal(null, { timeoutMs: 60_000 })
    Object.assign(proxy, { latencyMs: 2_000, jitterMs: 500 })
    // The second time connections are being made anew.
    for (let round = 0; round < 2; round += 1) {
      const signal = deriveSignal(request, { timeoutMs: DEADLINE_MS })
      const outcomes = await callAll(sql, 'SELECT pg_sleep(30) /* convergence */', signal)
      expect(outcomes).toMatchObject(outcomes.map(() => ({ error: { name: 'TimeoutError' } })))
      // The grace of 2 s, and more for a machine that is busy.
      for (const { ms } of outcomes) expect(ms).toBeLessThan(DEADLINE_MS + 10_000)
      for (const { ms } of outcomes) expect(ms).toBeGreaterThan(DEADLINE_MS - 50)
    }
    Object.assign(proxy, { latencyMs: 0, jitterMs: 0 })
    await everyConnection(sql)
    expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
    expect(getEventListeners(request, 'abort')).toEqual([])
  })
})

describe('a connection that is cut', () => {
  it('every call settles, and the client goes on', async () => {
    const { proxy, sql } = await warmClient()
    const signal = deriveSignal(null, { timeoutMs: 20_000 })
    const calls = callAll(sql, 'SELECT pg_sleep(30) /* cut */', signal)
    await postgres.untilRunning('cut')
    proxy.resetAll()
    const outcomes = await calls
    expect(outcomes.every(({ error }) => error instanceof Error)).toBe(true)
    for (const { ms } of outcomes) expect(ms).toBeLessThan(15_000)
    await everyConnection(sql)
    expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})
