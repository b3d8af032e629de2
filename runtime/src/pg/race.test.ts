import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { deferred } from '../deferred.js'
import { configure, deriveSignal, withSignal } from '../index.js'
import { holdLock, slow, untilReleased, useDatabase } from '../test-support/database.js'
import { proxyTo } from '../test-support/proxy.js'
import { guarantees } from './internals.js'

const postgres = useDatabase()

// Here it is about who is hit, and on a busy machine the grace period may be over before.
beforeAll(() => {
  configure({ cancelGraceMs: 60_000 })
})
afterEach(() => {
  Object.assign(guarantees, { awaitCancelClose: true, retryLostCancel: true })
})
afterAll(() => {
  configure({ cancelGraceMs: 2_000 })
})

/**
 * Aborts a statement just before it ends. Its cancel comes to the server afterwards: while the next statement is
 * executed, if that is sent before.
 */
async function abortTooLate(on: 'client' | 'pool'): Promise<PromiseSettledResult<unknown>[]> {
  const { proxy, connectionString } = await proxyTo(postgres.connectionString)
  const cancelPasses = deferred<undefined>()
  proxy.onCancel = () => ({ kind: 'pass', after: cancelPasses.promise })
  const pool = new pg.Pool({ connectionString, max: 1 })
  pool.on('error', () => undefined)
  const queryable = on === 'pool' ? pool : await pool.connect()
  const [endFirst, endNext] = [await holdLock(postgres, 1), await holdLock(postgres, 2)]
  const controller = new AbortController()
  const first = { text: untilReleased(1, 'first'), signal: controller.signal }
  const signalled = queryable.query(first) as Promise<unknown>
  const innocent = signalled.then(() => queryable.query(untilReleased(2, 'innocent')))
  const results = Promise.allSettled([signalled, innocent])
  await postgres.untilRunning('first')
  controller.abort()
  await vi.waitUntil(() => proxy.cancels.total === 1, { timeout: 20_000 })
  await endFirst()
  await postgres.untilStopped('first')
  // Without the wait for the close, the next statement begins now.
  if (guarantees.awaitCancelClose) {
    await sleep(100)
    expect(await postgres.isRunning('innocent')).toBe(false)
  } else await postgres.untilRunning('innocent')
  cancelPasses.resolve(undefined)
  if (guarantees.awaitCancelClose) await postgres.untilRunning('innocent')
  else await postgres.untilStopped('innocent')
  await endNext()
  const settled = await results
  if ('release' in queryable) queryable.release()
  await pool.end()
  return settled
}

describe('a cancel that arrives after its statement has ended', { retry: 0 }, () => {
  it.each(['client', 'pool'] as const)('does not hit the next one: %s', async (on) => {
    expect(await abortTooLate(on)).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }])
  })

  it.each(['client', 'pool'] as const)(
    'would hit it without the wait for the close: %s',
    async (on) => {
      guarantees.awaitCancelClose = false
      expect(await abortTooLate(on)).toMatchObject([
        { status: 'fulfilled' },
        { status: 'rejected', reason: { code: '57014' } },
      ])
    },
  )
})

describe('a cancel that the server lost', { retry: 0 }, () => {
  const abortWithLoss = async (): Promise<{ cancels: () => number; query: Promise<unknown> }> => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    proxy.onCancel = (n) => (n < 2 ? { kind: 'lose' } : { kind: 'pass' })
    const client = await postgres.client({ connectionString })
    const controller = new AbortController()
    const query = client.query({ text: untilReleased(3, 'lost'), signal: controller.signal })
    await postgres.untilRunning('lost')
    controller.abort()
    return { cancels: () => proxy.cancels.total, query }
  }

  it('is sent again', async () => {
    const release = await holdLock(postgres, 3)
    const { cancels, query } = await abortWithLoss()
    await expect(query).rejects.toMatchObject({ outcome: 'cancelled' })
    expect(cancels()).toBe(3)
    await release()
  })

  it('would leave the statement running without that', async () => {
    guarantees.retryLostCancel = false
    const release = await holdLock(postgres, 3)
    const { cancels, query } = await abortWithLoss()
    await sleep(300)
    expect(await postgres.isRunning('lost')).toBe(true)
    await release()
    await expect(query).resolves.toMatchObject({ rowCount: 1 })
    expect(cancels()).toBe(1)
  })
})

