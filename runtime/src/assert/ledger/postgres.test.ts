import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import postgresJs, { type Sql } from 'postgres'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { deriveSignal, detached, withSignal } from '../../index.js'
import { cancellable, signalled } from '../../postgres/index.js'
import { useDatabase } from '../../test-support/database.js'
import { requestSignal } from '../../http/node.js'
import { expectRequestCancelled, stallQueries } from '../index.js'
import { recordPostgres, type Postgres } from '../postgres/copies.js'
import { Ledger } from './ledger.js'
import type { LedgerQuery } from './query.js'

const postgres = useDatabase()
const ledger = new Ledger()
let restore: (() => void) | undefined

beforeEach(() => {
  restore = recordPostgres(postgresJs as unknown as Postgres)
  ledger.start()
  ledger.take()
})
afterEach(() => {
  ledger.stop()
  restore?.()
})

function connect(options: { max?: number } = {}): Sql {
  const sql = postgresJs(postgres.connectionString, { max: 2, ...options })
  onTestFinished(() => sql.end({ timeout: 1 }))
  return sql
}

/** What a user's statements were recorded as; transaction control is postgres.js's own. */
function recorded(): readonly LedgerQuery[] {
  return ledger.queries.filter(({ sql }) => sql.includes('book'))
}

describe('of a statement of postgres.js is recorded', () => {
  it('its SQL, its place in the user’s code, and how it ended', async () => {
    const sql = connect()
    async function findBook(): Promise<void> {
      await sql`SELECT ${1}::int AS book ${sql`, 2 AS n`}`
    }
    await findBook()
    await sql.unsafe('SELECT book').catch(() => undefined)
    expect(recorded()).toMatchObject([
      { sql: 'SELECT $1::int AS book , 2 AS n', phase: 'done', outcome: 'completed' },
      { sql: 'SELECT book', phase: 'done', outcome: 'failed' },
    ])
    expect(recorded()[0]?.site).toMatchObject({ file: import.meta.filename, caller: 'findBook' })
    expect(recorded()[0]?.pid).toBeGreaterThan(0)
    // And nothing of what a new connection asks by itself.
    expect(ledger.queries).toHaveLength(2)
  })

  it('its signal, which counts only where the client heeds it', async () => {
    const signal = deriveSignal(null, { timeoutMs: 5_000 })
    const heedless = connect()
    await withSignal(signal, () => heedless`SELECT 1 AS book`)
    const sql = cancellable(connect())
    await withSignal(signal, () => sql`SELECT 2 AS book`)
    await signalled(sql, (sql) => sql`SELECT 3 AS book`, { signal })
    await withSignal(signal, () => sql.begin((tx) => tx`SELECT 4 AS book`))
    await detached('audit', () => sql`SELECT 5 AS book`)
    const surrounding = { signal: { from: 'surroundings' }, deadline: { from: 'surroundings' } }
    expect(recorded()).toMatchObject([
      { signal: undefined, deadline: undefined },
      surrounding,
      { signal: { from: 'call', value: signal }, deadline: { from: 'call' } },
      surrounding,
      { signal: undefined, detachedReason: 'audit' },
    ])
    expect(recorded().map(({ outcome }) => outcome)).toEqual(Array(5).fill('completed'))
    expect(recorded().map(({ site }) => site?.file)).toEqual(Array(5).fill(import.meta.filename))
  })

  it('of a cursor too', async () => {
    const sql = connect()
    const rows: unknown[] = []
    for await (const part of sql`SELECT generate_series(1, 3) AS book`.cursor(1)) rows.push(...part)
    expect(rows).toHaveLength(3)
    expect(recorded()).toMatchObject([{ phase: 'done', outcome: 'completed' }])
  })

  it.each([
    ['not-sent', true],
    ['cancelled', false],
  ])('that it was %s', async (outcome, isAborted) => {
    const sql = cancellable(connect())
    const signal = isAborted ? AbortSignal.abort() : AbortSignal.timeout(1_000)
    const call = withSignal(signal, () => sql`SELECT pg_sleep(9) AS book`)
    await expect(call).rejects.toThrow()
    expect(recorded()).toMatchObject([{ phase: 'done', outcome }])
  })

  it('the request that it serves', async () => {
    const sql = connect()
    const server = createServer((_request, response) => {
      void sql`SELECT 1 AS book`.then(() => response.end())
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    await fetch(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/books/7`)
    expect(recorded()).toMatchObject([{ entryPointName: 'GET /books/7', wasServing: true }])
  })
})

describe('a statement of postgres.js can be made to hang', () => {
  it.each<[string, (sql: Sql) => Promise<unknown>]>([
    ['prepared', (sql) => sql`SELECT ${7}::int AS books`],
    ['simple', (sql) => sql.unsafe('SELECT 7 AS books')],
    ['in a transaction', (sql) => sql.begin((tx) => tx`SELECT ${7}::int AS books`)],
  ])('%s, and gives its result in the end', async (_, query) => {
    const sql = connect({ max: 1 })
    const { connectionString } = postgres
    const { release, stalled } = await stallQueries(/books/, { connectionString })
    const running = Promise.resolve(query(sql))
    // What comes after it waits for its turn.
    const next = sql`SELECT 8 AS n`.execute()
    await postgres.untilRunning('AS books')
    expect(stalled).toMatchObject([{ phase: 'sent' }])
    await release()
    expect(await running).toEqual([{ books: 7 }])
    expect(await next).toEqual([{ n: 8 }])
    expect(await query(sql)).toEqual([{ books: 7 }])
  })

  it.each<[string, (sql: Sql) => Promise<unknown>]>([
    ['alone', (sql) => sql`SELECT 1 AS books`],
    ['in a transaction', (sql) => sql.begin((tx) => tx`SELECT 1 AS books`)],
  ])('and proven to end with its request, %s', async (_, query) => {
    const sql = cancellable(connect())
    const { connectionString } = postgres
    await expectRequestCancelled(
      (request, response) => {
        void withSignal(requestSignal(request, response), () => query(sql)).catch(() => undefined)
      },
      '/books',
      { connectionString, statement: /books/, stall: true },
    )
  })

  it('and seen to run on where the client heeds no signal', async () => {
    const sql = connect()
    const { connectionString } = postgres
    const proof = expectRequestCancelled(
      (request, response) => {
        void withSignal(requestSignal(request, response), () => sql`SELECT 1 AS books`)
      },
      '/books',
      { connectionString, statement: /books/, stall: true, withinMs: 200 },
    )
    await expect(proof).rejects.toThrow('in vain until the backend leaves the statement')
  })
})

it('leaves the class of the queries as it was', async () => {
  const query = connect().unsafe('SELECT 1')
  const { constructor } = query
  expect(Object.getPrototypeOf(constructor)).not.toBe(Promise)
  restore?.()
  expect(Object.getPrototypeOf(constructor)).toBe(Promise)
  expect(await query).toHaveLength(1)
})
