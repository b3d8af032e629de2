import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setTimeout as sleep } from 'node:timers/promises'
import { testCertificate } from '@ctx-fix/fixtures'
import type postgresJs from 'postgres'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { configure, deriveSignal, withSignal } from '../index.js'
import { guarantees } from '../pg/internals.js'
import { useDatabase } from '../test-support/database.js'
import { connectPostgresJs as connect, leaveDuring, pidOf } from '../test-support/postgres-js.js'
import { proxyTo } from '../test-support/proxy.js'

const postgres = useDatabase()

afterEach(() => {
  Object.assign(guarantees, { awaitCancelClose: true, retryLostCancel: true })
  configure({ cancelGraceMs: 2_000, cleanupTimeoutMs: 5_000, proxyFence: false })
})

/** Aborts a statement of 200 ms, with cancels that take 300 ms. */
async function abortTooLate(within: 'the pool' | 'a transaction'): Promise<unknown[]> {
  const { proxy, connectionString } = await proxyTo(postgres.connectionString)
  proxy.onCancel = () => ({ kind: 'pass', delayMs: 300 })
  const sql = connect(connectionString)
  await sql`SELECT 1`
  const controller = new AbortController()
  const late = (sql: { unsafe: (text: string) => PromiseLike<unknown> }) =>
    withSignal(controller.signal, () => sql.unsafe('SELECT pg_sleep(0.2) /* nearly */'))
  const abort = async (): Promise<void> => {
    await postgres.untilRunning('nearly')
    controller.abort()
  }
  if (within === 'the pool') {
    const innocent = () => withSignal(null, () => sql`SELECT pg_sleep(0.5)`)
    const [one, other] = await Promise.allSettled([late(sql), innocent(), abort()])
    return [one, other]
  }
  // The second waits in the queue of the connection.
  return await sql.begin(async (tx) => {
    const innocent = () => withSignal(null, () => tx`SELECT pg_sleep(0.5)`)
    const [one, other] = await Promise.allSettled([late(tx), innocent(), abort()])
    return [one, other]
  })
}

describe.each(['the pool', 'a transaction'] as const)(
  'a cancel that is late, in %s',
  { retry: 0 },
  (within) => {
    it('does not hit the next statement', async () => {
      expect(await abortTooLate(within)).toMatchObject([
        { status: 'fulfilled' },
        { status: 'fulfilled' },
      ])
    })

    it('would hit it without the wait for the close', async () => {
      guarantees.awaitCancelClose = false
      // A transaction of postgres.js fails as a whole.
      const outcome = await abortTooLate(within).catch((error: unknown) => [
        { status: 'fulfilled' },
        { status: 'rejected', reason: error },
      ])
      expect(outcome).toMatchObject([
        { status: 'fulfilled' },
        { status: 'rejected', reason: { code: '57014' } },
      ])
    })
  },
)

describe('a cancel', { retry: 0 }, () => {
  it.each([true, false])('that the server lost is sent again: %s', async (isSentAgain) => {
    guarantees.retryLostCancel = isSentAgain
    configure({ cancelGraceMs: 400 })
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    proxy.onCancel = (n) => (n < 2 ? { kind: 'lose' } : { kind: 'pass' })
    const sql = connect(connectionString)
    const error = await leaveDuring(postgres, 'lost', () => sql`SELECT pg_sleep(5) /* lost */`)
    expect(error).toMatchObject({ outcome: isSentAgain ? 'cancelled' : 'unknown' })
    expect(proxy.cancels.total).toBe(isSentAgain ? 3 : 1)
  })

  it.each<[string, (sql: postgresJs.Sql) => Promise<unknown>]>([
    ['alone', (sql) => withSignal(undefined, () => sql`SELECT pg_sleep(30) /* broke */`)],
    ['in a transaction', (sql) => sql.begin((tx) => tx`SELECT pg_sleep(30) /* broke */`)],
  ])('whose connection broke hits nobody when it comes after all, %s', async (_, work) => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    proxy.onCancel = (n) => (n === 0 ? { kind: 'reset' } : { kind: 'pass' })
    const sql = connect(connectionString)
    const pid = await pidOf(sql)
    const error = await leaveDuring(postgres, 'broke', () => work(sql))
    expect(error).toMatchObject({ outcome: 'cancelled' })
    // The server may have it still: so nobody gets the connection.
    expect(await pidOf(sql)).not.toBe(pid)
  })

  it('is one of eight at a time', async () => {
    configure({ cancelGraceMs: 600 })
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    proxy.onCancel = () => ({ kind: 'deaf' })
    const sql = connect(connectionString, { max: 24 })
    const errors = await leaveDuring(
      postgres,
      'storm 23',
      async () => {
        const all = Array.from({ length: 24 }, (_, n) =>
          sql.unsafe(`SELECT pg_sleep(3) /* storm ${n} */`),
        )
        await Promise.all(all)
      },
      async () => {
        for (let n = 0; n < 24; n++) await postgres.untilRunning(`storm ${n} `)
      },
    )
    expect(errors).toMatchObject({ outcome: 'unknown' })
    expect(proxy.cancels.total).toBe(8)
  })

  it('and its statement are published', async () => {
    const heard: string[] = []
    for (const name of ['abort', 'cancel', 'destroy']) {
      const hear = (): void => void heard.push(name)
      subscribe(`ctx:query:${name}`, hear)
      onTestFinished(() => void unsubscribe(`ctx:query:${name}`, hear))
    }
    configure({ cancelGraceMs: 20_000 })
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    const sql = connect(connectionString)
    await leaveDuring(postgres, 'told', () => sql`SELECT pg_sleep(30) /* told */`)
    expect(new Set(heard)).toEqual(new Set(['cancel', 'abort']))
    configure({ cancelGraceMs: 200 })
    proxy.onCancel = () => ({ kind: 'deaf' })
    await leaveDuring(postgres, 'told', () => sql`SELECT pg_sleep(1) /* told */`)
    expect(heard).toContain('destroy')
  })
})

