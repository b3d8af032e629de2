import { getEventListeners, once } from 'node:events'
import { setImmediate as tick } from 'node:timers/promises'
import pg from 'pg'
import { describe, expect, it, vi } from 'vitest'
import { AbortError, TimeoutError, UnsupportedError, deriveSignal, withSignal } from '../index.js'
import { backendPid, slow, useDatabase } from '../test-support/database.js'

const postgres = useDatabase()
const cancelled = { name: 'AbortError', code: 'ABORT_ERR', outcome: 'cancelled' }
const notSent = { name: 'AbortError', code: 'ABORT_ERR', outcome: 'not-sent' }

describe('a statement on the wire', () => {
  it('is cancelled on the server; the client stays usable', async () => {
    const client = await postgres.client()
    const pid = await backendPid(client)
    const controller = new AbortController()
    const reason = new Error('no longer wanted')
    const query = client.query({ text: slow('on-wire'), signal: controller.signal })
    await postgres.untilRunning('on-wire')
    controller.abort(reason)
    const error = await query.catch((error: unknown) => error)
    expect(error).toBeInstanceOf(AbortError)
    expect(error).toMatchObject({ ...cancelled, cause: reason, pgError: { code: '57014' } })
    expect(await postgres.isRunning('on-wire')).toBe(false)
    expect(await backendPid(client)).toBe(pid)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  it.each([
    ['with values', { text: 'SELECT pg_sleep($1) /* extended */', values: [30] }, 'extended'],
    ['prepared', { name: 'p', text: 'SELECT pg_sleep($1) /* named */', values: [30] }, 'named'],
    ['that returns many rows', { text: 'SELECT *, 1 AS rows FROM generate_series(1, 1e9)' }, '1e9'],
  ])('is cancelled %s', async (_, config, marker) => {
    const client = await postgres.client()
    for (let repetition = 0; repetition < 2; repetition++) {
      const controller = new AbortController()
      const query = client.query({ ...config, signal: controller.signal })
      await postgres.untilRunning(marker)
      controller.abort()
      await expect(query).rejects.toMatchObject(cancelled)
    }
    await expect(client.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
  })

  it('is cancelled while it waits for a lock', async () => {
    const [owner, waiter] = [await postgres.client(), await postgres.client()]
    await owner.query('SELECT pg_advisory_lock(7)')
    const controller = new AbortController()
    const query = waiter.query({
      text: 'SELECT pg_advisory_lock(7) /* waiting */',
      signal: controller.signal,
    })
    await postgres.untilRunning('waiting')
    controller.abort()
    await expect(query).rejects.toMatchObject(cancelled)
  })

  it('ends with a TimeoutError at its deadline', async () => {
    const client = await postgres.client()
    const signal = deriveSignal(null, { timeoutMs: 50 })
    const error: unknown = await client
      .query({ text: slow('late'), signal })
      .catch((error: unknown) => error)
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toMatchObject({ name: 'TimeoutError', outcome: 'cancelled' })
  })

  it('may be aborted for a reason that is no error, and more than once', async () => {
    const client = await postgres.client()
    const controller = new AbortController()
    const query = client.query({ text: slow('twice'), signal: controller.signal })
    await postgres.untilRunning('twice')
    controller.abort('away')
    controller.abort('again')
    await expect(query).rejects.toMatchObject({ ...cancelled, cause: 'away' })
  })

  it('is cancelled also when the abort comes in the tick of the call, or in the next', async () => {
    const client = await postgres.client()
    for (const wait of [() => Promise.resolve(), () => tick()]) {
      const controller = new AbortController()
      const query = client.query({ text: slow('at-once'), signal: controller.signal })
      await wait()
      controller.abort()
      await expect(query).rejects.toMatchObject({ name: 'AbortError' })
      await expect(client.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
    }
  })

  it('keeps its result when it was done before the cancel took hold', async () => {
    const client = await postgres.client()
    const controller = new AbortController()
    const done = client.query({ text: 'SELECT 42 AS answer', signal: controller.signal })
    await expect(done).resolves.toMatchObject({ rows: [{ answer: 42 }] })
    controller.abort()
    await expect(client.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
  })

  it('keeps its own error when that came first, even between the error and ReadyForQuery', async () => {
    const client = await postgres.client()
    const controller = new AbortController()
    const next = new Promise((resolve, reject) => {
      client.query({ text: 'SELECT 1/0', signal: controller.signal }, (error) => {
        expect(error).toMatchObject({ code: '22012' })
        controller.abort()
        client.query('SELECT pg_sleep(0.05)').then(resolve, reject)
      })
    })
    await expect(next).resolves.toMatchObject({ rowCount: 1 })
  })

  it('is one of fifty that the same signal ends', async () => {
    const pool = postgres.pool({ max: 50 })
    const controller = new AbortController()
    const queries = Array.from({ length: 50 }, () =>
      pool.query({ text: slow('fan-out'), signal: controller.signal }),
    )
    await postgres.untilRunning('fan-out')
    controller.abort()
    for (const result of await Promise.allSettled(queries)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } })
    }
    await postgres.untilStopped('fan-out')
    // Connections that were being opened at the abort arrive a little later.
    await vi.waitFor(
      () => {
        expect(pool.idleCount).toBe(pool.totalCount)
      },
      { timeout: 20_000 },
    )
  })
})

describe('a statement that was not sent', () => {
  it('never connects when the signal has aborted before', async () => {
    const pool = postgres.pool()
    await expect(
      pool.query({ text: 'SELECT 1', signal: AbortSignal.abort() }),
    ).rejects.toMatchObject(notSent)
    await expect(pool.connect({ signal: AbortSignal.abort() })).rejects.toMatchObject(notSent)
    expect(pool.totalCount).toBe(0)
  })

  it('leaves the client queue at once, and those behind it unharmed', async () => {
    const client = await postgres.client()
    const controller = new AbortController()
    const first = client.query('SELECT pg_sleep(0.2) AS first')
    const queued = client.query({ text: 'SELECT 1 AS queued', signal: controller.signal })
    const behind = client.query('SELECT 2 AS behind')
    const order: string[] = []
    void first.then(() => order.push('first'))
    controller.abort()
    await expect(queued).rejects.toMatchObject(notSent)
    order.push('queued')
    await expect(behind).resolves.toMatchObject({ rows: [{ behind: 2 }] })
    expect(order).toEqual(['queued', 'first'])
  })

  it('does not disturb an innocent one behind a cancelled one on the same client', async () => {
    const client = await postgres.client()
    const controller = new AbortController()
    const query = client.query({ text: slow('head'), signal: controller.signal })
    const behind = client.query('SELECT pg_sleep(0.05), 3 AS behind')
    await postgres.untilRunning('head')
    controller.abort()
    await expect(query).rejects.toMatchObject(cancelled)
    await expect(behind).resolves.toMatchObject({ rows: [{ behind: 3 }] })
  })
})

describe('the call', () => {
  it('may be in callback form', async () => {
    const pool = postgres.pool()
    const client = await postgres.client()
    for (const queryable of [pool, client]) {
      const controller = new AbortController()
      const error = new Promise((resolve) => {
        const config = { text: slow('callback'), signal: controller.signal }
        if (queryable === pool) pool.query(config, resolve)
        else client.query(config, resolve)
      })
      await postgres.untilRunning('callback')
      controller.abort()
      expect(await error).toMatchObject(cancelled)
    }
  })

  it('may hand over a query object with events', async () => {
    const client = await postgres.client()
    const controller = new AbortController()
    const query = new pg.Query({ text: slow('events') })
    const error = new Promise((resolve) => query.once('error', resolve))
    client.query(Object.assign(query, { signal: controller.signal }))
    await postgres.untilRunning('events')
    controller.abort()
    expect(await error).toMatchObject(cancelled)
  })

  it('may be made by hand, with its signal or without one', async () => {
    const client = await postgres.client()
    const controller = new AbortController()
    const error = new Promise((resolve) => {
      client.query(
        new pg.Query({ text: slow('by hand'), signal: controller.signal }).once('error', resolve),
      )
    })
    await postgres.untilRunning('by hand')
    controller.abort()
    expect(await error).toMatchObject(cancelled)
    // Out of the reach of what surrounds it.
    const end = withSignal(AbortSignal.abort(), () => {
      const query = new pg.Query({ text: 'SELECT 1', signal: null })
      return once(client.query(query), 'end')
    })
    expect(await end).toMatchObject([{ rowCount: 1 }])
    expect(() => new pg.Query({ text: 'SELECT 1', signal: 'soon' as never })).toThrow(TypeError)
    class Own extends pg.Query {}
    expect(new Own('SELECT 1')).toBeInstanceOf(pg.Query)
  })

  it('is refused when the signal is none', async () => {
    const client = await postgres.client()
    const call = (): unknown => client.query({ text: 'SELECT 1', signal: 'soon' as never })
    expect(call).toThrow(TypeError)
  })

  it('is refused in pipeline mode by a pool, which keeps the connection', async () => {
    const pool = postgres.pool({ pipeline: true, max: 1 })
    const pid = await backendPid(pool)
    const { signal } = new AbortController()
    await expect(pool.query({ text: 'SELECT 1', signal })).rejects.toBeInstanceOf(UnsupportedError)
    expect(await backendPid(pool)).toBe(pid)
  })

  it('is refused in pipeline mode, and only with a signal', async () => {
    const client = await postgres.client({ pipeline: true })
    const { signal } = new AbortController()
    await expect(client.query({ text: 'SELECT 1', signal })).rejects.toMatchObject({
      code: 'CTX_FIX_UNSUPPORTED',
    })
    await expect(client.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
  })

  it('keeps listening after query_timeout, while the server still executes the statement', async () => {
    const client = await postgres.client()
    const controller = new AbortController()
    const config = { text: slow('read-timeout'), query_timeout: 50, signal: controller.signal }
    await expect(client.query(config)).rejects.toThrow('Query read timeout')
    expect(await postgres.isRunning('read-timeout')).toBe(true)
    controller.abort()
    await postgres.untilStopped('read-timeout')
    await expect(client.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })
})
