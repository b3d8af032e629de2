import { Socket } from 'node:net'
import pg from 'pg'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { instrument } from '../../pg/index.js'
import { restorePatched } from '../../restore-patched.js'
import { useDatabase } from '../../test-support/database.js'
import { asJob } from './entry-point.js'
import { asSetUp } from './scopes.js'
import { configureLedger, ledgerSettings } from './settings.js'
import { TestWatch } from './test-watch.js'

const postgres = useDatabase()
const untouched = ledgerSettings()
let watch: TestWatch

beforeEach(() => {
  watch = new TestWatch()
  watch.start()
  watch.began('a test')
})
afterEach(() => {
  watch.stop()
  configureLedger(untouched)
})

/** What the test is failed with, in which `work` was done; `undefined` where it passes. */
async function verdict(): Promise<string | undefined> {
  return watch.ended('a test').then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  )
}

/** As one that is bundled: nothing finds it to instrument it. */
function uninstrumented(): pg.Pool {
  restorePatched()
  onTestFinished(() => {
    instrument(pg)
  })
  return postgres.pool({ max: 1 })
}

const findBooks = (pool: pg.Pool, values?: unknown[]): Promise<unknown> =>
  pool.query('SELECT 7 AS books', values)

it.each<[string, unknown[] | undefined]>([
  ['simple', undefined],
  ['parameterised', []],
])('a %s statement through a driver that is not instrumented is told of', async (_, values) => {
  const pool = uninstrumented()
  await asJob('mails', () => findBooks(pool, values))
  const said = await verdict()
  expect(said).toMatch(/query that the ledger cannot hear: .*\n +SELECT 7 AS books\n +mails/)
  expect(said).toMatch(/not instrumented, as when it is bundled.*call instrument\(pool\)/)
  // Once.
  watch.began('a test')
  expect(await verdict()).toBeUndefined()
})

it('it needs none where nothing is served, for set-up, and where it is allowed', async () => {
  const pool = uninstrumented()
  await findBooks(pool)
  await asJob('migration', () => asSetUp(() => findBooks(pool)))
  await asJob('mails', () => pool.query('BEGIN'))
  expect(await verdict()).toBeUndefined()
  configureLedger({ allow: { query: ({ sql }) => sql.includes('books') } })
  watch.began('a test')
  await asJob('mails', () => findBooks(pool))
  expect(await verdict()).toBeUndefined()
})

it('is silent about what is heard, over the same pool and over others', async () => {
  const pool = postgres.pool({ max: 1 })
  const { signal } = new AbortController()
  const bound = (on: pg.Pool): Promise<unknown> => on.query({ text: 'SELECT 7 AS books', signal })
  await asJob('mails', () => bound(pool))
  await asJob('mails', () => bound(pool))
  await asJob('mails', async () => {
    const client = await pool.connect()
    await client.query({ text: 'SELECT $1::int', values: [1], signal })
    client.release()
  })
  expect(await verdict()).toBeUndefined()
})

it('leaves sockets as they were', () => {
  const watched = Object.getOwnPropertyDescriptor(Socket.prototype, 'connect')
  watch.stop()
  const after = Object.getOwnPropertyDescriptor(Socket.prototype, 'connect')
  expect(after?.value).not.toBe(watched?.value)
  expect((after?.value as { name: string }).name).toBe('')
})
