import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { reasonWords, type Reason } from '@ctx-fix/core'
import * as parser from '@typescript-eslint/parser'
import { AST_NODE_TYPES, type TSESTree } from '@typescript-eslint/utils'
import { Linter } from 'eslint'
import { describe, expect, it } from 'vitest'
import plugin from './index.js'

const pages = fileURLToPath(new URL('../../docs/rules/', import.meta.url))

interface Report {
  readonly reason: Reason
  readonly message: string
  readonly underlined: string
  readonly code: string
}

function lint(code: string, ctx: object = {}): Report[] {
  const messages = new Linter().verify(
    code,
    [
      {
        files: ['**/*.ts'],
        plugins: { ctx: plugin },
        languageOptions: { parser },
        rules: plugin.configs.all.rules,
        settings: { ctx },
      },
    ],
    { filename: 'example.ts' },
  )
  const lines = code.split('\n').map((each) => `${each}\n`)
  const offsetOf = (line: number, column: number) =>
    lines.slice(0, line - 1).join('').length + column - 1
  return messages.map(({ messageId, message, line, column, endLine, endColumn }) => ({
    reason: messageId as Reason,
    message,
    underlined: code.slice(offsetOf(line, column), offsetOf(endLine ?? 0, endColumn ?? 0)),
    code,
  }))
}

