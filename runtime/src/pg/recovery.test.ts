import type pg from 'pg'
import { describe, expect, it, vi } from 'vitest'
import { withSignal } from '../index.js'
import { backendPid, slow, useDatabase } from '../test-support/database.js'

const postgres = useDatabase()
const cancelled = { name: 'AbortError', outcome: 'cancelled' }
const notSent = { name: 'AbortError', outcome: 'not-sent' }

/** Cancels one statement of `client` by a signal of its own. */
async function cancelOne(client: pg.ClientBase, marker: string): Promise<void> {
  const controller = new AbortController()
  const query = client.query({ text: slow(marker), signal: controller.signal })
  await postgres.untilRunning(marker)
  controller.abort()
  await expect(query).rejects.toMatchObject(cancelled)
}

describe('a transaction of which one statement was cancelled', () => {
  it('goes on from a savepoint', async () => {
    const client = await postgres.client()
    await client.query('CREATE TABLE kept (n int); BEGIN; INSERT INTO kept VALUES (1); SAVEPOINT s')
    await client.query('INSERT INTO kept VALUES (2)')
    await cancelOne(client, 'from-savepoint')
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' })
    await client.query('ROLLBACK TO SAVEPOINT s')
    await client.query('COMMIT')
    expect((await client.query('SELECT n FROM kept')).rows).toEqual([{ n: 1 }])
  })

  it('leaves no lock behind once it is rolled back', async () => {
    const [owner, other] = [await postgres.client(), await postgres.client()]
    await owner.query('CREATE TABLE stock (id int, n int); INSERT INTO stock VALUES (1, 5)')
    await owner.query('BEGIN; UPDATE stock SET n = 4; SELECT pg_advisory_xact_lock(5)')
    await cancelOne(owner, 'with-locks')
    await owner.query('ROLLBACK')
    const controller = new AbortController()
    const sql = 'UPDATE stock SET n = n + 1 RETURNING n, pg_advisory_xact_lock(5)'
    const { rows } = await other.query({ text: sql, signal: controller.signal })
    expect(rows).toMatchObject([{ n: 6 }])
    const locks = `SELECT FROM pg_locks WHERE pid = ${String(await backendPid(owner))}
      AND locktype IN ('relation', 'tuple', 'advisory') AND relation IS DISTINCT FROM 'pg_locks'::regclass`
    expect((await other.query(locks)).rowCount).toBe(0)
  })
})

describe('an abort while a transaction is idle', () => {
  it('refuses what follows but ROLLBACK, and the connection is kept', async () => {
    const pool = postgres.pool({ max: 1 })
    const pid = await backendPid(pool)
    const controller = new AbortController()
    await withSignal(controller.signal, async () => {
      const client = await pool.connect()
      await client.query('BEGIN')
      await client.query('CREATE TABLE half (n int)')
      controller.abort()
      await expect(client.query('SELECT 1')).rejects.toMatchObject(notSent)
      await expect(client.query('COMMIT')).rejects.toMatchObject(notSent)
      await client.query('ROLLBACK')
      client.release()
    })
    expect(await backendPid(pool)).toBe(pid)
    expect((await pool.query("SELECT to_regclass('half') AS half")).rows).toEqual([{ half: null }])
  })

  it('lets nobody have a client that is released with its transaction open', async () => {
    const pool = postgres.pool({ max: 1 })
    const controller = new AbortController()
    await withSignal(controller.signal, async () => {
      const client = await pool.connect()
      await client.query('BEGIN')
      controller.abort()
      // No statement of it has seen the abort.
      client.release()
    })
    expect(pool.totalCount).toBe(0)
  })
})

describe('a deadlock', () => {
  it('is reported as one to its victim, and the other is cancelled by its signal', async () => {
    const config = { options: '-c deadlock_timeout=100ms' }
    const [a, b] = [await postgres.client(config), await postgres.client(config)]
    const controllers = [new AbortController(), new AbortController()] as const
    for (const client of [a, b]) await client.query('BEGIN')
    await a.query('SELECT pg_advisory_xact_lock(11)')
    await b.query('SELECT pg_advisory_xact_lock(12)')
    const lock = (client: pg.Client, key: number, n: 0 | 1) =>
      client
        .query({
          text: `SELECT pg_advisory_xact_lock(${key}), pg_sleep(30) /* embraced */`,
          signal: controllers[n].signal,
        })
        .then(
          () => 'done',
          (error: unknown) => error as { code?: string },
        )
    const outcomes = [lock(a, 12, 0), lock(b, 11, 1)]
    const victim = await Promise.race(outcomes)
    expect(victim).toMatchObject({ code: '40P01' })
    // The victim's locks are gone with its transaction, so that the other goes on.
    for (const controller of controllers) controller.abort()
    for (const client of [a, b]) await client.query('ROLLBACK')
    const settled = await Promise.all(outcomes)
    expect(settled).toContainEqual(expect.objectContaining(cancelled))
  })
})

it('a detach that is cancelled while it waits leaves a partition half detached, and is unknown', async () => {
  const client = await postgres.client()
  const reader = await postgres.client()
  await client.query('CREATE TABLE parted (n int) PARTITION BY RANGE (n)')
  await client.query('CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (10)')
  await reader.query('BEGIN; SELECT FROM parted')
  const controller = new AbortController()
  const text = 'ALTER TABLE parted DETACH PARTITION part CONCURRENTLY'
  const detach = client.query({ text, signal: controller.signal })
  await postgres.untilRunning(text)
  // It commits its first half, and then waits for those who read the table.
  const pending = "SELECT FROM pg_inherits WHERE inhdetachpending AND inhrelid = 'part'::regclass"
  const observer = await postgres.client()
  await vi.waitFor(
    async () => {
      expect((await observer.query(pending)).rowCount).toBe(1)
    },
    { timeout: 20_000 },
  )
  controller.abort()
  await expect(detach).rejects.toMatchObject({ outcome: 'unknown', pgError: { code: '57014' } })
  expect((await observer.query(pending)).rowCount).toBe(1)
  await reader.query('ROLLBACK')
})
