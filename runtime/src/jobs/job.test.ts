import { CronJob } from 'cron'
import cron from 'node-cron'
import { expect, it, onTestFinished } from 'vitest'
import { Ledger } from '../assert/ledger/ledger.js'
import { deferred } from '../deferred.js'
import { remainingMs, withSignal } from '../index.js'
import { slow, useDatabase } from '../test-support/database.js'
import { requestSignal, withJobSignal } from './job.js'

const postgres = useDatabase()
const everySecond = '* * * * * *'
const limit = { timeoutMs: 200 }

/** Schedulers, each of which calls a job every second until the test is over. */
const schedulers: Record<string, (job: () => Promise<void>) => void> = {
  'node-cron': (job) => {
    const task = cron.schedule(everySecond, job)
    onTestFinished(() => void task.destroy())
  },
  cron: (job) => {
    const task = new CronJob(everySecond, job, null, true)
    onTestFinished(() => void task.stop())
  },
  setInterval: (job) => {
    const timer = setInterval(() => void job(), 1_000)
    onTestFinished(() => {
      clearInterval(timer)
    })
  },
}

const jobs: Record<string, () => Promise<unknown>> = {
  'what surrounds it': withJobSignal(() => postgres.pool().query(slow('sweep')), limit),
  requestSignal: () => postgres.pool().query({ text: slow('sweep'), signal: requestSignal(limit) }),
}

const cases = Object.keys(schedulers).flatMap((by) => Object.keys(jobs).map((how) => [by, how]))

it.each(cases)('a job of %s that takes too long is cancelled by %s', async (by = '', how = '') => {
  const ended = deferred<unknown>()
  schedulers[by]?.(async () => {
    ended.resolve(await jobs[how]?.().catch((error: unknown) => error))
  })
  expect(await ended.promise).toMatchObject({ name: 'TimeoutError', outcome: 'cancelled' })
  await postgres.untilStopped('sweep')
})

it('takes the deadline of what surrounds it, or else the configured one', async () => {
  const minutes = () => Math.round(remainingMs(requestSignal()) / 60_000)
  expect(minutes()).toBe(15)
  expect(await withJobSignal(minutes, { timeoutMs: 120_000 })()).toBe(2)
  const outer = new AbortController()
  const inner = await withSignal(outer.signal, () => requestSignal({ timeoutMs: 60_000 }))
  outer.abort()
  expect(inner.aborted).toBe(true)
})

it('hands on what it is called with, and for whom', async () => {
  const job = withJobSignal(function (this: { base: number }, more: number) {
    return this.base + more
  })
  expect(await job.call({ base: 2 }, 3)).toBe(5)
})

it('is known to the test ledger by the name of the job', async () => {
  const ledger = new Ledger()
  ledger.start()
  onTestFinished(() => {
    ledger.stop()
  })
  const pool = postgres.pool()
  const sweep = async () => {
    await pool.query('SELECT 1')
  }
  await withJobSignal(sweep)()
  await withJobSignal(sweep, { name: 'nightly sweep' })()
  expect(ledger.take().map((each) => each.entryPointName)).toEqual(['sweep', 'nightly sweep'])
})
