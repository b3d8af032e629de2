import knexOf from 'knex'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { withSignal } from '../../index.js'
import { useDatabase } from '../../test-support/database.js'
import { expectRequestCancelled } from '../expect-request-cancelled.js'
import { signalOf } from '../../http/request-signal.js'
import { Ledger } from './ledger.js'

const postgres = useDatabase()
const ledger = new Ledger()

beforeAll(() => {
  ledger.start()
})
afterAll(() => {
  ledger.stop()
})

interface Library {
  findBooks(): Promise<unknown>
  end(): Promise<void>
}

function knex(): Library {
  const db = knexOf({ client: 'pg', connection: postgres.connectionString })
  return {
    async findBooks() {
      await db.select(db.raw('1 AS books'))
    },
    end: () => db.destroy(),
  }
}

function kysely(): Library {
  const db = new Kysely({ dialect: new PostgresDialect({ pool: postgres.pool() }) })
  return {
    async findBooks() {
      await sql`SELECT 1 AS books`.execute(db)
    },
    // The pool ends with the test.
    end: () => Promise.resolve(),
  }
}

it('knex: the place of a builder that withSignal runs when its maker is gone', async () => {
  const db = knexOf({ client: 'pg', connection: postgres.connectionString })
  onTestFinished(() => db.destroy())
  const findLazily = (signal?: AbortSignal): Promise<unknown> =>
    withSignal(signal, () => db.select(db.raw('1 AS books')))
  for (const signal of [undefined, new AbortController().signal]) {
    ledger.take()
    await findLazily(signal)
    const query = ledger.queries.find((each) => each.sql.includes('books'))
    expect(query?.site).toMatchObject({ file: import.meta.filename, caller: 'findLazily' })
    expect(query?.signal?.value).toBe(signal)
  }
})

it.each([
  ['knex', knex],
  ['kysely', kysely],
])('%s: call site and signal are recorded, and a request is proven', async (_, open) => {
  const library = open()
  onTestFinished(() => library.end())
  ledger.take()
  const { signal } = new AbortController()
  await withSignal(signal, () => library.findBooks())
  const query = ledger.queries.find((each) => each.sql.includes('books'))
  expect(query).toMatchObject({ outcome: 'completed', signal: { from: 'surroundings' } })
  expect(query?.site).toMatchObject({ file: import.meta.filename })
  expect(query?.site?.caller).toContain('findBooks')

  await expectRequestCancelled(
    (request, response) => {
      void withSignal(signalOf(request, response), () => library.findBooks()).catch(() => {
        response.end()
      })
    },
    '/',
    { connectionString: postgres.connectionString, statement: /books/, stall: true },
  )
})
