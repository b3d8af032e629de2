import { setTimeout as sleep } from 'node:timers/promises'
import postgresJs, { type Options, type Sql } from 'postgres'
import { describe, expect, it, onTestFinished } from 'vitest'
import { deriveSignal, statusOf, withSignal } from '../index.js'
import { useDatabase } from '../test-support/database.js'
import { connectPostgresJs as connect, leaveDuring, pidOf } from '../test-support/postgres-js.js'
import { proxyTo } from '../test-support/proxy.js'
import { signalled } from './index.js'

const postgres = useDatabase()

/** `SELECT 1` under a signal, `times` one after the other; rejects where the pool has starved. */
async function inTurn(sql: Sql, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    await withSignal(deriveSignal(null, { timeoutMs: 3_000 }), async () => {
      await sql`SELECT 1`
    })
  }
}

async function closeAll(connectionString: string): Promise<void> {
  const killer = postgresJs(connectionString, { max: 1 })
  await killer`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'postgres.js' AND pid <> pg_backend_pid()`
  await killer.end()
  await sleep(50)
}

describe('a pool whose connections have closed', () => {
  it.each([1, 2])('serves statements under a signal again and again: %d', async (max) => {
    const sql = connect(postgres.connectionString, { max })
    await Promise.all([inTurn(sql, 1), inTurn(sql, 1)])
    for (let round = 0; round < 3; round++) {
      await closeAll(postgres.connectionString)
      await inTurn(sql, 3)
    }
    await expect(sql`SELECT 1 AS one`).resolves.toEqual([{ one: 1 }])
  })

  it('serves reservations, and what comes after', async () => {
    const sql = connect(postgres.connectionString)
    await pidOf(sql)
    await closeAll(postgres.connectionString)
    const reserved = await sql.reserve()
    await pidOf(reserved)
    reserved.release()
    await inTurn(sql, 2)
    await expect(sql`SELECT 1 AS one`).resolves.toEqual([{ one: 1 }])
  })

  it('serves signalled() on a plain client', async () => {
    const sql = postgresJs(postgres.connectionString, { max: 1 })
    onTestFinished(() => sql.end({ timeout: 1 }))
    // Opened before the client was known.
    await pidOf(sql)
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 3; n++) {
        const signal = deriveSignal(null, { timeoutMs: 3_000 })
        await signalled(sql, (sql) => sql`SELECT 1`, { signal })
      }
      await closeAll(postgres.connectionString)
    }
  })

  it('serves what comes after a statement that the server ended with its connection', async () => {
    const sql = connect(postgres.connectionString)
    const broken = withSignal(deriveSignal(null, { timeoutMs: 9_000 }), async () => {
      await sql`SELECT pg_sleep(30) /* terminated */`
    })
    const outcome = expect(broken).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    await postgres.untilRunning('terminated')
    // postgres.js tells the first of them of the same end.
    const waiting = Promise.allSettled([inTurn(sql, 1), inTurn(sql, 1)])
    await closeAll(postgres.connectionString)
    await outcome
    expect((await waiting)[1]).toMatchObject({ status: 'fulfilled' })
    await inTurn(sql, 2)
    const late = leaveDuring(postgres, 'reopened', () => sql`SELECT pg_sleep(30) /* reopened */`)
    await expect(late).resolves.toMatchObject({ outcome: 'cancelled' })
    await inTurn(sql, 1)
  })

  it('serves who waited when they closed', async () => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    const sql = connect(connectionString)
    const broken = withSignal(undefined, () => sql`SELECT pg_sleep(30) /* closing */`)
    const outcome = expect(broken).rejects.toMatchObject({ code: 'ECONNRESET' })
    await postgres.untilRunning('closing')
    const waiting = Promise.all([inTurn(sql, 2), inTurn(sql, 2), inTurn(sql, 2)])
    proxy.resetAll()
    await outcome
    await waiting
  })

  it.each<[string, Options<Record<string, never>>]>([
    ['one connection', { max: 1 }],
    ['three', { max: 3 }],
  ])(
    'recovers when the server refused the first to be opened again, with %s',
    async (_, options) => {
      const { proxy, connectionString } = await proxyTo(postgres.connectionString)
      const sql = connect(connectionString, options)
      await inTurn(sql, 1)
      proxy.refusing = true
      proxy.resetAll()
      await sleep(50)
      const refused = await Promise.allSettled([inTurn(sql, 1), inTurn(sql, 1), inTurn(sql, 1)])
      expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
      proxy.refusing = false
      await Promise.all([inTurn(sql, 3), inTurn(sql, 3), inTurn(sql, 3)])
      await inTurn(sql, 3)
    },
  )
})