/** The faulty examples of the rules' pages. */
const examples = readdirSync(pages)
  .filter((each) => each !== 'README.md')
  .flatMap((each) => readFileSync(pages + each, 'utf8').split(/^#{2,3} /m))
  .filter((each) => each.startsWith('Incorrect\n'))
  .flatMap((each) => [...each.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code ?? ''))

const pool = `import { Pool } from 'pg'
const pool = new Pool()
`
const app = `import express from 'express'
${pool}const app = express()
`

/** Faults that no page has an example of. */
const more: [code: string, ctx?: object][] = [
  [
    `${app}app.get('/', async (req, res) => { await pool.query('SELECT 1') })`,
    { propagation: 'ambient' },
  ],
  [
    `import { schedule } from 'node-cron'
${pool}schedule('0 3 * * *', async () => { await pool.query('SELECT 1') })`,
  ],
  [
    `import { Server } from 'socket.io'
${pool}const load = (name: string) => pool.query('SELECT $1', [name])
new Server().on('connection', (socket) => { socket.on('join', async (name) => { await load(name) }) })`,
  ],
  [
    `import { CommandHandler } from '@nestjs/cqrs'
${pool}@CommandHandler(Archive)
export class ArchiveHandler {
  async execute() { return pool.query('SELECT 1') }
}`,
  ],
  [
    `${pool}export async function GET(request: Request) { return pool.query('SELECT 1') }`,
    { propagation: 'ambient' },
  ],
  [
    `${app}app.use(ctxSignal())
app.get('/', async (req, res) => { void pool.query('SELECT 1') })`,
    { propagation: 'ambient' },
  ],
  [
    `${app}app.use(ctxSignal())
app.get('/', async (req, res) => {
  // ctx:detached -- nobody waits for it
  void pool.query('SELECT 1')
})`,
    { propagation: 'ambient' },
  ],
  [
    `class Job {
  constructor(private readonly signal: AbortSignal) {}
  run(signal: AbortSignal) { return fetch('https://a', { signal: this.signal }) }
}`,
  ],
  [`${app}app.get('/', (req, res) => { setTimeout(() => pool.query('SELECT 1'), 10) })`],
  [`${pool}export const visit = (signal: AbortSignal) => { void pool.query('SELECT 1') }`],
  [
    `${pool}const cache = new Map<string, Promise<unknown>>()
export async function load(id: string, signal: AbortSignal) {
  const found = pool.query('SELECT 1')
  cache.set(id, found)
  return found
}`,
  ],
  [
    `${pool}const cache = new Map<string, Promise<unknown>>()
export async function load(id: string, signal: AbortSignal) {
  const found = pool.query({ text: 'SELECT 1', signal })
  cache.set(id, found)
  return found
}`,
  ],
  [
    `${app}const refreshers = new Map<string, () => Promise<unknown>>()
app.get('/:id', async (req, res) => {
  const signal = requestSignal(req)
  refreshers.set(req.params.id, () => pool.query('SELECT 1'))
})`,
  ],
  [
    `export async function load() {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), 100)
  await fetch('https://a', { signal: controller.signal })
  clearTimeout(timer)
}`,
  ],
  [
    `export async function load(signal: AbortSignal) {
  const child = new AbortController()
  signal.addEventListener('abort', () => child.abort())
  return await fetch('https://a', { signal: child.signal })
}`,
  ],
  [
    `import Fastify from 'fastify'
Fastify().get('/', async (request) => {
  void fetch('https://a', { signal: request.signal })
  return 'ok'
})`,
  ],
  [
    `${pool}export async function load(signal: AbortSignal) {
  const client = await pool.connect({ signal })
  await client.query({ text: 'SELECT 1', signal })
}`,
  ],
  [
    `import knex from 'knex'
const db = knex({ client: 'pg' })
export const load = () => db('a').select('b').timeout(100)`,
  ],
  [
    `import { defineBudgets } from '@ctx-fix/runtime'
export const budgets = defineBudgets({ payment: { timeoutMs: 5_000 }, feed: { timeoutMs: 1 } })
export const slow = () => AbortSignal.timeout(60_000)`,
    { budgets: { payment: 3_000 } },
  ],
]

const reports = [
  ...examples.flatMap((each) => lint(each)),
  ...more.flatMap(([code, ctx]) => lint(code, ctx)),
]

type Subject = 'callee' | 'head' | 'signal' | 'name' | 'marker' | 'catch' | 'query'

/** What is underlined: what is called, unless the message is about something else. */
const subjects: Partial<Record<Reason, Subject>> = {
  'handler-uses-broken-signal': 'signal',
  'fresh-signal-unlinked': 'signal',
  'fresh-signal-on-one-branch': 'signal',
  'outer-signal-shadowed': 'signal',
  'signal-without-deadline': 'signal',
  'entry-establishes-nothing': 'head',
  'signal-stored-in-module': 'name',
  'signal-derived-from-itself': 'name',
  'budget-unknown': 'name',
  'marker-without-reason': 'marker',
  'marker-unused': 'marker',
  'abort-swallowed': 'catch',
  'lazy-query-escapes': 'query',
}

/** Texts of what is called, and of what is given to something: arguments, properties, values. */
function partsOf(code: string): { called: Set<string>; given: Set<string> } {
  const called = new Set<string>()
  const given = new Set<string>()
  const textOf = ({ range }: { range: [number, number] }) => code.slice(...range)
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    if (typeof value !== 'object' || value === null || !('type' in value)) return
    const node = value as TSESTree.Node
    if (node.type === AST_NODE_TYPES.CallExpression || node.type === AST_NODE_TYPES.NewExpression) {
      called.add(textOf(node.callee))
      // Of a long chain of calls the last name may do.
      if (node.callee.type === AST_NODE_TYPES.MemberExpression)
        called.add(textOf(node.callee.property))
      for (const each of node.arguments) given.add(textOf(each))
    }
    if (node.type === AST_NODE_TYPES.Property) given.add(textOf(node.value))
    if (node.type === AST_NODE_TYPES.VariableDeclarator && node.init) given.add(textOf(node.init))
    if (node.type === AST_NODE_TYPES.ArrowFunctionExpression) given.add(textOf(node.body))
    if (node.type === AST_NODE_TYPES.ReturnStatement && node.argument)
      given.add(textOf(node.argument))
    for (const [key, child] of Object.entries(node)) if (key !== 'parent') visit(child)
  }
  visit(parser.parse(code, { range: true }))
  return { called, given }
}

describe('every message of every rule', () => {
  const reasons = Object.keys(reasonWords) as Reason[]

  it.each(reasons)('%s', (reason) => {
    const found = reports.filter((each) => each.reason === reason)
    expect(found).not.toEqual([])
    for (const { message, underlined, code } of found) {
      // No placeholder is left, and what to do about it is said.
      expect(message).not.toMatch(/[{}]\w|undefined|``/)
      expect(message).toMatch(
        /\b(?:pass|use|add|take|mark|derive|clear|call|rethrow|await|remove|needs a reason|give it|run it)\b/i,
      )
      const { called, given } = partsOf(code)
      const subject = subjects[reason] ?? 'callee'
      if (subject === 'marker') expect(underlined).toMatch(/^\/\/ ctx:detached/)
      else if (subject === 'head') expect(underlined).toMatch(/^[^{]+$/)
      else if (subject === 'catch') expect(underlined).toBe('catch')
      else if (subject === 'name') expect(underlined).toMatch(/^[\w.]+$/)
      else if (subject === 'callee' && /^\w+$/.test(underlined) && !called.has(underlined))
        // An option that is written somewhere: `query_timeout`.
        expect(message).toContain(`\`${underlined}\``)
      else expect([...(subject === 'callee' ? called : given)]).toContain(underlined)
    }
  })
})

describe('a chain', () => {
  const chain = `${pool}const query = () => pool.query('SELECT 1')
const find = () => query()
const load = () => find()
export const show = async (signal: AbortSignal) => {
  signal.throwIfAborted()
  await load()
}
`

  it('is told once, where the signal is lost, and not again for each of its links', () => {
    expect(lint(chain).map(({ message, underlined }) => [underlined, message])).toEqual([
      [
        'load',
        'The signal `signal` is lost here: `load` takes none. Let it take one, and pass `signal`. It leads to find → query → pool.query.',
      ],
    ])
  })

  it('stands in no message twice', () => {
    for (const { message } of reports) expect(message.split('It leads to').length).toBeLessThan(3)
  })
})

it('a signal that is derived where a callee is given it is not asked for again', () => {
  const code = `${app}import { requestSignal } from '@ctx-fix/runtime/express'
const load = (id: string) => pool.query('SELECT $1', [id])
app.get('/', async (req, res) => { await load('1', requestSignal(req)) })`
  expect(lint(code).map(({ reason }) => reason)).toContain('callee-drops-signal')
  expect(lint(code).map(({ reason }) => reason)).not.toContain('handler-derives-nothing')
})

describe('what to write, in the way of the library', () => {
  it.each<[library: string, code: string, advice: string]>([
    [
      'an option that the library has',
      `export const load = (signal: AbortSignal) => fetch('https://a')`,
      'pass `{ signal }`, or the call runs on',
    ],
    [
      'and what it is of no use without',
      `import { Kysely } from 'kysely'
const db = new Kysely<any>({} as never)
export const load = (signal: AbortSignal) => db.selectFrom('a').selectAll().execute()`,
      "pass `{ signal, inflightQueryAbortStrategy: 'cancel query' }`, or the statement runs on",
    ],
    [
      'an option of the runtime',
      `${pool}export const load = (abort: AbortSignal) => pool.query('SELECT 1')`,
      'pass `{ text, signal: abort }`, or the statement runs on',
    ],
    [
      'what a decorator gives',
      `import { Controller, Get } from '@nestjs/common'
@Controller() export class Users { @Get() all() { return fetch('https://a') } }`,
      'take `@Signal() signal` and pass `{ signal }`',
    ],
    [
      'a part of what a resolver is given',
      `import { initTRPC } from '@trpc/server'
const t = initTRPC.create()
export const all = t.procedure.query(async ({ input }) => fetch('https://a'))`,
      'take `signal` too and pass `{ signal: requestSignal(signal) }`',
    ],
    [
      'a client that may be anything of its type',
      `import type { PoolClient } from 'pg'
export const load = (client: PoolClient, signal: AbortSignal) => client.query('SELECT 1')`,
      'call it in `withSignal(signal, () => …)`, or the statement runs on',
    ],
    [
      'a library that takes none',
      `import knex from 'knex'
const db = knex({ client: 'pg' })
export const load = async (signal: AbortSignal) => await db('a').select('b')`,
      'call it in `withSignal(signal, () => …)`, or the statement runs on',
    ],
    [
      'a wait',
      `${pool}export const take = (signal: AbortSignal) => pool.connect()`,
      'pass `{ signal }`, or the wait runs on',
    ],
    [
      'an own function with options',
      `const load = (id: string, options?: { signal?: AbortSignal }) => fetch(id, options)
export const show = (signal: AbortSignal) => load('a')`,
      'takes a signal and gets none: pass `{ signal }`',
    ],
    [
      'an own function with a parameter',
      `const load = (id: string, signal?: AbortSignal) => fetch(id, { signal })
export const show = (signal: AbortSignal) => load('a')`,
      'takes a signal and gets none: pass `signal`',
    ],
  ])('%s', (_library, code, advice) => {
    expect(lint(code).map(({ message }) => message)[0]).toContain(advice)
  })
})
