import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { testCertificate } from '@ctx-fix/fixtures'
import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { deriveSignal, statusOf, withSignal } from '../index.js'
import { useDatabase } from '../test-support/database.js'
import { proxyTo } from '../test-support/proxy.js'

const postgres = useDatabase()
const notSent = { outcome: 'not-sent', phase: 'connect' }

/** A server that accepts connections and never says a word. */
async function silentServer(): Promise<{ host: string; port: number }> {
  const server = createServer()
  const sockets = new Set<{ destroy(): unknown }>()
  server.on('connection', (socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

describe('an abort while the connection is being made ends the wait', () => {
  it('in the tick of the call, with TCP still connecting; the connection serves the next', async () => {
    const pool = postgres.pool({ max: 1 })
    const controller = new AbortController()
    const query = pool.query({ text: 'SELECT 1', signal: controller.signal })
    controller.abort()
    await expect(query).rejects.toMatchObject(notSent)
    await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
    expect(pool).toMatchObject({ totalCount: 1, idleCount: 1 })
  })

  it.each([
    ['TLS is negotiated', { ssl: { ca: testCertificate.cert } }],
    ['a server that says nothing authenticates', {}],
  ])('while %s', async (_, config) => {
    const pool = new pg.Pool({ ...(await silentServer()), max: 1, ...config })
    pool.on('error', () => undefined)
    const startedAt = performance.now()
    const signal = deriveSignal(null, { timeoutMs: 50 })
    const opening = pool.query({ text: 'SELECT 1', signal }).catch((error: unknown) => error)
    const behind = pool.query({ text: 'SELECT 1', signal }).catch((error: unknown) => error)
    for (const error of [await opening, await behind]) {
      expect(error).toMatchObject({ name: 'TimeoutError', ...notSent })
      expect((error as Error).message).toContain('went on opening a connection')
      // The pool is not full: nobody answers.
      expect(statusOf(error)).toBe(504)
    }
    await expect(withSignal(signal, () => pool.connect())).rejects.toMatchObject({
      outcome: 'not-sent',
    })
    expect(performance.now() - startedAt).toBeLessThan(15_000)
  })

  it('during the handshake of a server that is far away, which is not disturbed', async () => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString, {
      tls: testCertificate,
    })
    proxy.latencyMs = 40
    const pool = postgres.pool({ connectionString, max: 1, ssl: { ca: testCertificate.cert } })
    for (const ms of [20, 60, 100]) {
      const controller = new AbortController()
      const query = pool.query({ text: 'SELECT 1', signal: controller.signal })
      await sleep(ms)
      controller.abort()
      await query.catch((error: unknown) => {
        expect(error).toMatchObject({ name: 'AbortError' })
      })
    }
    await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
    expect(pool).toMatchObject({ totalCount: 1, idleCount: 1, waitingCount: 0 })
  })
})

it('a server that takes no more connections is saturated: 503', async () => {
  const admin = await postgres.client()
  const role = `full_${Math.random().toString(36).slice(2)}`
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret' CONNECTION LIMIT 0`)
  onTestFinished(async () => {
    const client = new pg.Client({ connectionString: postgres.connectionString })
    await client.connect()
    await client.query(`DROP ROLE ${role}`)
    await client.end()
  })
  const address = new URL(postgres.connectionString)
  Object.assign(address, { username: role, password: 'secret' })
  const pool = postgres.pool({ connectionString: address.href })
  const signal = deriveSignal(null, { timeoutMs: 20_000 })
  const error: unknown = await pool
    .query({ text: 'SELECT 1', signal })
    .catch((error: unknown) => error)
  expect(error).toMatchObject({ code: '53300' })
  expect(statusOf(error)).toBe(503)
})
