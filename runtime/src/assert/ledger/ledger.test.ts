import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import Cursor from 'pg-cursor'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { deriveSignal, detached, withSignal } from '../../index.js'
import { slow, useDatabase } from '../../test-support/database.js'
import { asJob, currentEntryPoint } from './entry-point.js'
import { Ledger } from './ledger.js'
import { asSetUp } from './scopes.js'

const postgres = useDatabase()
const ledger = new Ledger()

beforeEach(() => {
  ledger.start()
  ledger.take()
})
afterEach(() => {
  ledger.stop()
})

/** The only query recorded since the test began. */
function only() {
  expect(ledger.queries).toHaveLength(1)
  const [query] = ledger.queries
  if (query === undefined) throw new Error('no query was recorded')
  return query
}

async function request(handler: RequestListener): Promise<void> {
  const server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  await fetch(`http://127.0.0.1:${String(port)}/books/7?all=1`)
}

/** What a printer may show of a value that reads the getters of prototypes as well, as that of vitest does. */
function wordsIn(value: unknown, depth = 0): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || depth > 8) return []
  const words: string[] = []
  for (let at: unknown = value; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const key of Object.getOwnPropertyNames(at)) {
      let part: unknown
      try {
        part = (value as Record<string, unknown>)[key]
      } catch {
        continue
      }
      words.push(key, ...wordsIn(part, depth + 1))
    }
  }
  return words
}

describe('what is recorded of a query', () => {
  it('leads to nothing of the request but its name', async () => {
    const pool = postgres.pool()
    await request((_, response) => {
      void pool.query('SELECT 1').then(() => response.end())
    })
    const words = wordsIn(only().entryPoint)
    expect(words).toContain('GET /books/7')
    expect(words).not.toContain('user-agent')
  })

  it('its SQL and its place in the user’s code, through the pool', async () => {
    const pool = postgres.pool()
    async function findBook(): Promise<void> {
      await pool.query('SELECT 1 AS book')
    }
    await findBook()
    const query = only()
    expect(query.sql).toBe('SELECT 1 AS book')
    expect(query.site).toMatchObject({ file: import.meta.filename, caller: 'findBook' })
    expect(query).toMatchObject({ phase: 'done', outcome: 'completed' })
    expect(query.pid).toBeGreaterThan(0)
  })

  it('the same by a callback, whose own queries count as calls of their own', async () => {
    const pool = postgres.pool()
    await new Promise<void>((resolve) => {
      pool.query({ text: 'SELECT 1' }, function outer() {
        pool.query('SELECT 1', [], () => {
          resolve()
        })
      })
    })
    expect(ledger.queries.map(({ site }) => site?.caller)).toEqual([
      expect.not.stringContaining('outer'),
      'outer',
    ])
    expect(ledger.queries.every(({ phase }) => phase === 'done')).toBe(true)
  })

  it('through a client, and what listeners do to a new client', async () => {
    const pool = postgres.pool()
    pool.on('connect', (client) => void client.query('SET search_path = public'))
    await pool.query('SELECT 1')
    const client = await pool.connect()
    await client.query('SELECT $1::int', [2])
    client.release()
    expect(ledger.queries.map(({ sql }) => sql).sort()).toEqual([
      'SELECT $1::int',
      'SELECT 1',
      'SET search_path = public',
    ])
  })

  it('a cursor', async () => {
    const client = await postgres.client()
    const cursor = client.query(new Cursor('SELECT generate_series(1, 3)'))
    await cursor.read(10)
    await cursor.close()
    expect(only()).toMatchObject({ sql: 'SELECT generate_series(1, 3)', phase: 'done' })
  })

  it('its signal and deadline, and where they come from', async () => {
    const pool = postgres.pool()
    const signal = deriveSignal(null, { timeoutMs: 5_000 })
    await pool.query({ text: 'SELECT 1', signal })
    await withSignal(signal, () => pool.query('SELECT 2'))
    await withSignal(signal, () => pool.query({ text: 'SELECT 3', signal: null }))
    await detached('audit', () => pool.query('SELECT 4'))
    expect(ledger.queries).toMatchObject([
      { signal: { from: 'call', value: signal }, deadline: { from: 'call' } },
      { signal: { from: 'surroundings', value: signal }, deadline: { from: 'surroundings' } },
      { signal: undefined, deadline: undefined, detachedReason: undefined },
      { signal: undefined, detachedReason: 'audit' },
    ])
  })

  it('the request that it serves, of a handler that derives nothing', async () => {
    const pool = postgres.pool({ max: 1 })
    await request((_request, response) => {
      // The second waits for the client, and is started by whoever releases that.
      void Promise.all([pool.query('SELECT 1'), pool.query('SELECT 2')]).then(async () => {
        response.end()
        await pool.query('SELECT 3')
      })
    })
    await pool.query('SELECT 4')
    await expect.poll(() => ledger.queries.length).toBe(4)
    const named = Object.fromEntries(
      ledger.queries.map((each) => [each.sql, each.entryPoint?.name]),
    )
    expect(named).toEqual({
      'SELECT 1': 'GET /books/7',
      'SELECT 2': 'GET /books/7',
      'SELECT 3': 'GET /books/7',
      'SELECT 4': undefined,
    })
  })

  it('the job that it serves, and whether it is set-up', async () => {
    const pool = postgres.pool()
    await asJob('send-mails', () => pool.query('SELECT 1'))
    await asSetUp(() => pool.query('SELECT 2'))
    expect(ledger.queries).toMatchObject([
      { entryPoint: { kind: 'job', name: 'send-mails' }, wasServing: true, isSetUp: false },
      { entryPoint: undefined, wasServing: false, isSetUp: true },
    ])
    expect(currentEntryPoint()).toBeUndefined()
  })
})

describe('how a query ended', () => {
  it.each([
    ['failed', (pool: pg.Pool) => pool.query('SELECT 1/0')],
    [
      'failed',
      (pool: pg.Pool) =>
        pool.connect().then((c) =>
          c.query('X').finally(() => {
            c.release()
          }),
        ),
    ],
    ['not-sent', (pool: pg.Pool) => pool.query({ text: 'SELECT 1', signal: AbortSignal.abort() })],
    [
      'cancelled',
      (pool: pg.Pool) => pool.query({ text: slow('cancel'), signal: AbortSignal.timeout(1_000) }),
    ],
  ])('%s', async (outcome, call) => {
    const pool = postgres.pool()
    await expect(call(pool)).rejects.toThrow()
    expect(only()).toMatchObject({ phase: 'done', outcome })
  })

  it('is not known while it runs', async () => {
    const pool = postgres.pool()
    const running = pool.query('SELECT pg_sleep(0.3) /* runs */')
    await postgres.untilRunning('runs */')
    const find = () => ledger.queries.find(({ sql }) => sql.includes('runs */'))
    const query = find()
    expect(query?.phase).toBe('sent')
    expect(ledger.take()).not.toContain(query)
    expect(find()).toBe(query)
    await running
    expect(ledger.take()).toContain(query)
    expect(ledger.queries).toEqual([])
  })
})

it('leaves pg as it was, and hears nothing once it has stopped', async () => {
  const before = Object.getOwnPropertyDescriptors(pg.Client.prototype)
  ledger.stop()
  await postgres.pool().query('SELECT 1')
  expect(ledger.queries).toEqual([])
  expect(Object.getOwnPropertyDescriptors(pg.Client.prototype)).toEqual(before)
})
