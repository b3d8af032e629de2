import Cursor from 'pg-cursor'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useDatabase } from '../test-support/database.js'
import { expectCancelled, stallQueries, type Stall } from './index.js'

const postgres = useDatabase()
let stall: Stall | undefined

beforeEach(() => {
  stall = undefined
})
afterEach(() => stall?.release())

async function stallBooks(): Promise<Stall> {
  const { connectionString } = postgres
  stall = await stallQueries(/books/, { connectionString })
  return stall
}

describe('a stalled statement', () => {
  it.each([
    ['simple', { text: 'SELECT 7 AS books' }],
    ['parameterised', { text: 'SELECT $1::int AS books', values: [7] }],
    ['prepared', { text: 'SELECT $1::int AS books', values: [7], name: 'books' }],
    ['with row arrays', { text: 'SELECT 7 AS books', rowMode: 'array' }],
  ])(
    '%s: hangs on the server until it is released, and then gives its result',
    async (_, query) => {
      const pool = postgres.pool({ max: 1 })
      const { release, stalled } = await stallBooks()
      const running = pool.query(query)
      await postgres.untilRunning('AS books')
      expect(stalled).toHaveLength(1)
      await release()
      const { rows } = await running
      expect(rows).toEqual([(query as { rowMode?: string }).rowMode ? [7] : { books: 7 }])
      // And what pg remembers of prepared statements is right.
      expect((await pool.query(query)).rowCount).toBe(1)
    },
  )

  it.each([
    ['simple', { text: 'SELECT 7 AS books' }],
    ['prepared', { text: 'SELECT $1::int AS books', values: [7], name: 'books' }],
  ])('%s: can be cancelled', async (_, query) => {
    const pool = postgres.pool({ max: 1 })
    const { release } = await stallBooks()
    await expectCancelled((signal) => pool.query({ ...query, signal }), {
      pool,
      statement: /books/,
    })
    await release()
    expect((await pool.query(query)).rows).toEqual([{ books: 7 }])
  })

  it('may read what its own transaction has locked', async () => {
    const client = await postgres.client()
    await client.query('CREATE TEMP TABLE shelf AS SELECT 7 AS n')
    await client.query('BEGIN')
    await client.query('LOCK TABLE shelf IN ACCESS EXCLUSIVE MODE')
    const { release } = await stallBooks()
    const running = client.query('SELECT n FROM shelf /* books */')
    await postgres.untilRunning('books */')
    await release()
    expect((await running).rows).toEqual([{ n: 7 }])
    await client.query('COMMIT')
  })

  it('may be a cursor', async () => {
    const client = await postgres.client()
    const { release } = await stallBooks()
    const cursor = client.query(new Cursor('SELECT 7 AS books'))
    const reading = cursor.read(1)
    await postgres.untilRunning('AS books')
    await release()
    expect(await reading).toEqual([{ books: 7 }])
    await cursor.close()
  })
})

it('leaves other statements alone, and takes no more than it is told to', async () => {
  const pool = postgres.pool()
  const { connectionString } = postgres
  stall = await stallQueries(/books/, { connectionString, times: 1 })
  await pool.query('SELECT 1')
  const first = pool.query('SELECT 1 AS books')
  await postgres.untilRunning('AS books')
  await pool.query('SELECT 2 AS books')
  expect(stall.stalled).toHaveLength(1)
  await stall.release()
  await stall.release()
  await first
})

it.each([
  ['first', 0],
  ['last', 1],
])('overlaps with others: the one made %s is released first', async (_, first) => {
  const pool = postgres.pool()
  const { connectionString } = postgres
  const stalls = [
    await stallQueries(/books/, { connectionString }),
    await stallQueries(/authors/, { connectionString }),
  ]
  const texts = ['SELECT 1 AS books', 'SELECT 1 AS authors']
  const [early, late] = [first, 1 - first]
  await stalls[early]?.release()
  expect((await pool.query(texts[early] ?? '')).rowCount).toBe(1)
  const running = pool.query(texts[late] ?? '')
  await postgres.untilRunning(late === 0 ? 'AS books' : 'AS authors')
  expect(stalls[late]?.stalled).toHaveLength(1)
  await stalls[late]?.release()
  await running
  // Nothing records any more, as before.
  await pool.query(texts[late] ?? '')
  expect(stalls[late]?.stalled).toHaveLength(1)
})

describe('says what is wrong with the set-up', () => {
  it('no database', async () => {
    const connectionString = 'postgres://postgres@127.0.0.1:1/none'
    await expect(stallQueries(/x/, { connectionString })).rejects.toThrow(
      /stallQueries: the database cannot be asked: .*ECONNREFUSED/,
    )
    await expect(expectCancelled(() => 1, { connectionString })).rejects.toThrow(
      /expectCancelled: the database cannot be asked/,
    )
  })

  it('another database', async () => {
    const connectionString = new URL('/none', postgres.connectionString).href
    await expect(stallQueries(/x/, { connectionString })).rejects.toThrow(
      /stallQueries: the database cannot be asked: database "none" does not exist/,
    )
  })

  it('a wrong password', async () => {
    const address = new URL(postgres.connectionString)
    address.password = 'wrong'
    const { href: connectionString } = address
    await expect(expectCancelled(() => 1, { connectionString })).rejects.toThrow(
      /expectCancelled: the database cannot be asked: .*password authentication failed/,
    )
  })

  it.each([
    'VACUUM',
    ' /* books */ vacuum (analyze)',
    'CREATE UNIQUE INDEX CONCURRENTLY books_title ON books (title)',
    'DROP INDEX CONCURRENTLY books_title',
    'REINDEX TABLE CONCURRENTLY books',
  ])('a statement that nothing can be sent ahead of: %s', async (sql) => {
    const pool = postgres.pool()
    stall = await stallQueries(() => true, { connectionString: postgres.connectionString })
    await expect(pool.query(sql)).rejects.toThrow('cannot be made to hang: PostgreSQL takes it')
  })

  it('no address', async () => {
    await expect(stallQueries(/x/, {})).rejects.toThrow('needs the pool or a connectionString')
  })

  it('fake timers', async () => {
    vi.useFakeTimers()
    try {
      const { connectionString } = postgres
      await expect(stallQueries(/x/, { connectionString })).rejects.toThrow('fake timers are on')
    } finally {
      vi.useRealTimers()
    }
  })
})
