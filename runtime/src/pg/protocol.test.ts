import { once } from 'node:events'
import { Readable, Writable, type Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import * as copy from 'pg-copy-streams'
import QueryStream from 'pg-query-stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withSignal } from '../index.js'
import { backendPid, slow, useDatabase } from '../test-support/database.js'
import { patchClient } from './patch-client.js'
import type { PgClient } from './pg-internals.js'

const postgres = useDatabase()
const cancelled = { name: 'AbortError', outcome: 'cancelled' }

/** Aborts a statement of `config` while it runs, twice, and shows that the connection is the same. */
async function cancelTwice(config: object, marker: string): Promise<void> {
  const client = await postgres.client()
  const pid = await backendPid(client)
  for (let repetition = 0; repetition < 2; repetition++) {
    const controller = new AbortController()
    const query = client.query({ ...config, signal: controller.signal } as pg.QueryConfig)
    await postgres.untilRunning(marker)
    controller.abort()
    await expect(query).rejects.toMatchObject(cancelled)
  }
  expect(await backendPid(client)).toBe(pid)
}

describe('a statement of another form is cancelled, and its connection kept', () => {
  it.each([
    ['several statements at once', { text: `SELECT 1; ${slow('several')}; SELECT 2` }, 'several'],
    ['in binary', { text: slow('binary'), binary: true, queryMode: 'extended' }, 'binary'],
  ])('%s', (_, config, marker) => cancelTwice(config, marker))

  it('a stream of rows that its reader destroys, and another that the signal ends', async () => {
    const pool = postgres.pool({ max: 1 })
    const controller = new AbortController()
    const text = 'SELECT pg_sleep(0.01) FROM generate_series(1, 5000)'
    const outcome = withSignal(controller.signal, async () => {
      const client = await pool.connect()
      try {
        const left = client.query(new QueryStream(text, [], { batchSize: 5 }))
        for await (const row of left) {
          expect(row).toBeDefined()
          break
        }
        const ended = client.query(new QueryStream(`${text} /* ended */`, [], { batchSize: 100 }))
        await postgres.untilRunning('ended')
        setTimeout(() => {
          controller.abort()
        }, 50)
        for await (const row of ended) expect(row).toBeDefined()
      } finally {
        client.release()
      }
    })
    await expect(outcome).rejects.toMatchObject(cancelled)
    await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
    expect(pool).toMatchObject({ totalCount: 1, idleCount: 1 })
  })
})

describe('a statement whose rows come in portions', () => {
  it('is cancelled; its connection, on which pg leaves the portal unsynced, is closed', async () => {
    const pool = postgres.pool({ max: 1 })
    const controller = new AbortController()
    const text = 'SELECT pg_sleep(0.01) FROM generate_series(1, 5000) /* portions */'
    const startedAt = performance.now()
    // Not in @types/pg.
    const config = { text, rows: 10, signal: controller.signal } as pg.QueryConfig
    const query = pool.query(config)
    await postgres.untilRunning('portions')
    controller.abort()
    await expect(query).rejects.toMatchObject(cancelled)
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    expect(pool.totalCount).toBe(0)
    await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
  })
})

describe('an abort between the result and ReadyForQuery', () => {
  it('leaves the result as it is, and hits nothing that follows', async () => {
    const client = await postgres.client()
    const controller = new AbortController()
    const { connection } = client as unknown as PgClient
    connection.once('commandComplete', () => {
      controller.abort()
    })
    const query = client.query({ text: 'SELECT 1', signal: controller.signal })
    const next = client.query('SELECT pg_sleep(0.1)')
    await expect(query).resolves.toMatchObject({ rowCount: 1 })
    await expect(next).resolves.toMatchObject({ rowCount: 1 })
  })
})

describe('COPY', () => {
  const lines = Array.from({ length: 100 }, (_, n) => `${String(n)}\n`)

  it('in and out is carried out inside a surrounding signal', async () => {
    const client = await postgres.client()
    await client.query('CREATE TABLE copied (n int)')
    let text = ''
    await withSignal(new AbortController().signal, async () => {
      await pipeline(Readable.from(lines), client.query(copy.from('COPY copied FROM STDIN')))
      const out = client.query(copy.to('COPY copied TO STDOUT'))
      for await (const chunk of out) text += String(chunk)
    })
    expect(text).toBe(lines.join(''))
  })

  it('out is cancelled while rows are coming', async () => {
    const pool = postgres.pool({ max: 1 })
    const pid = await backendPid(pool)
    const controller = new AbortController()
    const text = 'COPY (SELECT pg_sleep(0.01) FROM generate_series(1, 5000)) TO STDOUT /* out */'
    const copying = withSignal(controller.signal, async () => {
      const client = await pool.connect()
      try {
        const nowhere = new Writable({
          write(_chunk, _encoding, done) {
            done()
          },
        })
        await pipeline(client.query(copy.to(text)), nowhere)
      } finally {
        client.release()
      }
    })
    await postgres.untilRunning('out')
    controller.abort()
    await expect(copying).rejects.toMatchObject(cancelled)
    expect(await backendPid(pool)).toBe(pid)
  })

  it('out is cancelled when its reader has stopped', async () => {
    const pool = postgres.pool({ max: 1 })
    const pid = await backendPid(pool)
    const controller = new AbortController()
    const text = `COPY (SELECT repeat('x', 1000) FROM generate_series(1, 1000000)) TO STDOUT /* full */`
    const client = await pool.connect()
    const copying = await withSignal(controller.signal, () => ({
      out: client.query(copy.to(text)),
    }))
    await once(copying.out, 'readable')
    await postgres.untilRunning('full')
    const error = once(copying.out, 'error')
    controller.abort()
    expect(await error).toMatchObject([cancelled])
    client.release()
    expect(await backendPid(pool)).toBe(pid)
  })

  it.each([
    ['waits for rows that do not come', false],
    ['is sent rows', true],
  ])('in is cancelled while the server %s', async (_, isFlowing) => {
    const pool = postgres.pool({ max: 1 })
    await pool.query('CREATE TABLE IF NOT EXISTS half (n int)')
    const pid = await backendPid(pool)
    const controller = new AbortController()
    const rows = new Readable({
      read() {
        if (isFlowing) setTimeout(() => this.push('2\n'), 1)
      },
    })
    rows.push('1\n')
    const copying = withSignal(controller.signal, async () => {
      const client = await pool.connect()
      try {
        await pipeline(rows, client.query(copy.from('COPY half FROM STDIN /* in */')))
      } finally {
        client.release()
      }
    })
    await postgres.untilRunning('in */')
    controller.abort()
    await expect(copying).rejects.toMatchObject(cancelled)
    expect(await backendPid(pool)).toBe(pid)
    expect((await pool.query('SELECT FROM half')).rowCount).toBe(0)
  })

  it('in leaves the queue of its client', async () => {
    const client = await postgres.client()
    const controller = new AbortController()
    const ahead = client.query('SELECT pg_sleep(0.1)')
    const copying = withSignal(controller.signal, () =>
      pipeline(Readable.from(lines), client.query(copy.from('COPY nowhere FROM STDIN'))),
    )
    controller.abort()
    await expect(copying).rejects.toMatchObject({ outcome: 'not-sent' })
    await expect(ahead).resolves.toMatchObject({ rowCount: 1 })
    await expect(client.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
  })
})

describe('a client that listens', () => {
  it('goes on to, whatever became of the signal around it', async () => {
    const client = await postgres.client()
    const controller = new AbortController()
    await withSignal(controller.signal, () => client.query('LISTEN news'))
    controller.abort()
    const heard = once(client, 'notification')
    await (await postgres.client()).query("NOTIFY news, 'still'")
    expect(await heard).toMatchObject([{ channel: 'news', payload: 'still' }])
  })
})

describe('a connection of protocol 3.2', () => {
  it('is cancelled with its key of 32 bytes', async ({ skip }) => {
    const client = await postgres.client()
    const { rows } = await client.query<{ version: number }>(
      "SELECT current_setting('server_version_num')::int AS version",
    )
    if ((rows[0]?.version ?? 0) < 180_000) skip('the server speaks protocol 3.0 alone')
    const modern = await connectBy32()
    expect((modern as unknown as PgClient).secretKey).toHaveLength(32)
    const controller = new AbortController()
    const query = modern.query({ text: slow('modern'), signal: controller.signal })
    await postgres.untilRunning('modern')
    controller.abort()
    await expect(query).rejects.toMatchObject(cancelled)
    await expect(modern.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
  })
})

/** pg asks for protocol 3.0 and reads four bytes of a key; this client asks for 3.2 and keeps them all. */
async function connectBy32(): Promise<pg.Client> {
  const modern = new pg.Client({ connectionString: postgres.connectionString })
  const { connection } = modern as unknown as { connection: Startable }
  const { stream } = connection
  const received: Buffer[] = []
  const receive = (chunk: Buffer): void => void received.push(chunk)
  stream.on('data', receive)
  const startup = connection.startup.bind(connection)
  connection.startup = (config) => {
    const write = stream.write.bind(stream)
    stream.write = (packet: Buffer) => {
      packet.writeInt32BE((3 << 16) | 2, 4)
      stream.write = write
      return write(packet)
    }
    startup(config)
  }
  await modern.connect()
  onTestFinished(() => modern.end())
  stream.off('data', receive)
  return Object.assign(modern, { secretKey: keyAmong(Buffer.concat(received)) })
}

interface Startable {
  readonly stream: Duplex
  startup: (config: object) => void
}

/** Of BackendKeyData, among messages of one byte for the kind and four for the length of the rest. */
function keyAmong(messages: Buffer): Buffer | undefined {
  for (let at = 0; at < messages.length;) {
    const end = at + 1 + messages.readInt32BE(at + 1)
    if (messages.toString('latin1', at, at + 1) === 'K') return messages.subarray(at + 9, end)
    at = end
  }
  return undefined
}

describe('pg-native', () => {
  // Its binding is compiled, which few machines can; the class alone shows what is done with it.
  class NativeClient {
    query(): Promise<string> {
      return Promise.resolve('sent')
    }
  }
  patchClient(NativeClient.prototype as never)
  const client = new NativeClient() as unknown as Pick<PgClient, 'query'>
  const { signal } = new AbortController()
  const refusal = {
    code: 'CTX_FIX_UNSUPPORTED',
    message: expect.stringContaining('pg-native cannot cancel a single query') as string,
  }

  it('refuses a signal, by promise and by callback', async () => {
    await expect(client.query({ text: 'SELECT 1', signal })).rejects.toMatchObject(refusal)
    await expect(withSignal(signal, () => client.query('SELECT 1'))).rejects.toMatchObject(refusal)
    const error = new Promise((resolve) => client.query({ text: 'SELECT 1', signal }, resolve))
    expect(await error).toMatchObject(refusal)
  })

  it('is not asked by a pool, which would close it', async () => {
    const created: object[] = []
    class PooledClient extends NativeClient {
      constructor() {
        super()
        created.push(this)
      }
    }
    const pool = new pg.Pool({ Client: PooledClient } as never)
    await expect(withSignal(signal, () => pool.query('SELECT 1'))).rejects.toMatchObject(refusal)
    await expect(pool.query({ text: 'SELECT 1', signal })).rejects.toMatchObject(refusal)
    const error = new Promise((resolve) => {
      pool.query({ text: 'SELECT 1', signal }, resolve)
    })
    expect(await error).toMatchObject(refusal)
    expect(created).toEqual([])
    await pool.end()
  })

  it('goes on without one', async () => {
    expect(await client.query('SELECT 1')).toBe('sent')
    expect(await withSignal(signal, () => client.query({ text: 'SELECT 1', signal: null }))).toBe(
      'sent',
    )
  })
})
