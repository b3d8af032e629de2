import dns from 'node:dns'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testCertificate } from '@ctx-fix/fixtures'
import type pg from 'pg'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { backendPid, slow, useDatabase } from '../test-support/database.js'
import { relayTo } from '../test-support/relay.js'
import { cancelTargetOf, sendCancelRequest } from './cancel-request.js'
import type { PgClient } from './pg-internals.js'

const postgres = useDatabase()

type Found = (error: null, address: unknown, family: number) => void

/** Cancels a statement over `config`, and shows that the connection is the same afterwards. */
async function cancelOver(config: pg.PoolConfig): Promise<void> {
  const { username, password, pathname } = new URL(postgres.connectionString)
  const pool = postgres.pool({
    max: 1,
    ...config,
    connectionString: undefined,
    user: username,
    password: decodeURIComponent(password),
    database: pathname.slice(1),
  })
  const pid = await backendPid(pool)
  const controller = new AbortController()
  const query = pool.query({ text: slow('carried'), signal: controller.signal })
  await postgres.untilRunning('carried')
  controller.abort()
  await expect(query).rejects.toMatchObject({ outcome: 'cancelled' })
  expect(await backendPid(pool)).toBe(pid)
}

describe('the cancel goes the way of its connection', () => {
  it('over IPv6', async () => {
    const { port, connections } = await relayTo(postgres.connectionString, '::1')
    await cancelOver({ host: '::1', port })
    expect(connections.length).toBeGreaterThan(1)
  })

  it('to the address that was reached, where a name has several', async () => {
    const { port, connections } = await relayTo(postgres.connectionString, '127.0.0.1')
    await cancelOver({ host: 'localhost', port })
    expect(connections.length).toBeGreaterThan(1)
  })

  it('to the address that was reached, where the name leads to another by now', async () => {
    const { port, connections } = await relayTo(postgres.connectionString, '127.0.0.1')
    const lookup = vi.spyOn(dns, 'lookup')
    onTestFinished(() => {
      lookup.mockRestore()
    })
    const names: string[] = []
    lookup.mockImplementation(((name: string, options: { all?: boolean }, found: Found) => {
      names.push(name)
      // Nobody listens on the second address.
      const address = names.length === 1 ? '127.0.0.1' : '127.0.0.2'
      found(null, options.all === true ? [{ address, family: 4 }] : address, 4)
    }) as typeof dns.lookup)
    await cancelOver({ host: 'moved.test', port })
    expect(connections.length).toBeGreaterThan(1)
    expect(names).toEqual(['moved.test'])
  })

  it('over TLS with the certificate of the client', async () => {
    const { port, connections } = await relayTo(postgres.connectionString, '127.0.0.1', {
      tls: {
        ...testCertificate,
        ca: testCertificate.cert,
        requestCert: true,
        rejectUnauthorized: true,
        ALPNProtocols: ['postgresql'],
      },
    })
    const ssl = { ca: testCertificate.cert, cert: testCertificate.cert, key: testCertificate.key }
    await cancelOver({ host: '127.0.0.1', port, ssl, sslnegotiation: 'direct' })
    expect(connections.length).toBeGreaterThan(1)
    expect(connections).toMatchObject(connections.map(() => ({ authorized: true })))
  })

  it('over TLS from the first byte', async () => {
    const { port, connections } = await relayTo(postgres.connectionString, '127.0.0.1', {
      tls: { ...testCertificate, ALPNProtocols: ['postgresql'] },
    })
    const ssl = { ca: testCertificate.cert }
    // Not in @types/pg yet.
    await cancelOver({ host: '127.0.0.1', port, ssl, sslnegotiation: 'direct' })
    expect(connections.length).toBeGreaterThan(1)
    expect(connections).toMatchObject(connections.map(() => ({ alpnProtocol: 'postgresql' })))
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
})

describe('the key of a CancelRequest', () => {
  it.each([4, 32, 256])('is sent whole: %d bytes', async (length) => {
    const secretKey = Buffer.alloc(length, 'key!')
    const received: Buffer[] = []
    const server = createServer((socket) => {
      socket.on('data', (chunk) => {
        received.push(chunk)
        if (Buffer.concat(received).length === 12 + length) socket.end()
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
    })
    const stream = {
      remoteAddress: '127.0.0.1',
      remotePort: (server.address() as AddressInfo).port,
    }
    // As a pooler may name it, to a driver that reads no sign.
    const client = {
      processID: 3_269_897_606,
      host: 'db',
      port: 1,
      connection: { stream, ssl: false },
    }
    const key = length === 4 ? secretKey.readInt32BE() : secretKey
    const target = cancelTargetOf({ ...client, secretKey: key } as unknown as PgClient)
    if (target === undefined) throw new Error('the client has a key')
    expect(await sendCancelRequest(target).delivery).toBe('delivered')
    const packet = Buffer.concat(received)
    expect(packet.readInt32BE(0)).toBe(12 + length)
    expect(packet.readInt32BE(4)).toBe((1_234 << 16) | 5_678)
    expect(packet.readUInt32BE(8)).toBe(3_269_897_606)
    expect(packet.subarray(12)).toEqual(secretKey)
  })

  it('may be missing: then the connection is destroyed', async () => {
    const { port } = await relayTo(postgres.connectionString, '127.0.0.1', { withoutKeys: true })
    const address = new URL(postgres.connectionString)
    address.port = String(port)
    const pool = postgres.pool({ connectionString: address.href, max: 1 })
    const controller = new AbortController()
    const query = pool.query({ text: slow('keyless'), signal: controller.signal })
    await postgres.untilRunning('keyless')
    controller.abort()
    await expect(query).rejects.toMatchObject({ outcome: 'unknown' })
    expect(pool.totalCount).toBe(0)
  })
})
