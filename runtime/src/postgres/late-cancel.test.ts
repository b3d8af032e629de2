import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { describe, expect, it } from 'vitest'
import { withSignal } from '../index.js'
import { useDatabase } from '../test-support/database.js'
import { connectPostgresJs, pidOf } from '../test-support/postgres-js.js'
import { proxyTo } from '../test-support/proxy.js'

const postgres = useDatabase()

/** A client whose cancels are lost: each statement comes to its end. */
async function connectWithoutCancels(): Promise<Sql> {
  const { proxy, connectionString } = await proxyTo(postgres.connectionString)
  proxy.onCancel = () => ({ kind: 'lose' })
  return connectPostgresJs(connectionString)
}

const SLOW_END =
  'SELECT n, pg_sleep(CASE n WHEN 4 THEN 0.4 ELSE 0 END) FROM generate_series(1, 4) n'

describe('a cursor whose last rows come after the abort', () => {
  it.each<[string, (sql: Sql, rows: (batch: readonly unknown[]) => void) => Promise<unknown>]>([
    [
      'for await',
      async (sql, rows) => {
        for await (const batch of sql.unsafe(SLOW_END).cursor(3)) rows(batch)
      },
    ],
    ['a reader', async (sql, rows) => sql.unsafe(SLOW_END).cursor(3, rows)],
  ])('is not taken for a whole by %s', async (_, work) => {
    const sql = await connectWithoutCancels()
    const pid = await pidOf(sql)
    const controller = new AbortController()
    const read: unknown[] = []
    const reading = withSignal(controller.signal, () =>
      work(sql, (batch) => {
        read.push(...batch)
        setTimeout(() => {
          controller.abort()
        }, 100)
      }),
    )
    await expect(reading).rejects.toMatchObject({ name: 'AbortError', outcome: 'unknown' })
    expect(read).toHaveLength(3)
    expect(await pidOf(sql)).toBe(pid)
  })

  it('ends with all of them, or with the error', { timeout: 30_000 }, async () => {
    const sql = connectPostgresJs(postgres.connectionString)
    await sql`SELECT 1`
    const counts = new Set<number>()
    for (let n = 0; n < 400; n++) {
      const controller = new AbortController()
      const timer = setTimeout(
        () => {
          controller.abort()
        },
        (n % 40) / 10,
      )
      const reading = withSignal(controller.signal, async () => {
        let count = 0
        for await (const batch of sql`SELECT n FROM generate_series(1, 50) n`.cursor(7)) {
          count += batch.length
        }
        return count
      })
      counts.add(await reading.catch(() => 50))
      clearTimeout(timer)
    }
    expect([...counts]).toEqual([50])
  })

  it('ends for a reader who asks again while its cancel is under way', async () => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    proxy.onCancel = () => ({ kind: 'pass', delayMs: 200 })
    const sql = connectPostgresJs(connectionString)
    const controller = new AbortController()
    let count = 0
    await withSignal(controller.signal, async () => {
      for await (const batch of sql`SELECT n FROM generate_series(1, 4) n`.cursor(3)) {
        count += batch.length
        if (count < 4) continue
        controller.abort()
        // The server is ready by then.
        await sleep(50)
      }
    })
    expect(count).toBe(4)
  })
})

describe('COPY that the server has finished after the abort', () => {
  it('out ends with the error, where the cancel is lost', async () => {
    const sql = await connectWithoutCancels()
    const pid = await pidOf(sql)
    const controller = new AbortController()
    setTimeout(() => {
      controller.abort()
    }, 100)
    const reading = withSignal(controller.signal, async () => {
      const rows: Readable = await sql.unsafe(`COPY (${SLOW_END}) TO STDOUT`).readable()
      for await (const _ of rows);
    })
    await expect(reading).rejects.toMatchObject({ name: 'AbortError', outcome: 'unknown' })
    expect(await pidOf(sql)).toBe(pid)
  })

  it.each([0, 1, 3, 10])('out ends for a slow reader, who left after %d ms', async (ms) => {
    const sql = connectPostgresJs(postgres.connectionString)
    await sql`SELECT 1`
    const controller = new AbortController()
    const reading = withSignal(controller.signal, async () => {
      const text = 'COPY (SELECT generate_series(1, 200000)) TO STDOUT'
      const rows: Readable = await sql.unsafe(text).readable()
      setTimeout(() => {
        controller.abort()
      }, ms)
      for await (const _ of rows) await sleep(2)
    })
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
    expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
  })

  it('in, of which all was written, succeeds', async () => {
    const sql = await connectWithoutCancels()
    await sql`CREATE TABLE written (n int CHECK (pg_sleep(0.3) IS NOT NULL))`
    const controller = new AbortController()
    await withSignal(controller.signal, async () => {
      const rows: Writable = await sql`COPY written FROM STDIN`.writable()
      rows.end('1\n')
      setTimeout(() => {
        controller.abort()
      }, 100)
      await finished(rows)
    })
    expect(await sql`SELECT * FROM written`).toEqual([{ n: 1 }])
  })
})
