import { run, type Task, type TaskList } from 'graphile-worker'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { Ledger } from '../assert/ledger/ledger.js'
import { deferred } from '../deferred.js'
import { remainingMs } from '../index.js'
import { slow, useDatabase } from '../test-support/database.js'
import { requestSignal, withJobSignal } from './graphile-worker.js'

const postgres = useDatabase()
const settings = () => ({
  connectionString: postgres.connectionString,
  noHandleSignals: true,
  noPreparedStatements: true,
  pollInterval: 100,
  crontab: '',

  preset: { worker: { gracefulShutdownAbortTimeout: 50 } },
})

beforeAll(async () => {
  const runner = await run({ ...settings(), taskList: {} })
  await runner.stop()
})

/** Runs one job of a task, and tells what became of it. */
async function start(task: Task, wrap: (tasks: TaskList) => TaskList = (tasks) => tasks) {
  const ended = deferred<unknown>()
  const taskList = wrap({
    work: async (payload, helpers) => {
      const result = Promise.resolve(task(payload, helpers))
      ended.resolve(result.catch((error: unknown) => error))
      await result
    },
  })
  const runner = await run({ ...settings(), taskList })
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= runner.stop())
  onTestFinished(stop)
  await runner.addJob('work', {}, { maxAttempts: 1 })
  return { stop, ended: ended.promise }
}

describe('a task of Graphile Worker is cancelled when the worker shuts down', () => {
  const tasks: Record<string, [Task, typeof withJobSignal?]> = {
    'by requestSignal': [
      async (_payload, helpers) => {
        await postgres.pool().query({ text: slow('handled'), signal: requestSignal(helpers) })
      },
    ],
    'by what surrounds a task': [
      withJobSignal<Task>(async () => {
        await postgres.pool().query(slow('handled'))
      }),
    ],
    'by what surrounds the list': [
      async () => {
        await postgres.pool().query(slow('handled'))
      },
      withJobSignal,
    ],
    'in a query of its helpers': [
      async (_payload, helpers) => {
        await helpers.query(slow('handled'))
      },
      withJobSignal,
    ],
    'with a client of its helpers': [
      async (_payload, helpers) => {
        await helpers.withPgClient((client) => client.query(slow('handled')))
      },
      withJobSignal,
    ],
  }

  it.each(Object.entries(tasks))('%s', async (_, [task, wrap]) => {
    const { stop, ended } = await start(task, wrap)
    await postgres.untilRunning('handled')
    void stop()
    expect(await ended).toMatchObject({ outcome: 'cancelled' })
    await postgres.untilStopped('handled')
  })
})

it('leaves a job alone that ends, and gives it the configured deadline', async () => {
  const seen = deferred<AbortSignal>()
  const { ended } = await start(async (_payload, helpers) => {
    const signal = requestSignal(helpers)
    await postgres.pool().query({ text: 'SELECT pg_sleep(0.05)', signal })
    seen.resolve(signal)
  })
  expect(await ended).toBeUndefined()
  const signal = await seen.promise
  expect([signal.aborted, Math.round(remainingMs(signal) / 60_000)]).toEqual([false, 15])
})

it('shows the test ledger which task a query serves', async () => {
  const ledger = new Ledger()
  ledger.start()
  onTestFinished(() => {
    ledger.stop()
  })
  const { ended } = await start(async (_payload, helpers) => {
    await helpers.query('SELECT 1 AS served')
  }, withJobSignal)
  await ended
  const serving = ledger.queries.filter(({ entryPoint }) => entryPoint !== undefined)
  expect(serving.map(({ sql, entryPointName }) => [sql, entryPointName])).toEqual([
    ['SELECT 1 AS served', 'work'],
  ])
})

it('knows what are no helpers', () => {
  expect(() => requestSignal({})).toThrow(TypeError)
})
