import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testCertificate } from '@ctx-fix/fixtures'
import { describe, expect, it, onTestFinished } from 'vitest'
import { useDatabase } from '../test-support/database.js'
import { connectPostgresJs as connect, leaveDuring, pidOf } from '../test-support/postgres-js.js'
import { proxyTo } from '../test-support/proxy.js'
import { relayTo } from '../test-support/relay.js'

const postgres = useDatabase()

/** Cancels a statement of the client that `options` lead to, and shows that its connection is the same afterwards. */
async function cancelOver(options: object, url = ''): Promise<void> {
  const { username, password, pathname } = new URL(postgres.connectionString)
  const sql = connect(url, {
    user: username,
    pass: decodeURIComponent(password),
    database: pathname.slice(1),
    ...options,
  })
  const pid = await pidOf(sql)
  const error = await leaveDuring(postgres, 'carried', () => sql`SELECT pg_sleep(30) /* carried */`)
  expect(error).toMatchObject({ outcome: 'cancelled' })
  expect(await pidOf(sql)).toBe(pid)
}

describe('the cancel goes the way of its connection', () => {
  it('over IPv6', async () => {
    const { port, connections } = await relayTo(postgres.connectionString, '::1')
    await cancelOver({ host: ['::1'], port: [port] })
    expect(connections.length).toBeGreaterThan(1)
  })

  it('over a unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ctx-fix-'))
    onTestFinished(() => {
      rmSync(folder, { recursive: true })
    })
    const { connections } = await relayTo(postgres.connectionString, `${folder}/.s.PGSQL.5432`)
    await cancelOver({ host: folder, port: 5_432 })
    expect(connections.length).toBeGreaterThan(1)
  })

  it('to the server that was reached, not to the first of the list', async () => {
    const { proxy } = await proxyTo(postgres.connectionString)
    const dead = await proxyTo(postgres.connectionString)
    dead.proxy.refusing = true
    await cancelOver({
      host: [dead.proxy.host, proxy.host],
      port: [dead.proxy.port, proxy.port],
      backoff: () => 0,
    })
    expect(proxy.cancels.total).toBeGreaterThan(0)
    expect(dead.proxy.cancels.total).toBe(0)
  })

  it.each<[string, object]>([
    ['whatever the certificate', { ssl: 'require' }],
    ['to the server of the certificate', { ssl: { ca: testCertificate.cert } }],
    ['from the first byte', { ssl: { ca: testCertificate.cert }, sslnegotiation: 'direct' }],
  ])('over TLS, %s', async (_, options) => {
    const { proxy } = await proxyTo(postgres.connectionString, { tls: testCertificate })
    for (const host of ['127.0.0.1', 'localhost']) {
      await cancelOver({ host, port: proxy.port, ...options })
    }
    expect(proxy.cancels.total).toBeGreaterThan(1)
    expect(proxy.cancels.overTls).toBe(proxy.cancels.total)
  })

  it.each([undefined, 'require'])('through a socket of your own, with ssl: %s', async (ssl) => {
    const { proxy } = await proxyTo(postgres.connectionString, { tls: testCertificate })
    const socket = async (): Promise<unknown> => {
      const made = connectTcp({ host: proxy.host, port: proxy.port })
      await once(made, 'connect')
      return made
    }
    await cancelOver({ socket, ssl })
    expect(proxy.cancels.total).toBeGreaterThan(0)
    expect(proxy.cancels.overTls).toBe(ssl === undefined ? 0 : proxy.cancels.total)
  })
})

describe('a server that gives no key', () => {
  it('is sent no cancel: the connection is destroyed', async () => {
    const { port } = await relayTo(postgres.connectionString, '127.0.0.1', { withoutKeys: true })
    const address = new URL(postgres.connectionString)
    address.port = String(port)
    const sql = connect(address.href)
    for (let round = 0; round < 2; round++) {
      const pid = await pidOf(sql)
      const marker = `keyless ${round}`
      const run = () => sql.unsafe(`SELECT pg_sleep(1) /* ${marker} */`)
      expect(await leaveDuring(postgres, marker, run)).toMatchObject({ outcome: 'unknown' })
      expect(await pidOf(sql)).not.toBe(pid)
    }
  })
})
