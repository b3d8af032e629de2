import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { currentSignal, detached, withSignal } from '../index.js'
import { backendPid, slow, useDatabase } from '../test-support/database.js'
import { proxyTo } from '../test-support/proxy.js'

const postgres = useDatabase()
const cancelled = { name: 'AbortError', outcome: 'cancelled' }
const notSent = { name: 'AbortError', outcome: 'not-sent' }

describe('pool.query', () => {
  it('keeps the connection of a cancelled statement', async () => {
    const pool = postgres.pool()
    const pid = await backendPid(pool)
    const controller = new AbortController()
    const query = pool.query({ text: slow('kept'), signal: controller.signal })
    await postgres.untilRunning('kept')
    controller.abort()
    await expect(query).rejects.toMatchObject(cancelled)
    expect(pool).toMatchObject({ totalCount: 1, idleCount: 1 })
    expect(await backendPid(pool)).toBe(pid)
  })

  it('destroys it where a cancelled statement may have left a lock to the session', async () => {
    const pool = postgres.pool()
    const controller = new AbortController()
    const text = slow('locking').replace('SELECT ', 'SELECT pg_advisory_lock(4711), ')
    const query = pool.query({ text, signal: controller.signal })
    await postgres.untilRunning('locking')
    controller.abort()
    await expect(query).rejects.toMatchObject(cancelled)
    await vi.waitFor(async () => {
      const { rows } = await pool.query('SELECT pg_try_advisory_xact_lock(4711) AS free')
      expect(rows).toEqual([{ free: true }])
    })
  })

  it('destroys it after other errors, as pg-pool does', async () => {
    const pool = postgres.pool()
    const { signal } = new AbortController()
    await expect(pool.query({ text: 'SELECT 1/0', signal })).rejects.toMatchObject({
      code: '22012',
    })
    expect(pool.totalCount).toBe(0)
  })

  it('is seen by whatever wraps Client.query, with the arguments as they were', async () => {
    const pool = postgres.pool()
    const wrapper = vi.spyOn(pg.Client.prototype, 'query')
    onTestFinished(() => {
      wrapper.mockRestore()
    })
    const controller = new AbortController()
    const config = { text: slow('wrapped'), signal: controller.signal }
    const query = pool.query(config)
    await postgres.untilRunning('wrapped')
    controller.abort()
    await expect(query).rejects.toMatchObject(cancelled)
    expect(wrapper.mock.calls.map(([first]) => first)).toContain(config)
  })
})

describe('waiting for a client', () => {
  it('ends with the signal, and the client goes to the next in line', async () => {
    const pool = postgres.pool({ max: 1 })
    const holder = await pool.connect()
    const controller = new AbortController()
    const waits = [
      pool.connect({ signal: controller.signal }),
      pool.query({ text: 'SELECT 1', signal: controller.signal }),
      withSignal(controller.signal, () => pool.connect()),
      withSignal(controller.signal, () => pool.query('SELECT 1')),
      new Promise((_resolve, reject) => {
        pool.connect({ signal: controller.signal }, reject)
      }),
    ]
    const next = pool.query('SELECT 7 AS next')
    controller.abort()
    for (const wait of waits) await expect(wait).rejects.toMatchObject(notSent)
    expect(pool.waitingCount).toBe(1)
    holder.release()
    await expect(next).resolves.toMatchObject({ rows: [{ next: 7 }] })
    expect(pool).toMatchObject({ totalCount: 1, idleCount: 1, waitingCount: 0 })
  })

  it('can be left by thousands at once', async () => {
    const pool = postgres.pool({ max: 1 })
    const holder = await pool.connect()
    const controller = new AbortController()
    const waits = Array.from({ length: 20_000 }, () => pool.connect({ signal: controller.signal }))
    controller.abort()
    for (const result of await Promise.allSettled(waits)) expect(result.status).toBe('rejected')
    holder.release()
    await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
  })

  it('ends while the connection is being opened, which is then kept for the next', async () => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    proxy.latencyMs = 50
    const pool = new pg.Pool({ connectionString, max: 1 })
    const controller = new AbortController()
    const wait = pool.connect({ signal: controller.signal })
    await sleep(20)
    controller.abort()
    await expect(wait).rejects.toMatchObject(notSent)
    await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
    expect(pool).toMatchObject({ totalCount: 1, idleCount: 1 })
    await pool.end()
  })

  it('does not hinder the end of the pool', async () => {
    const pool = new pg.Pool({ connectionString: postgres.connectionString, max: 1 })
    const holder = await pool.connect()
    const controller = new AbortController()
    const wait = pool.connect({ signal: controller.signal })
    controller.abort()
    await expect(wait).rejects.toMatchObject(notSent)
    const end = pool.end()
    holder.release()
    await end
  })

  it('keeps connectionTimeoutMillis', async () => {
    const pool = postgres.pool({ max: 1, connectionTimeoutMillis: 50 })
    const holder = await pool.connect()
    const { signal } = new AbortController()
    await expect(pool.connect({ signal })).rejects.toThrow('timeout exceeded')
    holder.release()
  })
})

