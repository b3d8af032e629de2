import { setTimeout as sleep } from 'node:timers/promises'
import postgresJs, { type Sql } from 'postgres'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { configure, withSignal } from '../index.js'
import { useDatabase } from '../test-support/database.js'
import { proxyTo } from '../test-support/proxy.js'
import { signalled, type AnySql } from './index.js'

const postgres = useDatabase()

afterEach(() => {
  configure({ cancelGraceMs: 2_000 })
})

function connect(options: { max?: number; url?: string } = {}): Sql {
  const { max = 1, url = postgres.connectionString } = options
  const sql = postgresJs(url, { max })
  onTestFinished(() => sql.end({ timeout: 1 }))
  return sql
}

const sleepFor = (seconds: number, marker: string) => (sql: AnySql) =>
  sql.unsafe(`SELECT pg_sleep(${seconds}) /* ${marker} */`)

const pidOf = async (sql: Sql): Promise<number> => {
  const rows = await sql<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`
  return (rows[0] as { pid: number }).pid
}

describe('signalled', () => {
  it('gives rows, with a signal and without', async () => {
    const sql = connect()
    const { signal } = new AbortController()
    const one = (sql: AnySql) => sql<{ n: number }[]>`SELECT ${1}::int AS n`
    expect(await signalled(sql, one, { signal })).toEqual([{ n: 1 }])
    expect(await signalled(sql, one)).toEqual([{ n: 1 }])
    const wrong = (sql: AnySql) => sql`SELECT 1 / 0`
    await expect(signalled(sql, wrong, { signal })).rejects.toMatchObject({ code: '22012' })
    expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
  })

  it.each(['given', 'surrounding'])('cancels on the server by a signal that is %s', async (how) => {
    const sql = connect()
    const pid = await pidOf(sql)
    const controller = new AbortController()
    const { signal } = controller
    const query =
      how === 'given'
        ? signalled(sql, sleepFor(30, 'js'), { signal })
        : withSignal(signal, () => signalled(sql, sleepFor(30, 'js')))
    await postgres.untilRunning('js')
    controller.abort()
    await expect(query).rejects.toMatchObject({ outcome: 'cancelled', pgError: { code: '57014' } })
    expect(await pidOf(sql)).toBe(pid)
  })

  it('sends nothing after the abort, and leaves the queue of a full pool', async () => {
    const sql = connect()
    const signal = AbortSignal.abort()
    await expect(signalled(sql, sleepFor(1, 'no'), { signal })).rejects.toMatchObject({
      outcome: 'not-sent',
    })
    const holder = await sql.reserve()
    const controller = new AbortController()
    const query = signalled(sql, sleepFor(1, 'no'), { signal: controller.signal })
    controller.abort()
    await expect(query).rejects.toMatchObject({ outcome: 'not-sent', phase: 'pool' })
    holder.release()
    expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
  })

  it('does not wedge the connection by an abort before the statement is executed', async () => {
    const sql = connect()
    await sql`SELECT 1`
    for (let microtasks = 0; microtasks < 12; microtasks++) {
      const controller = new AbortController()
      const query = signalled(sql, sleepFor(30, 'early'), { signal: controller.signal })
      for (let n = 0; n < microtasks; n++) await Promise.resolve()
      controller.abort()
      await expect(query).rejects.toMatchObject({ name: 'AbortError' })
      expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
    }
  })

  it('does not hit the next statement by a cancel that comes late', async () => {
    const { proxy, connectionString: url } = await proxyTo(postgres.connectionString)
    proxy.onCancel = () => ({ kind: 'pass', delayMs: 150 })
    const sql = connect({ url })
    const controller = new AbortController()
    const query = signalled(sql, sleepFor(0.2, 'nearly'), { signal: controller.signal })
    await postgres.untilRunning('nearly')
    await sleep(100)
    controller.abort()
    const innocent = sql`SELECT pg_sleep(0.4)`
    await query.catch(() => undefined)
    await expect(innocent).resolves.toHaveLength(1)
  })

  it('gives up after the grace period, and destroys the connection', async () => {
    configure({ cancelGraceMs: 100 })
    const { proxy, connectionString: url } = await proxyTo(postgres.connectionString)
    proxy.onCancel = () => ({ kind: 'deaf' })
    const sql = connect({ url })
    const pid = await pidOf(sql)
    const controller = new AbortController()
    const query = signalled(sql, sleepFor(1, 'deaf'), { signal: controller.signal })
    await postgres.untilRunning('deaf')
    controller.abort()
    await expect(query).rejects.toMatchObject({ outcome: 'unknown' })
    expect(await pidOf(sql)).not.toBe(pid)
  })

  it('lets nobody have a connection on which a cancel may still come', async () => {
    const { proxy, connectionString: url } = await proxyTo(postgres.connectionString)
    proxy.onCancel = () => ({ kind: 'pass-then-reset' })
    const sql = connect({ url })
    const pid = await pidOf(sql)
    const controller = new AbortController()
    const query = signalled(sql, sleepFor(30, 'broken'), { signal: controller.signal })
    await postgres.untilRunning('broken')
    controller.abort()
    await expect(query).rejects.toMatchObject({ outcome: 'cancelled' })
    expect(await pidOf(sql)).not.toBe(pid)
  })

  it('cancels inside a transaction, which is rolled back', async () => {
    const sql = connect()
    await sql`CREATE TABLE IF NOT EXISTS js (n int)`
    const controller = new AbortController()
    const { signal } = controller
    const transaction = sql.begin(async (tx) => {
      await signalled(tx, (tx) => tx`INSERT INTO js VALUES (1)`, { signal })
      await signalled(tx, sleepFor(30, 'tx'), { signal })
    })
    await postgres.untilRunning('tx')
    controller.abort()
    await expect(transaction).rejects.toMatchObject({ outcome: 'cancelled' })
    expect(await sql`SELECT * FROM js`).toEqual([])
  })

  it('takes several of a reserved connection one after the other, each with its own signal', async () => {
    const on = await connect().reserve()
    const controller = new AbortController()
    const { signal } = new AbortController()
    const statements = [
      signalled(on, sleepFor(0.2, 'first'), { signal }),
      signalled(on, (on) => on`SELECT 2 AS n`, { signal: controller.signal }),
      signalled(on, (on) => on`SELECT 3 AS n`, { signal }),
    ]
    await postgres.untilRunning('first')
    controller.abort()
    await expect(statements[1]).rejects.toMatchObject({ outcome: 'not-sent', phase: 'queue' })
    expect(await postgres.isRunning('first')).toBe(true)
    expect(await statements[2]).toEqual([{ n: 3 }])
    on.release()
  })

  it('refuses what is not one promise, and says why', async () => {
    const sql = connect()
    const { signal } = new AbortController()
    const iterate = (sql: AnySql) => sql`SELECT 1`.cursor() as never
    const refused = { code: 'CTX_FIX_UNSUPPORTED' }
    await expect(signalled(sql, iterate, { signal })).rejects.toMatchObject(refused)
    expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
  })
})
