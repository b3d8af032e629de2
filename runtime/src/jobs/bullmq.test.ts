import 'reflect-metadata'
import { BullModule, Processor as QueueProcessor, WorkerHost } from '@nestjs/bullmq'
import { NestFactory } from '@nestjs/core'
import { Queue, Worker, type Job, type Processor } from 'bullmq'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Ledger } from '../assert/ledger/ledger.js'
import { deferred } from '../deferred.js'
import { JobSignal } from '../http/nest.js'
import { configure, currentSignal, remainingMs } from '../index.js'
import { slow, useDatabase } from '../test-support/database.js'
import { hasRedis, useRedis } from '../test-support/redis.js'
import { requestSignal, withJobSignal } from './bullmq.js'

describe.skipIf(!hasRedis)('BullMQ', () => {
  const postgres = useDatabase()
  const redis = useRedis()

  /** Adds a job for a worker of its own, and tells how it failed. */
  async function start(name: string, processor: Processor) {
    const worker = new Worker(name, processor, redis)
    const queue = new Queue(name, redis)
    onTestFinished(async () => {
      await Promise.all([worker.close(true), queue.close()])
    })
    const failed = deferred<Error>()
    const completed = deferred<unknown>()
    worker.on('failed', (_, error) => {
      failed.resolve(error)
    })
    worker.on('completed', (_, result) => {
      completed.resolve(result)
    })
    const job = await queue.add('work', {})
    return { worker, id: job.id ?? '', failed: failed.promise, completed: completed.promise }
  }

  const processors: Record<string, Processor> = {
    'a parameter': withJobSignal((_job, _token, signal) =>
      postgres.pool().query({ text: slow('work'), signal }),
    ),
    'what surrounds it': withJobSignal(() => postgres.pool().query(slow('work'))),
    'requestSignal inside of withJobSignal': withJobSignal((job) =>
      postgres.pool().query({ text: slow('work'), signal: requestSignal(job) }),
    ),
    "requestSignal with BullMQ's own": (job, _token, signal) =>
      postgres.pool().query({ text: slow('work'), signal: requestSignal(job, signal) }),
  }

  it.each(Object.entries(processors))(
    'cancels the statement of a job that is cancelled: by %s',
    async (how, processor) => {
      const { worker, id, failed } = await start(how, processor)
      await postgres.untilRunning('work')
      expect(worker.cancelJob(id, 'no longer wanted')).toBe(true)
      expect(await failed).toMatchObject({ outcome: 'cancelled', cause: 'no longer wanted' })
      await postgres.untilStopped('work')
    },
  )

  it('leaves a job alone that is not cancelled', async () => {
    const { completed } = await start('left', async (job) => {
      const signal = requestSignal(job)
      await postgres.pool().query({ text: 'SELECT pg_sleep(0.05)', signal })
      return signal.aborted
    })
    expect(await completed).toBe(false)
  })

  it('has a deadline where nothing cancels it', async () => {
    const { failed } = await start('slow', (job) =>
      postgres
        .pool()
        .query({ text: slow('late'), signal: requestSignal(job, undefined, { timeoutMs: 200 }) }),
    )
    expect(await failed).toMatchObject({ name: 'TimeoutError', outcome: 'cancelled' })
    await postgres.untilStopped('late')
  })

  it('has the configured deadline, unless it is given one', async () => {
    configure({ jobTimeoutMs: 60_000 })
    onTestFinished(() => {
      configure({ jobTimeoutMs: 900_000 })
    })
    const left = (options: object) =>
      withJobSignal(() => Promise.resolve(Math.ceil(remainingMs(currentSignal()) / 1_000)), options)
    const runs = [
      await start('default', left({})),
      await start('given', left({ timeoutMs: 120_000 })),
    ]
    expect(await Promise.all(runs.map((each) => each.completed))).toEqual([60, 120])
  })

  it('shows the test ledger which job a query serves', async () => {
    const ledger = new Ledger()
    ledger.start()
    onTestFinished(() => {
      ledger.stop()
    })
    const pool = postgres.pool()
    const { completed } = await start(
      'mails',
      withJobSignal(async () => {
        await pool.query('SELECT 1')
      }),
    )
    await completed
    const [query] = ledger.take()
    expect(query?.entryPoint).toMatchObject({ kind: 'job', name: 'mails/work' })
    expect(query?.entryPoint?.isOver).toBe(true)
  })

  it('cancels jobs of a WorkerHost of Nest, which is given no signal of its own', async () => {
    const pool = postgres.pool()
    const failed = deferred<Error>()
    class Mails extends WorkerHost {
      async process(_job: Job): Promise<void> {
        await pool.query(slow('nest'))
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(Mails.prototype, 'process') ?? {}
    JobSignal()(Mails.prototype, 'process', descriptor)
    Object.defineProperty(Mails.prototype, 'process', descriptor)
    QueueProcessor('nest')(Mails)
    const app = await NestFactory.createApplicationContext({
      module: Mails,
      imports: [
        BullModule.forRoot({ connection: redis.connection }),
        BullModule.registerQueue({ name: 'nest' }),
      ],
      providers: [Mails],
    })
    onTestFinished(() => app.close())
    const { worker } = app.get(Mails)
    worker.on('failed', (_, error) => {
      failed.resolve(error)
    })
    const queue = new Queue('nest', redis)
    onTestFinished(() => queue.close())
    const job = await queue.add('work', {})
    await postgres.untilRunning('nest')
    worker.cancelJob(job.id ?? '')
    expect(await failed.promise).toMatchObject({ outcome: 'cancelled' })
  })
})

it('knows what is no job of BullMQ', () => {
  expect(() => requestSignal({})).toThrow(TypeError)
})