describe('the surrounding signal', () => {
  it('reaches promises, callbacks and query objects', async () => {
    const pool = postgres.pool({ max: 3 })
    const client = await postgres.client()
    const controller = new AbortController()
    const errors = withSignal(controller.signal, () =>
      Promise.all([
        pool.query(slow('ambient')).catch((error: unknown) => error),
        pool.query({ text: slow('ambient') }).catch((error: unknown) => error),
        new Promise((resolve) => {
          pool.query(slow('ambient'), resolve)
        }),
        new Promise((resolve) =>
          client.query(new pg.Query(slow('ambient'))).once('error', resolve),
        ),
      ]),
    )
    await postgres.untilRunning('ambient')
    await sleep(50)
    controller.abort()
    for (const error of await errors) expect(error).toMatchObject({ name: 'AbortError' })
    await postgres.untilStopped('ambient')
  })

  it('is the own one of each request, also when the pool is full', async () => {
    const pool = postgres.pool({ max: 1 })
    const [a, b] = [new AbortController(), new AbortController()]
    const ofA = withSignal(a.signal, () => pool.query('SELECT pg_sleep(0.2)'))
    await sleep(20)
    const ofB = withSignal(b.signal, () => pool.query('SELECT pg_sleep(0.3)'))
    const ofNobody = pool.query('SELECT pg_sleep(0.1)')
    const callback = new Promise((resolve) => {
      void withSignal(b.signal, () => {
        pool.connect((_error, client, done) => {
          resolve(currentSignal())
          if (client) done()
        })
      })
    })
    await ofA
    // Releasing A's client started B's query, in A's time; A going away is no concern of B's.
    a.abort()
    await expect(ofB).resolves.toMatchObject({ rowCount: 1 })
    await expect(ofNobody).resolves.toMatchObject({ rowCount: 1 })
    expect(await callback).toBe(b.signal)
  })

  it('is still there in the callback of a query', async () => {
    const pool = postgres.pool()
    const { signal } = new AbortController()
    const seen = await withSignal(
      signal,
      () =>
        new Promise((resolve) => {
          pool.query('SELECT 1', () => {
            resolve(currentSignal())
          })
        }),
    )
    expect(seen).toBe(signal)
  })

  it('is not that of whoever opened the connection', async () => {
    const pool = postgres.pool({ max: 1 })
    const { signal } = new AbortController()
    const client = await withSignal(signal, () => pool.connect())
    const notified = new Promise((resolve) => {
      ;(client as EventEmitter).on('notification', () => {
        resolve(currentSignal())
      })
    })
    await client.query('LISTEN news')
    await client.query('NOTIFY news')
    expect(await notified).toBeUndefined()
    client.release()
  })

  it('ends a query together with one of its own; either does', async () => {
    const pool = postgres.pool()
    for (const which of ['own', 'surrounding'] as const) {
      const controllers = { own: new AbortController(), surrounding: new AbortController() }
      const query = withSignal(controllers.surrounding.signal, () =>
        pool.query({ text: slow('either'), signal: controllers.own.signal }),
      )
      await postgres.untilRunning('either')
      controllers[which].abort()
      await expect(query).rejects.toMatchObject(cancelled)
    }
  })

  it('does not concern a query with signal: null, nor a detached one', async () => {
    const pool = postgres.pool()
    const signal = AbortSignal.abort()
    const results = await withSignal(signal, () =>
      Promise.all([
        pool.query({ text: 'SELECT 1', signal: null }),
        detached('audit record', () => pool.query('SELECT 1')),
        pool.connect({ signal: null }).then((client) => {
          client.release()
          return { rowCount: 1 }
        }),
      ]),
    )
    expect(results).toMatchObject([{ rowCount: 1 }, { rowCount: 1 }, { rowCount: 1 }])
  })
})

describe('a client that is released while it is being cancelled', () => {
  it('may break then, which the pool sees', async () => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    const pool = postgres.pool({ connectionString, max: 1 })
    proxy.onCancel = () => ({ kind: 'pass', delayMs: 100 })
    const client = await pool.connect()
    const controller = new AbortController()
    const query = client.query({ text: slow('released'), signal: controller.signal })
    await postgres.untilRunning('released')
    controller.abort()
    client.release()
    // Without a listener for it, the client's 'error' would end the process.
    proxy.resetAll()
    await expect(query).rejects.toMatchObject({ outcome: 'unknown' })
    await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
  })
})
