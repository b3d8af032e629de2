import { getEventListeners, once, type EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import Cursor from 'pg-cursor'
import QueryStream from 'pg-query-stream'
import { afterEach, describe, expect, it } from 'vitest'
import { configure, withSignal } from '../index.js'
import { backendPid, useDatabase } from '../test-support/database.js'
import { proxyTo } from '../test-support/proxy.js'

const postgres = useDatabase()
const ended = { name: 'AbortError', outcome: 'unknown' }

afterEach(() => {
  configure({ cancelGraceMs: 2_000 })
})

describe('cursors and streams inside a surrounding signal', () => {
  it('are read to their end, and leave no listener', async () => {
    const pool = postgres.pool({ max: 1 })
    const { signal } = new AbortController()
    const counts = await withSignal(signal, async () => {
      const client = await pool.connect()
      const cursor = client.query(new Cursor('SELECT generate_series(1, 10)'))
      const parts = [await cursor.read(3), await cursor.read(100)]
      await cursor.close()
      const rows: unknown[] = []
      for await (const row of client.query(new QueryStream('SELECT generate_series(1, 500)'))) {
        rows.push(row)
      }
      client.release()
      return [...parts.map(({ length }) => length), rows.length]
    })
    expect(counts).toEqual([3, 7, 500])
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('are cancelled during a fetch; the connection is kept', async () => {
    const pool = postgres.pool({ max: 1 })
    const controller = new AbortController()
    const text = 'SELECT pg_sleep(0.02) FROM generate_series(1, 1000) /* fetch */'
    const reading = withSignal(controller.signal, async () => {
      const client = await pool.connect()
      try {
        const stream = client.query(new QueryStream(text, [], { batchSize: 100 }))
        for await (const row of stream) expect(row).toBeDefined()
      } finally {
        client.release()
      }
    })
    await postgres.untilRunning('fetch')
    controller.abort()
    await expect(reading).rejects.toMatchObject({ name: 'AbortError', outcome: 'cancelled' })
    await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
    expect(pool).toMatchObject({ totalCount: 1, idleCount: 1 })
  })

  it('can be closed after an abort between two fetches', async () => {
    const pool = postgres.pool({ max: 1 })
    const controller = new AbortController()
    await withSignal(controller.signal, async () => {
      const client = await pool.connect()
      const cursor = client.query(new Cursor('SELECT generate_series(1, 10)'))
      await cursor.read(3)
      controller.abort()
      await sleep(30)
      await cursor.close()
      client.release()
    })
    await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
  })

  it('end at once after an abort between two fetches, and every later read fails', async () => {
    const pool = postgres.pool({ max: 1 })
    const pid = await backendPid(pool)
    const controller = new AbortController()
    await withSignal(controller.signal, async () => {
      const client = await pool.connect()
      const cursor = client.query(new Cursor('SELECT generate_series(1, 10)'))
      await cursor.read(3)
      controller.abort()
      await expect(cursor.read(3)).rejects.toMatchObject(ended)
      await sleep(30)
      await expect(cursor.read(3)).rejects.toMatchObject(ended)
      await cursor.close()
      client.release()
    })
    expect(await backendPid(pool)).toBe(pid)
  })

  it.each([
    ['in the tick in which a fetch ends', 'portalSuspended', 3],
    ['before anything was fetched', 'rowDescription', 0],
  ])('end at once after an abort %s, without a reader', async (_, message, fetched) => {
    const pool = postgres.pool({ max: 1 })
    const pid = await backendPid(pool)
    const controller = new AbortController()
    await withSignal(controller.signal, async () => {
      const client = await pool.connect()
      const cursor = client.query(new Cursor('SELECT generate_series(1, 10)'))
      // Behind pg's own listener.
      const { connection } = client as unknown as { connection: EventEmitter }
      connection.once(message, () => {
        controller.abort()
      })
      if (fetched > 0) expect(await cursor.read(fetched)).toHaveLength(fetched)
      await once(connection, 'readyForQuery')
      await expect(cursor.read(3)).rejects.toMatchObject(ended)
      client.release()
    })
    expect(await backendPid(pool)).toBe(pid)
  })

  it('end at once after an abort in the tick of the call, without a reader', async () => {
    const pool = postgres.pool({ max: 1 })
    const pid = await backendPid(pool)
    const controller = new AbortController()
    const client = await pool.connect()
    const cursor = Object.assign(new Cursor('SELECT generate_series(1, 10)'), {
      signal: controller.signal,
    })
    client.query(cursor)
    controller.abort()
    await once((client as unknown as { connection: EventEmitter }).connection, 'readyForQuery')
    await expect(cursor.read(3)).rejects.toMatchObject({ name: 'AbortError' })
    client.release()
    expect(await backendPid(pool)).toBe(pid)
  })

  it('are not waited for by a reader that is slow; the connection is kept', async () => {
    const pool = postgres.pool({ max: 1 })
    const pid = await backendPid(pool)
    const controller = new AbortController()
    const client = await pool.connect()
    const reading = withSignal(controller.signal, async () => {
      const text = 'SELECT generate_series(1, 10000)'
      for await (const row of client.query(new QueryStream(text, [], { batchSize: 5 }))) {
        expect(row).toBeDefined()
        controller.abort()
        await sleep(5)
      }
    })
    await expect(reading).rejects.toMatchObject(ended)
    client.release()
    expect(await backendPid(pool)).toBe(pid)
  })

  it('end with their connection, also where they are closed while it is lost', async () => {
    configure({ cancelGraceMs: 100 })
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    const pool = postgres.pool({ connectionString, max: 1 })
    const controller = new AbortController()
    const client = await pool.connect()
    const reading = withSignal(controller.signal, async () => {
      const text = 'SELECT generate_series(1, 10000)'
      for await (const row of client.query(new QueryStream(text, [], { batchSize: 5 }))) {
        expect(row).toBeDefined()
        proxy.frozen = true
        controller.abort()
      }
    })
    await expect(reading).rejects.toMatchObject(ended)
    client.release()
    expect(pool.totalCount).toBe(0)
  })
})