describe('a connection', { retry: 0 }, () => {
  it.each<[string, object]>([
    ['plain', {}],
    ['over TLS', { ssl: 'require' }],
    ['over TLS from the first byte', { ssl: 'require', sslnegotiation: 'direct' }],
  ])(
    'is destroyed when nothing moves, and its transaction unknown: %s',
    async (marker, options) => {
      configure({ cancelGraceMs: 200 })
      const { proxy, connectionString } = await proxyTo(postgres.connectionString, {
        tls: testCertificate,
      })
      const sql = connect(connectionString, options)
      // A statement whose connection is destroyed runs on: so each has a name of its own.
      const error = await leaveDuring(
        postgres,
        marker,
        () => sql.begin((tx) => tx.unsafe(`SELECT pg_sleep(1) /* ${marker} */`)),
        () => {
          proxy.frozen = true
          proxy.onCancel = () => ({ kind: 'deaf' })
        },
      )
      expect(error).toMatchObject({ name: 'AbortError', outcome: 'unknown' })
      proxy.frozen = false
      // Its place in the pool is free.
      expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
    },
  )

  it.each<[string, (sql: postgresJs.Sql) => Promise<unknown>]>([
    ['a statement', async (sql) => sql`SELECT pg_sleep(2) /* during a statement */`],
    [
      'a transaction',
      (sql) => sql.begin((tx) => tx`SELECT pg_sleep(2) /* during a transaction */`),
    ],
    [
      'a savepoint',
      (sql) =>
        sql.begin((tx) => tx.savepoint((tx) => tx`SELECT pg_sleep(2) /* during a savepoint */`)),
    ],
  ])('that breaks during %s is nobody else’s', async (where, work) => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    const sql = connect(connectionString)
    const { signal } = new AbortController()
    const lost = withSignal(signal, () => work(sql)).catch((error: unknown) => error)
    await postgres.untilRunning(`during ${where}`)
    // Waits for the connection, and opens it again when it has broken.
    const next = withSignal(signal, () => sql`SELECT 1 AS n`)
    await sleep(10)
    proxy.resetAll()
    expect(['ECONNRESET', 'CONNECTION_CLOSED']).toContain(((await lost) as { code: string }).code)
    expect(await next).toEqual([{ n: 1 }])
    expect(await sql`SELECT 2 AS n`).toEqual([{ n: 2 }])
  })

  it('of a client that fetches no types is reserved and cancelled', async () => {
    const sql = connect(postgres.connectionString, { fetch_types: false })
    const error = await leaveDuring(postgres, 'bare', () => sql`SELECT pg_sleep(30) /* bare */`)
    expect(error).toMatchObject({ outcome: 'cancelled' })
    await sql`CREATE TYPE mood AS ENUM ('well')`
    // Still none.
    expect(await sql`SELECT ARRAY['well']::mood[] AS moods`).toEqual([{ moods: '{well}' }])
  })

  it('is not there for others before its innocent statements have ended', async () => {
    const sql = connect(postgres.connectionString)
    const signal = deriveSignal(null, { timeoutMs: 40 })
    const innocent = Array.from({ length: 40 }, (_, n) =>
      withSignal(null, () => sql`SELECT pg_sleep(0.01), ${n}::int AS n`),
    )
    const victims = Array.from({ length: 5 }, () =>
      withSignal(signal, () => sql`SELECT pg_sleep(1)`).catch(() => undefined),
    )
    const settled = await Promise.allSettled(innocent)
    await Promise.all(victims)
    expect(settled.filter(({ status }) => status === 'rejected')).toEqual([])
  })
})
