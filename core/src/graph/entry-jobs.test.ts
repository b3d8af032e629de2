import { describe, expect, test } from 'vitest'
import { analysisOf, type Files } from '../testing/program.js'

/** `library: title <- request parameter`, for each entry point. */
function entries(files: Files | string): readonly string[] {
  const analysis = analysisOf(files)
  return [...analysis.entries.values()]
    .map((entry) => {
      const { params } = analysis.resolver.program.fn(entry.file, entry.fn)
      return `${entry.library}: ${entry.title} <- ${params[entry.request]?.name ?? '-'}`
    })
    .sort()
}

type Case = [situation: string, files: Files | string, expected: readonly string[]]

describe('processors of BullMQ', () => {
  test.each<Case>([
    [
      'inline, and by the name of a function of another file',
      {
        'src/mail.ts': `export async function sendMail(task) {}`,
        'src/app.ts': `import { Worker } from 'bullmq'\nimport { sendMail } from './mail.js'
new Worker('mail', sendMail, {})\nexport const worker = new Worker('sms', async (job, token, signal) => {})`,
      },
      ['bullmq: Worker mail <- task', 'bullmq: Worker sms <- job'],
    ],
    [
      'by the type Processor, and in a class of workers',
      `import { Worker, type Processor } from 'bullmq'
export const resize: Processor = async (picture) => {}
export class Mails { worker = new Worker('mails', (job) => this.send(job))
  async send(job) {} }`,
      ['bullmq: Worker mails <- job', 'bullmq: resize <- picture'],
    ],
    [
      'process of a WorkerHost of Nest, and no other method',
      `import { Processor, WorkerHost, OnWorkerEvent } from '@nestjs/bullmq'
import type { Job } from 'bullmq'
@Processor('mails') export class Mails extends WorkerHost {
  async process(job: Job) {}
  @OnWorkerEvent('completed') done(job: Job) {}
  other() {}
}`,
      ['nestjs-bullmq: process <- job'],
    ],
    [
      'a file or nothing as processor, a queue, and a worker of threads',
      `import { Queue, Worker } from 'bullmq'\nimport { Worker as Thread } from 'node:worker_threads'
new Worker('a', './processor.js')\nnew Queue('b', {})\nnew Thread('c', (job) => {})`,
      [],
    ],
  ])('%s', (_, files, expected) => {
    expect(entries(files)).toEqual(expected)
  })
})

describe('handlers of pg-boss', () => {
  test.each<Case>([
    [
      'with and without options',
      `import { PgBoss } from 'pg-boss'\nconst boss = new PgBoss('')
await boss.work('mail', async ([job]) => {})\nawait boss.work('sms', { batchSize: 5 }, async (jobs) => {})`,
      ['pg-boss: work mail <- -', 'pg-boss: work sms <- jobs'],
    ],
    [
      'of the default export, and a method',
      {
        'src/boss.js': `const PgBoss = require('pg-boss')\nmodule.exports = new PgBoss('')`,
        'src/app.js': `const boss = require('./boss')\nclass Mails { start() { boss.work('mails', (all) => this.send(all)) } send(all) {} }`,
      },
      ['pg-boss: work mails <- all'],
    ],
  ])('%s', (_, files, expected) => {
    expect(entries(files)).toEqual(expected)
  })
})

describe('tasks of Graphile Worker', () => {
  test.each<Case>([
    [
      'in a list where it is run, and in one of another file',
      {
        'src/tasks.ts': `import { sendMail } from './mail.js'\nexport const taskList = { sendMail, sweep: async () => {} }`,
        'src/mail.ts': `export async function sendMail(payload, tools) {}`,
        'src/app.ts': `import { run, runTaskList } from 'graphile-worker'\nimport { taskList } from './tasks.js'
await run({ taskList })\nawait runTaskList({}, { resize: async (payload, helpers) => {} }, pool)`,
      },
      [
        'graphile-worker: resize <- helpers',
        'graphile-worker: sendMail <- tools',
        'graphile-worker: sweep <- -',
      ],
    ],
    [
      'by type: a task, and those of a list',
      `import type { Task, TaskList } from 'graphile-worker'
const send: Task<'send'> = async (payload, helpers) => {}\nexport default send
export const others: TaskList = { sweep: async (_, tools) => {} }`,
      ['graphile-worker: send <- helpers', 'graphile-worker: sweep <- tools'],
    ],
  ])('%s', (_, files, expected) => {
    expect(entries(files)).toEqual(expected)
  })
})

