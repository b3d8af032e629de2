import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { holdLock, untilReleased, useDatabase } from '../test-support/database.js'
import { holdBinds } from '../test-support/slow-bind.js'
import { hasLeft, isExecuting, Observer, type BackendState, type Execution } from './observer.js'
import { openObserver } from './open-observer.js'

const postgres = useDatabase()

async function observe(): Promise<Observer> {
  const observer = await openObserver('test', { connectionString: postgres.connectionString })
  onTestFinished(() => observer.end())
  return observer
}

async function connect(): Promise<pg.Client & { processID: number }> {
  return (await postgres.client()) as pg.Client & { processID: number }
}

/** What is seen of a backend while it is active, up to the first look that is `enough`. */
async function looksAt(
  observer: Observer,
  pid: number,
  enough: (backend: BackendState | undefined) => boolean,
): Promise<Execution[]> {
  const looks: Execution[] = []
  for (;;) {
    const backend = await observer.backend(pid)
    if (backend?.state === 'active') looks.push({ ...backend, pid })
    if (enough(backend)) return looks
  }
}

const waitsForLock = (backend: BackendState | undefined): boolean =>
  backend?.state === 'active' && backend.waitEvent === 'advisory'
const isIdle = (backend: BackendState | undefined): boolean => backend?.state === 'idle'

it('knows a statement from its parsing to its end, although PostgreSQL starts it three times', async () => {
  const observer = await observe()
  const client = await connect()
  const unlock = await holdLock(postgres, 1)
  const letBindsPass = holdBinds(client)
  const running = client.query('SELECT pg_advisory_xact_lock($1)', [1])
  const isParsed = (backend: BackendState | undefined): boolean =>
    backend?.state === 'active' && backend.waitEvent === 'ClientRead'
  const parsed = await looksAt(observer, client.processID, isParsed)
  letBindsPass()
  const executed = await looksAt(observer, client.processID, waitsForLock)
  await unlock()
  const ending = await looksAt(observer, client.processID, isIdle)
  await running

  const looks = [...parsed, ...executed, ...ending]
  const [first] = looks as [Execution]
  expect(new Set(looks.map(({ queryStart }) => queryStart)).size).toBeGreaterThan(1)
  expect(looks.every((each) => !hasLeft(first, { ...each, ...ACTIVE }))).toBe(true)
  expect(isExecuting(parsed.at(-1) as Execution)).toBe(false)
  expect(isExecuting(executed.at(-1) as Execution)).toBe(true)
})

it('tells a statement from the next, and one that changes its transaction from another', async () => {
  const observer = await observe()
  const client = await connect()
  const { processID } = client
  const seen: Execution[] = []
  for (const key of [2, 3]) {
    const unlock = await holdLock(postgres, key)
    const running = client.query(untilReleased(key, 'one'))
    const looks = await looksAt(observer, processID, waitsForLock)
    seen.push(looks.at(-1) as Execution)
    await unlock()
    await running
  }
  const [first, second] = seen as [Execution, Execution]
  expect(hasLeft(first, { ...second, ...ACTIVE })).toBe(true)

  const unlocks = [await holdLock(postgres, 4), await holdLock(postgres, 5)] as const
  const block = client.query(
    `DO $$ BEGIN
       PERFORM pg_advisory_xact_lock(4); COMMIT; PERFORM pg_advisory_xact_lock(5);
     END $$`,
  )
  const before = await looksAt(observer, processID, waitsForLock)
  await unlocks[0]()
  const { xactStart } = before.at(-1) as Execution
  const after = await looksAt(
    observer,
    processID,
    (backend) => waitsForLock(backend) && backend?.xactStart !== xactStart,
  )
  await unlocks[1]()
  await block
  const [start] = before as [Execution]
  expect([...before, ...after].every((each) => !hasLeft(start, { ...each, ...ACTIVE }))).toBe(true)
})

const ACTIVE = { state: 'active', inTransaction: true, locks: 0 }
