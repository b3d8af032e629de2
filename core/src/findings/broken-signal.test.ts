import { expect, test } from 'vitest'
import { analysisOf } from '../testing/program.js'
import { findAll } from './find.js'

test.each([
  [
    'given to a query',
    `app.post('/', async (req) => db.query({ text: 'SELECT 1', signal: req.signal }))`,
  ],
  ['given to a function', `app.post('/', async (req) => load(req.signal))`],
  [
    'in a handler that is registered by its name',
    `const handler = async (req) => load(req.signal)\napp.post('/', handler)`,
  ],
  [
    'in a declaration',
    `app.put('/', handler)\nasync function handler(request, reply) { await load(request.signal) }`,
  ],
])('a signal of Fastify that aborts with the body is reported: %s', (_, code) => {
  expect(reasons(code)).toEqual(['handler-uses-broken-signal'])
})

test.each([
  [
    'of a handler without a body',
    `const handler = async (req) => load(req.signal)\napp.get('/', handler)`,
  ],
  [
    'of another parameter',
    `const handler = async (req, reply) => load(reply.signal)\napp.post('/', handler)`,
  ],
])('and no other: %s', (_, code) => {
  expect(reasons(code)).not.toContain('handler-uses-broken-signal')
})

function reasons(code: string): readonly string[] {
  const analysis = analysisOf(`import Fastify from 'fastify'
import { Pool } from 'pg'
const db = new Pool()
const app = Fastify()
const load = async (signal: AbortSignal) => db.query({ text: 'SELECT 1', signal })
${code}`)
  return findAll(analysis, { noSignalInScope: 'report' }).map(({ finding }) => finding.reason)
}
