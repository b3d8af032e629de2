import { testCertificate, type FaultProxy } from '@ctx-fix/fixtures'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { configure } from '../index.js'
import { backendPid, slow, useDatabase } from '../test-support/database.js'
import { proxyTo } from '../test-support/proxy.js'
import { guarantees } from './internals.js'

const postgres = useDatabase()

// Longer than a busy machine needs for a cancel; what is about the grace period sets a short one.
beforeEach(() => {
  configure({ cancelGraceMs: 60_000 })
})
afterEach(() => {
  guarantees.retryLostCancel = true
  configure({ cancelGraceMs: 2_000 })
})

/** Aborts a running statement behind a proxy on which `sabotage` has been done. */
async function abortBehind(
  sabotage: (proxy: FaultProxy, marker: string) => void,
): Promise<{ pool: pg.Pool; error: unknown; ms: number }> {
  const { proxy, connectionString } = await proxyTo(postgres.connectionString)
  const pool = new pg.Pool({ connectionString, max: 1 })
  onTestFinished(() => pool.end())
  const marker = `m${String(Math.random()).slice(2)}`
  const controller = new AbortController()
  const query = pool.query({ text: slow(marker), signal: controller.signal })
  await postgres.untilRunning(marker)
  sabotage(proxy, marker)
  const start = performance.now()
  controller.abort()
  const error: unknown = await query.catch((error: unknown) => error)
  return { pool, error, ms: performance.now() - start }
}

describe('when the network fails', () => {
  it('gives up after the grace period when cancels are refused', async () => {
    configure({ cancelGraceMs: 300 })
    const { pool, error, ms } = await abortBehind((proxy) => {
      proxy.refusing = true
    })
    expect(error).toMatchObject({ name: 'AbortError', outcome: 'unknown' })
    expect(ms).toBeGreaterThan(250)
    expect(ms).toBeLessThan(15_000)
    expect(pool.totalCount).toBe(0)
  })

  it('sends the cancel again when the connection of the first was reset', async () => {
    const { pool, error } = await abortBehind((proxy) => {
      proxy.onCancel = (n) => (n === 0 ? { kind: 'reset' } : { kind: 'pass' })
    })
    expect(error).toMatchObject({ outcome: 'cancelled' })
    // Whether the server had the first is not known, so that nobody gets the connection.
    expect(pool.totalCount).toBe(0)
  })

  it('gives up after the grace period when everything stands still', async () => {
    configure({ cancelGraceMs: 300 })
    const { pool, error, ms } = await abortBehind((proxy) => {
      proxy.frozen = true
      proxy.onCancel = () => ({ kind: 'deaf' })
    })
    expect(error).toMatchObject({ outcome: 'unknown' })
    expect(ms).toBeLessThan(15_000)
    expect(pool.totalCount).toBe(0)
  })

  it('sends the cancel again after a reset, and does not keep a connection in doubt', async () => {
    const { pool, error } = await abortBehind((proxy) => {
      proxy.onCancel = () => ({ kind: 'pass-then-reset' })
    })
    expect(error).toMatchObject({ outcome: 'cancelled' })
    expect(pool.totalCount).toBe(0)
  })

  it('destroys a connection whose cancel is never closed, though the statement has ended', async () => {
    configure({ cancelGraceMs: 300 })
    const elsewhere = await postgres.client()
    const { pool, error } = await abortBehind((proxy, marker) => {
      proxy.onCancel = () => {
        void elsewhere.query(
          `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
            WHERE position($1 IN query) > 0 AND pid <> pg_backend_pid()`,
          [marker],
        )
        return { kind: 'deaf' }
      }
    })
    expect(error).toMatchObject({ outcome: 'cancelled' })
    expect(pool.totalCount).toBe(0)
  })

  it('reports a connection that breaks during the cancellation as unknown', async () => {
    const { pool, error, ms } = await abortBehind((proxy) => {
      proxy.onCancel = () => {
        proxy.resetAll()
        return { kind: 'deaf' }
      }
    })
    expect(error).toMatchObject({ outcome: 'unknown', pgError: { code: 'ECONNRESET' } })
    // Long before the grace period is over.
    expect(ms).toBeLessThan(15_000)
    expect(pool.totalCount).toBe(0)
  })
})

describe('when the server will not stop', () => {
  it('destroys the connection after the grace period', async () => {
    configure({ cancelGraceMs: 300 })
    // A second one may come while it deals with the first, and end it.
    guarantees.retryLostCancel = false
    const pool = postgres.pool({ max: 1 })
    const controller = new AbortController()
    const sleepOn = 'BEGIN PERFORM pg_sleep(5); EXCEPTION WHEN query_canceled THEN NULL; END;'
    const query = pool.query({
      text: `DO $$ BEGIN ${sleepOn} ${sleepOn} END $$ /* stubborn */`,
      signal: controller.signal,
    })
    const observer = await postgres.client()
    await vi.waitFor(
      async () => {
        const sleeping = "wait_event = 'PgSleep' AND query LIKE '%stubborn%'"
        const { rowCount } = await observer.query(
          `SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND ${sleeping}`,
        )
        expect(rowCount).toBe(1)
      },
      { timeout: 20_000 },
    )
    controller.abort()
    await expect(query).rejects.toMatchObject({ outcome: 'unknown' })
    expect(pool.totalCount).toBe(0)
    await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
  })

  it('does not take another end of the statement for its own', async () => {
    const client = await postgres.client({ statement_timeout: 100 })
    const { signal } = new AbortController()
    await expect(client.query({ text: slow('server-timeout'), signal })).rejects.toMatchObject({
      code: '57014',
      name: 'error',
    })
  })
})

describe('over TLS', () => {
  it('sends the cancel over TLS too', async () => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString, {
      tls: testCertificate,
    })
    const pool = new pg.Pool({ connectionString, max: 1, ssl: { ca: testCertificate.cert } })
    onTestFinished(() => pool.end())
    const pid = await backendPid(pool)
    for (let repetition = 0; repetition < 5; repetition++) {
      const controller = new AbortController()
      const query = pool.query({ text: slow('over-tls'), signal: controller.signal })
      await postgres.untilRunning('over-tls')
      controller.abort()
      await expect(query).rejects.toMatchObject({ outcome: 'cancelled' })
    }
    expect(proxy.cancels).toEqual({ total: proxy.cancels.total, overTls: proxy.cancels.total })
    expect(await backendPid(pool)).toBe(pid)
  })
})
