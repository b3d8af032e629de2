import { createTestDatabase } from '@ctx-fix/fixtures/test-database'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runProve } from '../testing/run-prove.js'

// What serves without a server that listens: requests that are injected, and jobs that a test calls.
let connectionString: string
let drop: () => Promise<void>

beforeAll(async () => {
  const database = await createTestDatabase()
  ;({ connectionString } = database)
  drop = () => database.drop()
})
afterAll(() => drop())

const PROJECT = {
  'package.json': '{"type":"module"}',
  'shop.test.js': `
import { after, test } from 'node:test'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { Pool } from 'pg'
import '@ctx-fix/runtime/pg'
import { asJob } from '@ctx-fix/runtime/assert'
import { withJobSignal as withMailSignal } from '@ctx-fix/runtime/bullmq'
import { requestSignal } from '@ctx-fix/runtime/fastify'
import { requestSignal as honoSignal } from '@ctx-fix/runtime/hono'
import { withJobSignal } from '@ctx-fix/runtime/pg-boss'

const pool = new Pool({ connectionString: process.env.APP_DATABASE })
after(() => pool.end())

const fastify = Fastify()
fastify.get('/books/:id', (request) =>
  pool.query({ text: 'SELECT 1', signal: requestSignal(request) }))
fastify.get('/bare', () =>
  pool.query('SELECT 2'))
const hono = new Hono()
hono.onError((error, context) => context.text(String(error), 500))
hono.get('/books', async (context) => {
  await pool.query({ text: 'SELECT 3', signal: honoSignal(context) })
  return context.text('')
})
hono.get('/bare', async (context) => {
  await pool.query('SELECT 4')
  return context.text('')
})
const mail = withMailSignal(async (job) => {
  await pool.query('SELECT 5')
})
const sweep = withJobSignal(async (jobs) => {
  await pool.query('SELECT 6')
})

test('injected', () => fastify.inject('/books/7'))
test('injected, bare', () => fastify.inject('/bare'))
for (const path of ['/books', '/bare']) {
  test('hono ' + path, () => asJob('GET ' + path, (signal) => hono.request(path, { signal })))
}
test('bullmq', () => mail({ name: 'welcome', queueName: 'mails' }))
test('pg-boss', () => sweep([{ id: '1', name: 'sweep', expireInSeconds: 60, signal: new AbortController().signal }]))
test('a job of its own', () => asJob('refresh', (signal) => pool.query({ text: 'SELECT 7', signal })))
test('a job, bare', () => asJob('refresh-bare', () => pool.query('SELECT 8')))
`,
}

it('proves what injected requests and jobs reach', async () => {
  const { sites, output } = await runProve({
    files: PROJECT,
    command: ['--test', 'shop.test.js'],
    env: { APP_DATABASE: connectionString },
    runs: 2,
    withinMs: 500,
  })
  const found = sites
    .filter(({ sql }) => sql !== undefined)
    .map(({ sql, status, entryPoints }) => [sql, status, entryPoints[0]?.name])
  expect(found.sort(), output).toEqual([
    ['SELECT 1', 'proven-cancelled', 'GET /books/:id'],
    ['SELECT 2', 'ran-on', 'GET /bare'],
    ['SELECT 3', 'proven-cancelled', 'GET /books'],
    ['SELECT 4', 'ran-on', 'GET /bare'],
    ['SELECT 5', 'proven-cancelled', 'mails/welcome'],
    ['SELECT 6', 'proven-cancelled', 'sweep'],
    ['SELECT 7', 'proven-cancelled', 'refresh'],
    ['SELECT 8', 'ran-on', 'refresh-bare'],
  ])
}, 120_000)