describe('a connection under signals only', () => {
  it('is closed when its time is over, and the client can end', async () => {
    const sql = connect(postgres.connectionString, { max_lifetime: 0.3 })
    const pid = () => withSignal(deriveSignal(null, { timeoutMs: 3_000 }), () => pidOf(sql))
    const first = await pid()
    await withSignal(deriveSignal(null, { timeoutMs: 3_000 }), async () => {
      await sql`SELECT pg_sleep(0.5)`
    })
    expect(await pid()).not.toBe(first)
    await withSignal(deriveSignal(null, { timeoutMs: 3_000 }), async () => {
      await sql`SELECT pg_sleep(0.5)`
    })
    expect(await Promise.race([sql.end(), sleep(2_000, 'hangs')])).toBeUndefined()
  })

  it('is not lost with a transaction that is prepared', async () => {
    const sql = connect(postgres.connectionString)
    await withSignal(deriveSignal(null, { timeoutMs: 3_000 }), () =>
      sql.begin(async (tx) => {
        await tx`SELECT 1`
        await tx.prepare('reopened')
      }),
    ).then(
      async () => {
        await sql`ROLLBACK PREPARED 'reopened'`
      },
      (error: unknown) => {
        // A server allows none unless it is configured to.
        expect(error).toMatchObject({ code: '55000' })
      },
    )
    await inTurn(sql, 2)
  })
})

describe('a client that has ended', () => {
  it('refuses a statement under a signal, as any other', async () => {
    const sql = connect(postgres.connectionString)
    await inTurn(sql, 1)
    await sql.end()
    await expect(inTurn(sql, 1)).rejects.toMatchObject({ code: 'CONNECTION_ENDED' })
  })
})

describe('a server that does not answer', () => {
  const works: [string, (sql: Sql) => Promise<unknown>][] = [
    ['a statement', async (sql) => sql`SELECT 1`],
    ['a transaction', (sql) => sql.begin((tx) => tx`SELECT 1`)],
    ['a reservation', (sql) => sql.reserve()],
  ]
  const late = (sql: Sql, work: (sql: Sql) => Promise<unknown>): Promise<unknown> =>
    withSignal(deriveSignal(null, { timeoutMs: 100 }), () => work(sql)).catch(
      (error: unknown) => error,
    )

  it.each(works)('is not called a full pool, by %s', async (_, work) => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    proxy.frozen = true
    const sql = connect(connectionString)
    const error = await late(sql, work)
    expect(error).toMatchObject({ outcome: 'not-sent', phase: 'connect' })
    expect(statusOf(error)).toBe(504)
    proxy.frozen = false
    await inTurn(sql, 2)
  })

  it.each(works)(
    'is not called a full pool by %s while another connection is open, and a full pool is',
    async (_, work) => {
      const { proxy, connectionString } = await proxyTo(postgres.connectionString)
      const sql = connect(connectionString, { max: 2 })
      const one = await sql.reserve()
      await one`SELECT 1`
      proxy.frozen = true
      const error = await late(sql, work)
      expect(error).toMatchObject({ outcome: 'not-sent', phase: 'connect' })
      expect((error as Error).message).toContain('went on opening a connection')
      expect(statusOf(error)).toBe(504)
      proxy.frozen = false
      const other = await sql.reserve()
      const saturated = await late(sql, work)
      expect(saturated).toMatchObject({ outcome: 'not-sent', phase: 'pool' })
      expect(statusOf(saturated)).toBe(503)
      one.release()
      other.release()
      await inTurn(sql, 3)
    },
  )
})
