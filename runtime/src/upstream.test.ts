import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestDatabase } from '@ctx-fix/fixtures/test-database'
import fastify from 'fastify'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listen, send } from './test-support/http.js'

/**
 * What the catalog says of others, seen without the runtime. Where one of these fails, a release has changed
 * it: the catalog's entry, and its `variants`, have to follow.
 */

let connectionString = ''
let drop: (() => Promise<void>) | undefined
let observer: pg.Client

beforeAll(async () => {
  const database = await createTestDatabase()
  ;({ connectionString } = database)
  drop = () => database.drop()
  observer = new pg.Client({ connectionString })
  await observer.connect()
})
afterAll(async () => {
  await observer.end()
  await drop?.()
})

async function isRunning(marker: string): Promise<boolean> {
  const { rowCount } = await observer.query(
    `SELECT FROM pg_stat_activity
      WHERE state = 'active' AND pid <> pg_backend_pid() AND position($1 IN query) > 0`,
    [marker],
  )
  return (rowCount ?? 0) > 0
}

async function untilRunning(marker: string): Promise<void> {
  while (!(await isRunning(marker))) await sleep(5)
}

/** Whether a statement still runs half a second after its signal has aborted. */
async function outlivesAbort(
  marker: string,
  start: (signal: AbortSignal) => Promise<unknown>,
): Promise<boolean> {
  const controller = new AbortController()
  const settled = Promise.allSettled([start(controller.signal)])
  await untilRunning(marker)
  controller.abort()
  await sleep(500)
  const running = await isRunning(marker)
  await settled
  return running
}

describe('pg', () => {
  it('ignores a signal', async () => {
    const pool = new pg.Pool({ connectionString })
    const query = { text: 'SELECT pg_sleep(1) /* bare pg */', signal: AbortSignal.abort() }
    expect((await pool.query(query)).rowCount).toBe(1)
    await pool.end()
  })
})

describe('Kysely', () => {
  const connect = () =>
    new Kysely<object>({
      dialect: new PostgresDialect({
        pool: new pg.Pool({ connectionString }),
        controlClient: pg.Client,
      }),
    })
  const hold = (marker: string) => sql.raw(`SELECT pg_sleep(1.5) /* ${marker} */`)
  const inflightQueryAbortStrategy = 'cancel query'

  it('leaves the statement running by default', async () => {
    const db = connect()
    const start = (signal: AbortSignal) => hold('kysely default').execute(db, { signal })
    expect(await outlivesAbort('kysely default', start)).toBe(true)
    await db.destroy()
  })

  it('cancels it with the strategy that says so', async () => {
    const db = connect()
    const start = (signal: AbortSignal) =>
      hold('kysely cancel').execute(db, { signal, inflightQueryAbortStrategy })
    expect(await outlivesAbort('kysely cancel', start)).toBe(false)
    await db.destroy()
  })

  it('does not inside a transaction', async () => {
    const db = connect()
    const start = (signal: AbortSignal) =>
      db
        .transaction()
        .execute((trx) =>
          hold('kysely transaction').execute(trx, { signal, inflightQueryAbortStrategy }),
        )
    expect(await outlivesAbort('kysely transaction', start)).toBe(true)
    await db.destroy()
  })
})

/** What a signal does while a POST with a body is answered slowly, and its client stays. */
type Seen = 'absent' | 'aborted at once' | 'right'

function seenOf(signal: AbortSignal | undefined): Seen {
  if (signal === undefined) return 'absent'
  return signal.aborted ? 'aborted at once' : 'right'
}

describe('a signal of a POST', () => {
  it("is right in Node's request from 24.20 on, and too early or absent before", async () => {
    let seen: Seen | undefined
    const server = createServer((request: IncomingMessage & { signal?: AbortSignal }, response) => {
      // Asked for early, as a handler would.
      const { signal } = request
      request.resume()
      setTimeout(() => {
        seen = seenOf(signal)
        response.end()
      }, 100)
    })
    await once(send(await listen(server), '{}'), 'response')
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
    const isRight = major > 24 ? major !== 25 : major === 24 && minor >= 20
    const isThere = isRight || (major === 24 && minor >= 16)
    expect(seen).toBe(isRight ? 'right' : isThere ? 'aborted at once' : 'absent')
  })

  it("is aborted at once in Fastify's request", async () => {
    let seen: Seen | undefined
    const app = fastify()
    app.post('/', async (request) => {
      const { signal } = request
      await sleep(100)
      seen = seenOf(signal)
      return {}
    })
    await once(send(await listen(app), '{}'), 'response')
    expect(seen).toBe('aborted at once')
  })
})