describe('what runs at a time', () => {
  test.each<Case>([
    [
      'node-cron',
      `import cron, { createTask } from 'node-cron'\nasync function sweep() {}
cron.schedule('* * * * *', sweep)\ncreateTask('0 3 * * *', async () => {})`,
      ['node-cron: createTask 0 3 * * * <- -', 'node-cron: schedule * * * * * <- -'],
    ],
    [
      'agenda, with and without options',
      `import { Agenda } from 'agenda'\nconst agenda = new Agenda({})
agenda.define('mail', async (job) => {})\nagenda.define('sms', { concurrency: 5 }, async (job) => {})`,
      ['agenda: define mail <- -', 'agenda: define sms <- -'],
    ],
    [
      'cron, by new and by from',
      `import { CronJob } from 'cron'\nnew CronJob('* * * * *', async () => {})
CronJob.from({ cronTime: '0 3 * * *', onTick: async () => {}, onComplete: () => {} })`,
      ['cron: CronJob * * * * * <- -', 'cron: from <- -'],
    ],
  ])('%s', (_, files, expected) => {
    expect(entries(files)).toEqual(expected)
  })
})

describe('handlers of gRPC', () => {
  test.each<Case>([
    [
      'in the object that a service is added with',
      `import { Server } from '@grpc/grpc-js'\nimport { books } from './generated.js'\nconst server = new Server()
server.addService(books, { async get(call, callback) {}, list: (stream) => {} })`,
      ['@grpc/grpc-js: get <- call', '@grpc/grpc-js: list <- stream'],
    ],
    [
      'of another file, wrapped one by one',
      {
        'src/wrap.ts': `export const wrap = (work) => (call, callback) => { work(call).then((v) => callback(null, v), callback) }`,
        'src/books.ts': `import { wrap } from './wrap.js'\nexport const handlers = { get: wrap(async (request) => {}) }`,
        'src/app.ts': `import * as grpc from '@grpc/grpc-js'\nimport { handlers } from './books.js'
const server = new grpc.Server()\nserver.addService(proto.Books.service, handlers)`,
      },
      ['@grpc/grpc-js: get <- request'],
    ],
    [
      'the methods of an instance',
      `import { Server } from '@grpc/grpc-js'\nclass Books { get(call, callback) {} static make() {} }
new Server().addService(service, new Books())`,
      ['@grpc/grpc-js: get <- call'],
    ],
    [
      'by the types of their parameters, and of the generated interface',
      {
        'src/generated.ts': `import type { handleUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js'
export interface BooksServer extends UntypedServiceImplementation { get: handleUnaryCall<object, object> }`,
        'src/books.ts': `import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js'
import type { BooksServer } from './generated.js'
export const books: BooksServer = { get: (asked, callback) => {} }
export function list(call: ServerUnaryCall<object, object>, callback: sendUnaryData<object>) {}`,
      },
      ['@grpc/grpc-js: get <- asked', '@grpc/grpc-js: list <- call'],
    ],
  ])('%s', (_, files, expected) => {
    expect(entries(files)).toEqual(expected)
  })
})

describe('events of sockets', () => {
  test.each<Case>([
    [
      'of socket.io, in the connection, behind it, and of a namespace',
      `import { Server, type Socket } from 'socket.io'
const io = new Server()
io.use(async (a, next) => {}).on('connection', (b) => { b.on('message', async (c, done) => {}) })
const join = (d: Socket) => d.on('join', async () => {})
io.of('/admin').on('connection', async () => {})`,
      [
        'socket.io: on connection <- -',
        'socket.io: on connection <- -',
        'socket.io: on join <- -',
        'socket.io: on message <- -',
        'socket.io: use <- -',
      ],
    ],
    [
      'of ws, by both names of its server',
      `import WebSocket, { WebSocketServer } from 'ws'
new WebSocketServer({ port: 1 }).on('connection', (a, request) => { a.on('message', async (b) => {}) })
new WebSocket.Server({ port: 2 }).on('connection', () => {})`,
      ['ws: on connection <- -', 'ws: on connection <- -', 'ws: on message <- -'],
    ],
    [
      'other events of the server, and emitters of other libraries',
      `import { Server } from 'socket.io'\nimport { EventEmitter } from 'node:events'
new Server().on('new_namespace', () => {})\nnew EventEmitter().on('connection', () => {})`,
      [],
    ],
  ])('%s', (_, files, expected) => {
    expect(entries(files)).toEqual(expected)
  })
})
