import pg from 'pg'
import { expect, it } from 'vitest'
import { useDatabase } from '../test-support/database.js'
import { delayBinds } from '../test-support/slow-bind.js'
import { hasLeft, isExecuting, Observer, type Execution } from './observer.js'
import { openObserver } from './open-observer.js'

const postgres = useDatabase()

/** All that is seen of a backend until it is idle. */
async function looksAt(observer: Observer, pid: number): Promise<Execution[]> {
  const looks: Execution[] = []
  for (;;) {
    const backend = await observer.backend(pid)
    if (backend?.state === 'active') looks.push({ ...backend, pid })
    else if (looks.length > 0) return looks
  }
}

it('knows a statement from its parsing to its end, although PostgreSQL starts it three times', async () => {
  const observer = await openObserver('test', { connectionString: postgres.connectionString })
  const client = await postgres.client()
  delayBinds(client, 60)
  const { processID } = client as unknown as { processID: number }
  const running = client.query('SELECT pg_sleep($1)', [0.1])
  const looks = await looksAt(observer, processID)
  await running
  await observer.end()
  const [first] = looks as [Execution]
  expect(new Set(looks.map(({ queryStart }) => queryStart)).size).toBeGreaterThan(1)
  expect(looks.every((each) => !hasLeft(first, { ...each, ...ACTIVE }))).toBe(true)
  expect(looks.some((each) => !isExecuting(each))).toBe(true)
  expect(looks.some((each) => each.waitEvent === 'PgSleep')).toBe(true)
})

it('tells a statement from the next, and one that changes its transaction from another', async () => {
  const observer = await openObserver('test', { connectionString: postgres.connectionString })
  const client = (await postgres.client()) as pg.Client & { processID: number }
  const seen = []
  for (const text of ['SELECT pg_sleep(0.1)', 'SELECT pg_sleep(0.1)']) {
    const running = client.query(text)
    seen.push(await looksAt(observer, client.processID))
    await running
  }
  const [[first], [second]] = seen as [[Execution], [Execution]]
  expect(hasLeft(first, { ...second, ...ACTIVE })).toBe(true)

  const block = client.query(
    'DO $$ BEGIN PERFORM pg_sleep(0.1); COMMIT; PERFORM pg_sleep(0.1); END $$',
  )
  const looks = await looksAt(observer, client.processID)
  await block
  await observer.end()
  expect(new Set(looks.map(({ xactStart }) => xactStart)).size).toBe(2)
  expect(looks.every((each) => !hasLeft(looks[0] as Execution, { ...each, ...ACTIVE }))).toBe(true)
})

const ACTIVE = { state: 'active', inTransaction: true, locks: 0 }
