import postgresJs, { type Sql } from 'postgres'
import { describe, expect, it, onTestFinished } from 'vitest'
import { configure, deriveSignal, withSignal } from '../index.js'
import { useDatabase } from '../test-support/database.js'
import { proxyTo } from '../test-support/proxy.js'
import { cancellable, signalled } from './index.js'

const postgres = useDatabase()

function connect(options: { max?: number; url?: string } = {}): Sql {
  const { max = 1, url = postgres.connectionString } = options
  const sql = postgresJs(url, { max, onnotice: () => undefined })
  onTestFinished(() => sql.end({ timeout: 1 }))
  return cancellable(sql)
}

const pidOf = async (sql: Sql): Promise<number> => {
  const rows = await sql<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`
  return (rows[0] as { pid: number }).pid
}

/** Leaves while a statement with `marker` runs, and gives what became of the work. */
async function leaveDuring(marker: string, work: () => Promise<unknown>): Promise<unknown> {
  const controller = new AbortController()
  const outcome = withSignal(controller.signal, work).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  await postgres.untilRunning(marker)
  controller.abort()
  return outcome
}

describe('cancellable', () => {
  it('gives the client back, and what it gave before', async () => {
    const sql = connect()
    expect(cancellable(sql)).toBe(sql)
    const { signal } = new AbortController()
    for (const around of [signal, null]) {
      await withSignal(around, async () => {
        expect(await sql`SELECT ${1}::int AS n`).toEqual([{ n: 1 }])
        expect(await sql`SELECT 1 AS n, 2 AS n`.values()).toEqual([[1, 2]])
        expect(await sql.unsafe('SELECT $1::int AS n', [3])).toEqual([{ n: 3 }])
        const where = sql`WHERE ${true}`
        expect(await sql`SELECT 4 AS n ${where}`).toEqual([{ n: 4 }])
        await expect(sql`SELECT 1 / 0`).rejects.toMatchObject({ code: '22012' })
        const rows: unknown[] = []
        await sql`SELECT n FROM generate_series(1, 3) n`.cursor(2, (batch) => rows.push(...batch))
        expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
      })
    }
  })

  it('cancels on the server by the surrounding signal, and keeps the connection', async () => {
    const sql = connect()
    const pid = await pidOf(sql)
    const outcome = leaveDuring('plain', async () => sql`SELECT pg_sleep(30) /* plain */`)
    expect(await outcome).toMatchObject({ error: { outcome: 'cancelled' } })
    expect(await pidOf(sql)).toBe(pid)
  })

  it('takes the signal that is around where the query is awaited', async () => {
    const sql = connect()
    const query = sql`SELECT pg_sleep(30) /* lazy */`
    const outcome = await leaveDuring('lazy', async () => query)
    expect(outcome).toMatchObject({ error: { outcome: 'cancelled' } })
  })

  it('rolls a transaction back, in which statements follow one another', async () => {
    const sql = connect()
    await sql`CREATE TABLE IF NOT EXISTS kept (n int)`
    const outcome = await leaveDuring('in tx', () =>
      sql.begin(async (tx) => {
        await Promise.all([1, 2, 3].map((n) => tx`INSERT INTO kept VALUES (${n})`))
        await tx.savepoint((inner) => inner`SELECT pg_sleep(30) /* in tx */`)
      }),
    )
    expect(outcome).toMatchObject({ error: { outcome: 'cancelled' } })
    expect(await sql`SELECT * FROM kept`).toEqual([])
  })

  it('commits a transaction that nobody leaves', async () => {
    const sql = connect()
    await sql`CREATE TABLE IF NOT EXISTS done (n int)`
    await withSignal(new AbortController().signal, () =>
      sql.begin((tx) => [tx`INSERT INTO done VALUES (1)`, tx`INSERT INTO done VALUES (2)`]),
    )
    expect(await sql`SELECT count(*)::int AS n FROM done`).toEqual([{ n: 2 }])
  })

  it('carries out nothing for a client that left the queue of a full pool', async () => {
    const sql = connect()
    await sql`CREATE TABLE IF NOT EXISTS late (n int)`
    const holder = await sql.reserve()
    const controller = new AbortController()
    const insert = withSignal(controller.signal, () => sql`INSERT INTO late VALUES (1)`)
    const transaction = withSignal(controller.signal, () =>
      sql.begin((tx) => tx`INSERT INTO late VALUES (2)`),
    )
    controller.abort()
    await expect(insert).rejects.toMatchObject({ outcome: 'not-sent' })
    holder.release()
    await expect(transaction).rejects.toMatchObject({ outcome: 'not-sent' })
    expect(await sql`SELECT * FROM late`).toEqual([])
  })

  it('goes with signalled(), which brings a signal of its own', async () => {
    const sql = connect()
    const { signal } = new AbortController()
    const outcome = await leaveDuring('both', () =>
      signalled(sql, (on) => on`SELECT pg_sleep(30) /* both */`, { signal }),
    )
    expect(outcome).toMatchObject({ error: { outcome: 'cancelled' } })
    expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
  })

  it('refuses what is no client of postgres.js', () => {
    expect(() => cancellable({})).toThrow(TypeError)
  })
})

describe('with every connection in use', () => {
  const work: Record<string, (sql: Sql) => Promise<unknown>> = {
    'a transaction': (sql) => sql.begin((tx) => tx`SELECT 1`),
    'a reservation': (sql) => sql.reserve(),
  }
  it.each(Object.entries(work))('%s waits no longer than the signal', async (_, start) => {
    const sql = connect()
    const held = await sql.reserve()
    const waiting = withSignal(deriveSignal(null, { timeoutMs: 30 }), () => start(sql))
    await expect(waiting).rejects.toMatchObject({ outcome: 'not-sent', phase: 'pool' })
    held.release()
    // What comes too late for it serves the next.
    await expect(start(sql)).resolves.toBeDefined()
  })

  it('a connection that fails to open after the abort is nobody’s rejection', async () => {
    const { proxy, connectionString: url } = await proxyTo(postgres.connectionString)
    proxy.frozen = true
    const sql = connect({ url })
    const query = withSignal(deriveSignal(null, { timeoutMs: 30 }), async () => sql`SELECT 1`)
    await expect(query).rejects.toMatchObject({ outcome: 'not-sent', phase: 'connect' })
    proxy.resetAll()
  })
})

it('a reservation is cleaned up after the abort too, and sends nothing else', async () => {
  const sql = connect()
  const controller = new AbortController()
  await withSignal(controller.signal, async () => {
    const reserved = await sql.reserve()
    await reserved`SET statement_timeout = 12345`
    await reserved`BEGIN`
    controller.abort()
    await expect(reserved`SELECT 1`).rejects.toMatchObject({ outcome: 'not-sent' })
    await reserved`ROLLBACK`
    await reserved`RESET statement_timeout`
    reserved.release()
  })
  expect(await sql`SHOW statement_timeout`).toEqual([{ statement_timeout: '0' }])
})

it('a transaction whose ROLLBACK gets no answer ends in time', async () => {
  configure({ cancelGraceMs: 50, cleanupTimeoutMs: 50 })
  onTestFinished(() => {
    configure({ cancelGraceMs: 2_000, cleanupTimeoutMs: 5_000 })
  })
  const { proxy, connectionString: url } = await proxyTo(postgres.connectionString)
  const sql = connect({ url })
  const signal = deriveSignal(null, { timeoutMs: 200 })
  const transaction = withSignal(signal, () =>
    sql.begin(async (tx) => {
      await tx`SELECT 1`
      proxy.frozen = true
      await tx`SELECT pg_sleep(30)`
    }),
  )
  await expect(transaction).rejects.toMatchObject({ name: 'TimeoutError', outcome: 'unknown' })
  proxy.resetAll()
})
