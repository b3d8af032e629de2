import { PgBoss, type Job } from 'pg-boss'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Ledger } from '../assert/ledger/ledger.js'
import { deferred } from '../deferred.js'
import { currentSignal, remainingMs } from '../index.js'
import { slow, useDatabase } from '../test-support/database.js'
import { requestSignal, withJobSignal } from './pg-boss.js'

const postgres = useDatabase()

/** Sends a job to a worker of its own. */
async function start(queue: string, work: (jobs: Job[]) => Promise<unknown>, options: object = {}) {
  const boss = new PgBoss({ connectionString: postgres.connectionString, schedule: false })
  boss.on('error', () => undefined)
  await boss.start()
  onTestFinished(() => boss.stop({ graceful: false }))
  await boss.createQueue(queue)
  const ended = deferred<unknown>()
  await boss.work(queue, { pollingIntervalSeconds: 0.5 }, async (jobs: Job[]) => {
    const result = work(jobs)
    ended.resolve(result.catch((error: unknown) => error))
    await result
  })
  await boss.send(queue, {}, { retryLimit: 0, ...options })
  return { boss, ended: ended.promise }
}

const works: Record<string, (jobs: Job[]) => Promise<unknown>> = {
  'the signal of its job': ([job = {}]) =>
    postgres.pool().query({ text: slow('handled'), signal: requestSignal(job) }),
  'the signal of its batch': (jobs) =>
    postgres.pool().query({ text: slow('handled'), signal: requestSignal(jobs) }),
  'what surrounds it': withJobSignal(() => postgres.pool().query(slow('handled'))),
}

describe.each(Object.entries(works))('a handler of pg-boss with %s', (name, work) => {
  const queue = name.replaceAll(' ', '-')

  it('is cancelled when its job expires', async () => {
    const { ended } = await start(`expiring-${queue}`, work, { expireInSeconds: 1 })
    await postgres.untilRunning('handled')
    expect(await ended).toMatchObject({ outcome: 'cancelled' })
    await postgres.untilStopped('handled')
  })

  it('is cancelled when pg-boss is stopped and waits no longer', async () => {
    const { boss, ended } = await start(`stopped-${queue}`, work)
    await postgres.untilRunning('handled')
    await boss.stop({ graceful: false })
    expect(await ended).toMatchObject({ outcome: 'cancelled' })
    await postgres.untilStopped('handled')
  })
})

it('has the deadline that pg-boss keeps, and leaves a job alone that ends in time', async () => {
  const seen: AbortSignal[] = []
  const { ended } = await start('fine', async (jobs) => {
    const [job = {}] = jobs
    seen.push(requestSignal(jobs), requestSignal(job))
    await postgres.pool().query({ text: 'SELECT pg_sleep(0.05)', signal: seen[0] })
    return [Math.round(remainingMs(seen[0]) / 60_000), seen[0]?.aborted]
  })
  expect(await ended).toEqual([15, false])
  expect(seen[1]).toBe(seen[0])
})

it('shows the test ledger which job a query serves, and not what pg-boss asks by itself', async () => {
  const ledger = new Ledger()
  ledger.start()
  onTestFinished(() => {
    ledger.stop()
  })
  const pool = postgres.pool()
  const { ended } = await start(
    'mails',
    withJobSignal(async () => {
      await pool.query('SELECT 1 AS served')
      return currentSignal()
    }),
  )
  await ended
  const serving = ledger.queries.filter(({ entryPoint }) => entryPoint !== undefined)
  expect(serving.map(({ sql }) => sql)).toEqual(['SELECT 1 AS served'])
  expect(serving[0]?.entryPointName).toBe('mails')
})

it('without signals of their own, as before pg-boss 12.5, jobs have their expiry alone', () => {
  const job = { id: '1', name: 'old', expireInSeconds: 60 }
  expect(Math.round(remainingMs(requestSignal([job])) / 1_000)).toBe(60)
})

it('aborts the signal of a batch with the last of its jobs', () => {
  const controllers = [new AbortController(), new AbortController()]
  const jobs = controllers.map(({ signal }, id) => ({ id: String(id), name: 'batch', signal }))
  const signal = requestSignal(jobs)
  const states = controllers.map((each) => {
    each.abort()
    return signal.aborted
  })
  expect(states).toEqual([false, true])
})

it('knows what pg-boss did not give', () => {
  for (const wrong of [{}, [], [{}]]) expect(() => requestSignal(wrong)).toThrow(TypeError)
})
