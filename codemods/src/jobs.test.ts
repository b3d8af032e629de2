import { describe, expect, it } from 'vitest'
import { fixedFiles } from './testing/fixed.js'
import { lines } from './testing/sample-project.js'

const POOL = lines(`import { Pool } from 'pg'`, `const pool = new Pool()`)
const QUERY = `  await pool.query('SELECT 1')`
const PASSED = `  await pool.query({ text: 'SELECT 1', signal })`

async function fixed(text: string, propagation: 'explicit' | 'ambient'): Promise<string> {
  const after = await fixedFiles({ 'src/app.ts': text }, propagation)
  return after['src/app.ts'] ?? ''
}

interface Job {
  readonly name: string
  readonly text: string
  readonly explicit: readonly string[]
  readonly ambient: readonly string[]
}

const jobs: readonly Job[] = [
  {
    name: 'a processor of BullMQ',
    text: lines(
      `import { Worker } from 'bullmq'`,
      POOL,
      `export const worker = new Worker('mail', async (job) => {`,
      `  await pool.query('SELECT $1', [job.id])`,
      `}, { connection: {} })`,
    ),
    explicit: [
      `import { requestSignal, withJobSignal } from '@ctx-fix/runtime/bullmq'`,
      `new Worker('mail', withJobSignal(async (job) => {\n  const signal = requestSignal(job)\n`,
      `values: [job.id], signal })\n}), { connection: {} })`,
    ],
    ambient: [
      `import { withJobSignal } from '@ctx-fix/runtime/bullmq'`,
      `new Worker('mail', withJobSignal(async (job) => {\n  await pool.query('SELECT $1', [job.id])\n})`,
    ],
  },
  {
    name: 'a processor of BullMQ that takes its signal',
    text: lines(
      `import { Worker } from 'bullmq'`,
      POOL,
      `export const worker = new Worker('mail', async (_job, _token, signal) => {`,
      QUERY,
      `}, { connection: {} })`,
    ),
    explicit: [`withJobSignal(async (_job, _token, signal) => {\n${PASSED}\n`],
    ambient: [`withJobSignal(async (_job, _token, signal) => {\n${QUERY}\n`],
  },
  {
    name: 'a processor of BullMQ by its name',
    text: lines(
      `import { Worker, type Job } from 'bullmq'`,
      POOL,
      `async function send(job: Job): Promise<void> {`,
      `  await pool.query('SELECT $1', [job.id])`,
      `}`,
      `export const worker = new Worker('mail', send, { connection: {} })`,
    ),
    explicit: [`new Worker('mail', withJobSignal(send), {`, 'const signal = requestSignal(job)'],
    ambient: [`new Worker('mail', withJobSignal(send), {`],
  },
  {
    name: 'a WorkerHost of Nest',
    text: lines(
      `import { Processor, WorkerHost } from '@nestjs/bullmq'`,
      `import type { Job } from 'bullmq'`,
      POOL,
      `@Processor('mail')`,
      `export class Mails extends WorkerHost {`,
      `  async process(job: Job): Promise<void> {`,
      `    await pool.query('SELECT $1', [job.id])`,
      `  }`,
      `}`,
    ),
    explicit: [
      `import { JobSignal } from '@ctx-fix/runtime/nest'`,
      `import { requestSignal } from '@ctx-fix/runtime/bullmq'`,
      `  @JobSignal()\n  async process(job: Job): Promise<void> {\n    const signal = requestSignal(job)\n`,
    ],
    ambient: [`  @JobSignal()\n  async process(job: Job): Promise<void> {\n    await`],
  },
  {
    name: 'a handler of pg-boss',
    text: lines(
      `import { PgBoss } from 'pg-boss'`,
      POOL,
      `const boss = new PgBoss('')`,
      `await boss.work<{ id: number }>('mail', async ([job]) => {`,
      `  if (job) await pool.query('SELECT $1', [job.data.id])`,
      `})`,
    ),
    explicit: [`async ([job]) => {`],
    ambient: [`boss.work<{ id: number }>('mail', withJobSignal(async ([job]) => {`, `}))`],
  },
  {
    name: 'a handler of pg-boss with options, which takes the batch',
    text: lines(
      `import { PgBoss } from 'pg-boss'`,
      POOL,
      `const boss = new PgBoss('')`,
      `await boss.work('mail', { batchSize: 5 }, async (jobs) => {`,
      `  for (const job of jobs) await pool.query('SELECT $1', [job.id])`,
      `})`,
    ),
    explicit: [`async (jobs) => {\n  const signal = requestSignal(jobs)\n`],
    ambient: [`{ batchSize: 5 }, withJobSignal(async (jobs) => {`],
  },
  {
    name: 'tasks of Graphile Worker',
    text: lines(
      `import { run, type Task } from 'graphile-worker'`,
      POOL,
      `const sendMail: Task = async (_payload, helpers) => {`,
      `  helpers.logger.info('sends')`,
      QUERY,
      `}`,
      `await run({ taskList: { sendMail, sweep: async () => {`,
      QUERY,
      `} } })`,
    ),
    explicit: [
      `(_payload, helpers) => {\n  const signal = requestSignal(helpers)\n`,
      `import { requestSignal } from '@ctx-fix/runtime/graphile-worker'`,
    ],
    ambient: [`taskList: withJobSignal({ sendMail, sweep: async () => {\n${QUERY}\n} }) })`],
  },
  {
    name: 'a query of the helpers of Graphile Worker',
    text: lines(
      `import { run } from 'graphile-worker'`,
      `await run({ taskList: { sweep: async (_payload, helpers) => {`,
      `  await helpers.query('DELETE FROM sessions')`,
      `  await helpers.withPgClient(async (client) => {`,
      `    await client.query('SELECT 1')`,
      `  })`,
      `} } })`,
    ),
    explicit: [
      `withSignal(signal, () => helpers.query('DELETE FROM sessions'))`,
      `const signal = requestSignal(helpers)`,
    ],
    ambient: [`taskList: withJobSignal({ sweep: `],
  },
  {
    name: 'a job of node-cron',
    text: lines(
      `import cron from 'node-cron'`,
      POOL,
      `cron.schedule('0 3 * * *', async () => {`,
      QUERY,
      `})`,
    ),
    explicit: [
      `import { requestSignal } from '@ctx-fix/runtime/job'`,
      `async () => {\n  const signal = requestSignal()\n${PASSED}\n`,
    ],
    ambient: [`cron.schedule('0 3 * * *', withJobSignal(async () => {\n${QUERY}\n}))`],
  },
  {
    name: 'a job of cron',
    text: lines(
      `import { CronJob } from 'cron'`,
      POOL,
      `async function sweep() {`,
      QUERY,
      `}`,
      `export const job = new CronJob('0 3 * * *', sweep, null, true)`,
      `export const other = CronJob.from({ cronTime: '0 4 * * *', onTick: async () => {`,
      QUERY,
      `} })`,
    ),
    explicit: [`async function sweep() {\n  const signal = requestSignal()\n${PASSED}\n`],
    ambient: [
      `new CronJob('0 3 * * *', withJobSignal(sweep), null, true)`,
      `onTick: withJobSignal(async () => {\n${QUERY}\n}) })`,
    ],
  },
  {
    name: 'a batch of AWS Lambda by the name of its handler',
    text: lines(
      `import type { SQSEvent } from 'aws-lambda'`,
      POOL,
      `export const handler = async (event: SQSEvent) => {`,
      `  for (const { body } of event.Records) await pool.query('SELECT $1', [body])`,
      `}`,
    ),
    explicit: [
      `(event: SQSEvent, context: object) => {\n  const signal = requestSignal(context)\n`,
    ],
    ambient: [`handler = withDeadlineSignal(async (event: SQSEvent) => {`],
  },
  {
    name: 'handlers of gRPC',
    text: lines(
      `import { Server, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js'`,
      POOL,
      `async function get(call: ServerUnaryCall<{ id: string }, object>, callback: sendUnaryData<object>) {`,
      `  const { rows } = await pool.query<object>('SELECT $1', [call.request.id])`,
      `  callback(null, rows[0] ?? {})`,
      `}`,
      `new Server().addService({}, { get })`,
    ),
    explicit: [
      `import { requestSignal } from '@ctx-fix/runtime/grpc'`,
      `sendUnaryData<object>) {\n  const signal = requestSignal(call)\n`,
    ],
    ambient: [`addService({}, withRequestSignal({ get }))`],
  },
]

describe.each(jobs)('$name', ({ text, explicit, ambient }) => {
  it('derives its signal', async () => {
    const after = await fixed(text, 'explicit')
    expect(explicit.filter((each) => !after.includes(each))).toEqual([])
  })

  it('has its signal put around it', async () => {
    const after = await fixed(text, 'ambient')
    expect(ambient.filter((each) => !after.includes(each))).toEqual([])
  })
})
