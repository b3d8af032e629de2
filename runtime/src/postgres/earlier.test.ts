import { testCertificate } from '@ctx-fix/fixtures'
import postgresJs, { type Sql } from 'postgres'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { configure } from '../index.js'
import { useDatabase } from '../test-support/database.js'
import { leaveDuring, pidOf } from '../test-support/postgres-js.js'
import { proxyTo } from '../test-support/proxy.js'
import { relayTo } from '../test-support/relay.js'
import { cancellable, signalled } from './index.js'

const postgres = useDatabase()

afterEach(() => {
  configure({ cancelGraceMs: 2_000 })
})

/** A client of one connection, which is opened before the client is known here. */
async function openEarlier(url: string, options: object = {}): Promise<{ sql: Sql; pid: number }> {
  const sql = postgresJs(url, { max: 1, ...options })
  onTestFinished(() => sql.end({ timeout: 1 }))
  const pid = await pidOf(sql)
  cancellable(sql)
  return { sql, pid }
}

const run = (sql: Pick<Sql, 'unsafe'>, marker: string) =>
  sql.unsafe(`SELECT pg_sleep($1::float8) /* ${marker} */`, [2])

describe('a connection that was opened before its client was known', () => {
  it.each<[string, object]>([
    ['plain', {}],
    ['over TLS', { ssl: 'require' }],
    ['over TLS from the first byte', { ssl: 'require', sslnegotiation: 'direct' }],
  ])('is kept after a cancel, and given up without one: %s', async (marker, options) => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString, {
      tls: testCertificate,
    })
    const { sql, pid } = await openEarlier(connectionString, options)
    configure({ cancelGraceMs: 20_000 })
    const kept = await leaveDuring(postgres, marker, () => run(sql, marker))
    expect(kept).toMatchObject({ outcome: 'cancelled' })
    expect(await pidOf(sql)).toBe(pid)
    configure({ cancelGraceMs: 200 })
    proxy.onCancel = () => ({ kind: 'deaf' })
    const lost = await leaveDuring(postgres, marker, () => run(sql, marker))
    expect(lost).toMatchObject({ outcome: 'unknown' })
    expect(await pidOf(sql)).not.toBe(pid)
  })

  it('takes its transaction with it', async () => {
    const { sql, pid } = await openEarlier(postgres.connectionString)
    const work = () => sql.begin((tx) => run(tx, 'in a transaction'))
    const error = await leaveDuring(postgres, 'in a transaction', work)
    expect(error).toMatchObject({ outcome: 'cancelled' })
    expect(await pidOf(sql)).toBe(pid)
  })

  it('is given up at once where the server gave no key', async () => {
    const { port } = await relayTo(postgres.connectionString, '127.0.0.1', { withoutKeys: true })
    const address = new URL(postgres.connectionString)
    address.port = String(port)
    const { sql, pid } = await openEarlier(address.href)
    const error = await leaveDuring(postgres, 'keyless', () => run(sql, 'keyless'))
    expect(error).toMatchObject({ outcome: 'unknown' })
    expect(await pidOf(sql)).not.toBe(pid)
  })

  it('keeps its place in the pool on a network where nothing moves any more', async () => {
    configure({ cancelGraceMs: 100 })
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    const { sql } = await openEarlier(connectionString)
    const freeze = (): void => {
      proxy.frozen = true
      proxy.onCancel = () => ({ kind: 'deaf' })
    }
    const error = await leaveDuring(postgres, 'stuck', () => run(sql, 'stuck'), freeze)
    expect(error).toMatchObject({ outcome: 'unknown' })
    let isServed = false
    const next = sql`SELECT 1 AS n`.then((rows) => {
      isServed = true
      return [...rows]
    })
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(isServed).toBe(false)
    proxy.frozen = false
    expect(await next).toEqual([{ n: 1 }])
  })
})

it('a transaction of a client that nobody knows is cancelled as well', async () => {
  const sql = postgresJs(postgres.connectionString, { max: 1 })
  onTestFinished(() => sql.end({ timeout: 1 }))
  const controller = new AbortController()
  const transaction = sql.begin((tx) => signalled(tx, (tx) => run(tx as Sql, 'stray'), controller))
  await postgres.untilRunning('stray')
  controller.abort()
  await expect(transaction).rejects.toMatchObject({ outcome: 'cancelled' })
  expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
})