describe('a cancel that meets another end of the statement', { retry: 0 }, () => {
  it('hits nothing when a repeated one is on its way at the natural end', async () => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    const cancelPasses = deferred<undefined>()
    proxy.onCancel = (n) =>
      n === 0 ? { kind: 'lose' } : { kind: 'pass', after: cancelPasses.promise }
    const [endFirst, endNext] = [await holdLock(postgres, 4), await holdLock(postgres, 5)]
    const client = await postgres.client({ connectionString })
    const controller = new AbortController()
    const query = client.query({ text: untilReleased(4, 'natural'), signal: controller.signal })
    const next = client.query(untilReleased(5, 'next'))
    await postgres.untilRunning('natural')
    controller.abort()
    await vi.waitUntil(() => proxy.cancels.total === 2, { timeout: 20_000 })
    await endFirst()
    await postgres.untilStopped('natural')
    cancelPasses.resolve(undefined)
    await expect(query).resolves.toMatchObject({ rowCount: 1 })
    await postgres.untilRunning('next')
    await endNext()
    await expect(next).resolves.toMatchObject({ rowCount: 1 })
    expect(proxy.cancels.total).toBe(2)
  })

  it.each([
    ["an administrator's cancel", {}],
    ['statement_timeout', { statement_timeout: 1_000 }],
  ])('hits nothing when the statement was ended by %s', async (_, config) => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    // Later than the other end, in both cases.
    proxy.onCancel = () => ({ kind: 'pass', delayMs: 1_500 })
    const client = await postgres.client({ connectionString, ...config })
    const administrator = await postgres.client()
    const controller = new AbortController()
    const query = client.query({ text: slow('met'), signal: controller.signal })
    const next = client.query('SELECT pg_sleep(0.1)')
    await postgres.untilRunning('met')
    controller.abort()
    if (!('statement_timeout' in config)) {
      await administrator.query(
        `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
          WHERE position('met' IN query) > 0 AND pid <> pg_backend_pid()`,
      )
    }
    // Who was first is no matter: the statement had no effect.
    await expect(query).rejects.toMatchObject({ outcome: 'cancelled', pgError: { code: '57014' } })
    await expect(next).resolves.toMatchObject({ rowCount: 1 })
  })

  it('hits nothing when a deadline and a client that leaves come together', async () => {
    const client = await postgres.client()
    const leaving = new AbortController()
    const deadline = deriveSignal(null, { timeoutMs: 60 })
    const query = withSignal(leaving.signal, () =>
      client.query({ text: slow('together'), signal: deadline }),
    )
    deadline.addEventListener('abort', () => {
      leaving.abort(new Error('left'))
    })
    const error: unknown = await query.catch((error: unknown) => error)
    expect(error).toMatchObject({ name: 'TimeoutError', cause: deadline.reason as Error })
    await expect(client.query('SELECT pg_sleep(0.1)')).resolves.toMatchObject({ rowCount: 1 })
  })
})

/** 40 % of `count` queries aborted at about the moment they end, over a pool of 10. */
async function storm(count: number): Promise<{ innocentFailures: unknown[]; aborted: number }> {
  const pool = postgres.pool({ max: 10 })
  const opened = new Set<pg.PoolClient>()
  pool.on('connect', (client) => opened.add(client))
  const random = mulberry32(count)
  const innocentFailures: unknown[] = []
  let started = 0
  let aborted = 0
  const worker = async (): Promise<void> => {
    while (started++ < count) {
      const isVictim = random() < 0.4
      const controller = new AbortController()
      const timer = isVictim
        ? setTimeout(
            () => {
              controller.abort()
            },
            1 + random() * 4,
          )
        : undefined
      const text = 'SELECT pg_sleep($1::float8 / 1000) /* storm */'
      const values = [random() * 3]
      try {
        await pool.query({ text, values, signal: controller.signal })
      } catch (error) {
        if (controller.signal.aborted) aborted += 1
        else innocentFailures.push(error)
      }
      clearTimeout(timer)
    }
  }
  await Promise.all(Array.from({ length: 20 }, worker))
  const untouched = await Promise.allSettled(
    Array.from({ length: 10 }, () => pool.query('SELECT pg_sleep(0.02)')),
  )
  for (const result of untouched) {
    if (result.status === 'rejected') innocentFailures.push(result.reason)
  }
  expect({ opened: opened.size, total: pool.totalCount, idle: pool.idleCount }).toEqual({
    opened: 10,
    total: 10,
    idle: 10,
  })
  expect(await postgres.isRunning('storm')).toBe(false)
  return { innocentFailures, aborted }
}

describe(
  '5,000 queries over a pool of 10, 40 % of them aborted near their end',
  { retry: 0 },
  () => {
    it('no other query fails and no connection is lost', async () => {
      const { innocentFailures, aborted } = await storm(5_000)
      expect(innocentFailures).toEqual([])
      expect(aborted).toBeGreaterThan(500)
    }, 180_000)

    it('nothing is lost under a storm of aborts at once', async () => {
      const pool = postgres.pool({ max: 40 })
      const controller = new AbortController()
      const queries = Array.from({ length: 500 }, (_, n) =>
        pool.query({ text: n % 2 ? slow('flood') : 'SELECT 1', signal: controller.signal }),
      )
      await postgres.untilRunning('flood')
      controller.abort()
      await Promise.allSettled(queries)
      await postgres.untilStopped('flood')
      // Connections that were being opened at the abort arrive a little later.
      await vi.waitFor(
        () => {
          const { totalCount, idleCount, waitingCount } = pool
          expect({ totalCount, idleCount, waitingCount }).toEqual({
            totalCount: 40,
            idleCount: 40,
            waitingCount: 0,
          })
        },
        { timeout: 20_000 },
      )
    })
  },
)

/** A small seeded generator, so that a failure can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
