import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// Of the package as it is published: needs `npm run build`, which `npm test` does first.
const packageRoot = fileURLToPath(new URL('..', import.meta.url))
const dependencies = join(packageRoot, '..', 'node_modules')
let project = ''

beforeAll(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'ctx-fix-runtime-')))
  // As pnpm lays packages out: the runtime sees its peers beside it, the project only what it names.
  const store = join(project, 'node_modules/.pnpm/runtime/node_modules')
  const installed = join(store, '@ctx-fix/runtime')
  for (const part of ['package.json', 'dist', 'cjs']) {
    cpSync(join(packageRoot, part), join(installed, part), { recursive: true })
  }
  link(installed, join(project, 'node_modules/@ctx-fix/runtime'))
  for (const peer of [
    'pg',
    '@types/pg',
    '@types/express',
    'fastify',
    '@nestjs/common',
    'postgres',
  ]) {
    link(join(dependencies, peer), join(store, peer))
  }
  for (const own of [
    'pg',
    'postgres',
    '@types/pg',
    '@types/node',
    '@types/express',
    '@types/koa',
    'fastify',
    'hono',
    '@nestjs/common',
  ]) {
    link(join(dependencies, own), join(project, 'node_modules', own))
  }
})
afterAll(() => {
  rmSync(project, { recursive: true })
})

const CONSUMER = `
import {
  withSignal, defineBudgets, deadlineFetch, deadlineInterceptor, deriveSignal, remainingMs, replicaRead, statusOf, AbortError,
  type Outcome,
} from '@ctx-fix/runtime'
import { requestSignal as ofNode } from '@ctx-fix/runtime/node'
import { ctxSignal, deadlineErrors, requestSignal } from '@ctx-fix/runtime/express'
import { ctxSignal as plugin, requestSignal as ofFastify } from '@ctx-fix/runtime/fastify'
import { Signal, SignalInterceptor, ctxSignal as ofNest } from '@ctx-fix/runtime/nest'
import { ctxSignal as koaSignal, requestSignal as ofKoa } from '@ctx-fix/runtime/koa'
import { ctxSignal as honoSignal, requestSignal as ofHono } from '@ctx-fix/runtime/hono'
import { requestSignal as ofHapi } from '@ctx-fix/runtime/hapi'
import { requestSignal as ofWeb, withRequestSignal } from '@ctx-fix/runtime/web'
import { ctxSignal as h3Signal } from '@ctx-fix/runtime/h3'
import { withDeadlineSignal } from '@ctx-fix/runtime/lambda'
import { withJobSignal } from '@ctx-fix/runtime/job'
import { withJobSignal as ofBullmq } from '@ctx-fix/runtime/bullmq'
import { withJobSignal as ofPgBoss } from '@ctx-fix/runtime/pg-boss'
import { withJobSignal as ofGraphile } from '@ctx-fix/runtime/graphile-worker'
import { withRequestSignal as ofGrpc } from '@ctx-fix/runtime/grpc'
import { expectCancelled } from '@ctx-fix/runtime/assert'
import { doctor, instrument } from '@ctx-fix/runtime/pg'
import { signalled } from '@ctx-fix/runtime/postgres'
import { Pool, type PoolClient, type QueryConfig } from 'pg'
import type { ErrorRequestHandler, Request, RequestHandler } from 'express'
import type { Sql } from 'postgres'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { IncomingMessage } from 'node:http'
import type { Middleware, ParameterizedContext } from 'koa'
import type { Context, MiddlewareHandler } from 'hono'

export async function all(
  pool: Pool, client: PoolClient, app: FastifyInstance,
  request: Request<{ id: string }>, fastifyRequest: FastifyRequest, message: IncomingMessage,
  koa: ParameterizedContext, hono: Context, sql: Sql,
): Promise<Outcome | undefined> {
  instrument(pool)
  const middleware: RequestHandler = ctxSignal({ timeoutMs: 1_000 })
  await app.register(plugin, { timeoutMs: 1_000 })
  const nest: [RequestHandler, SignalInterceptor] = [ofNest(), new SignalInterceptor({ timeoutMs: 1 })]
  const decorator: ParameterDecorator = Signal()
  const others: [Middleware, MiddlewareHandler] = [koaSignal(), honoSignal()]
  const wrapped = [
    withRequestSignal(async (web: { signal: AbortSignal }) => ofWeb(web)),
    withDeadlineSignal(async (event: { id: string }, invocation: object) => event.id),
    h3Signal(),
    withJobSignal(async (swept: number) => swept, { name: 'sweep' }),
    ofBullmq(async (job: { data: string }, token, signal) => signal?.aborted),
    ofPgBoss(async ([job]: { data: string }[]) => job?.data),
    ofGraphile({ mail: async (payload: string, helpers: object) => undefined }),
    ofGrpc({ find: (call: { request: string }, callback: (error: null, value: string) => void) => undefined }),
  ]
  const signals = [
    requestSignal(request), ofFastify(fastifyRequest), ofNode(message), ofKoa(koa), ofHono(hono), ofHapi(request),
    undefined, null,
  ]
  const [signal] = signals
  const config: QueryConfig = { text: 'SELECT 1', signal }
  await pool.query(config)
  const { rows } = await pool.query<{ n: number }>({ text: 'SELECT $1', values: [1], signal })
  const n: number | undefined = rows[0]?.n
  await client.query({ text: 'SELECT 1', rowMode: 'array', signal })
  const other: PoolClient = await pool.connect({ signal })
  pool.connect({ signal }, (error, client, done) => { done() })
  const derived: AbortSignal = deriveSignal(signal, { timeoutMs: remainingMs() })
  const text: string = await withSignal(derived, () => 'text')
  const errors: ErrorRequestHandler = deadlineErrors()
  const users: readonly { n: number }[] =
    await signalled(sql, (sql) => sql<{ n: number }[]>\`SELECT 1 AS n\`, { signal })
  const budgets = defineBudgets({ feed: replicaRead({ timeoutMs: 1_000, fallback: [1] }) })
  const feed: string | readonly number[] = await budgets.feed.run((signal) => text)
  deriveSignal(signal, { budget: budgets.feed })
  const status: number | undefined = statusOf([await deadlineFetch()('http://callee'), errors, users, feed])
  const dispatch = deadlineInterceptor({ bareUnit: 's' })((options: { path: string }, handler: object) => true)
  const sent: boolean = dispatch({ path: '/' }, {})
  for (const { isFine, message } of await doctor(pool)) if (!isFine) throw new Error(message)
  await expectCancelled((signal) => pool.query({ text, signal }), { pool })
  // @ts-expect-error a signal is no number
  await pool.query({ text: 'SELECT 1', signal: 1 })
  // @ts-expect-error and not everything is accepted beside it
  await pool.connect({ timeout: 1 })
  return new AbortError('', { outcome: 'unknown', cause: [middleware, nest, decorator, others, wrapped, other, n] }).outcome
}
`

const { ModuleKind, ModuleResolutionKind } = ts
const modes: [string, string, ts.CompilerOptions][] = [
  [
    'node10',
    'consumer.ts',
    {
      module: ModuleKind.CommonJS,
      // Deprecated, and what many projects still have.
      // eslint-disable-next-line @typescript-eslint/no-deprecated
      moduleResolution: ModuleResolutionKind.Node10,
      ignoreDeprecations: '6.0',
    },
  ],
  ['node16, ESM', 'consumer.mts', { module: ModuleKind.Node16 }],
  ['node16, CommonJS', 'consumer.cts', { module: ModuleKind.Node16 }],
  [
    'bundler',
    'consumer.ts',
    { module: ModuleKind.ESNext, moduleResolution: ModuleResolutionKind.Bundler },
  ],
]

describe('types', () => {
  it.each(modes)('resolve under %s', (_, file, options) => {
    const path = join(project, file)
    writeFileSync(path, CONSUMER)
    const program = ts.createProgram([path], {
      ...options,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: true,
    })
    expect(errorsOf(program)).toEqual([])
  })

  it('have no errors of their own', () => {
    const path = join(project, 'library.mts')
    writeFileSync(path, CONSUMER)
    const program = ts.createProgram([path], {
      module: ModuleKind.Node16,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts'],
      types: ['node'],
      strict: true,
      noEmit: true,
    })
    const own = program.getSourceFiles().filter(({ fileName }) => fileName.includes('@ctx-fix'))
    expect(own.length).toBeGreaterThan(5)
    for (const source of own) {
      expect(program.getSemanticDiagnostics(source).map(textOf)).toEqual([])
    }
  })
})

describe('at run time', () => {
  it('ESM and CommonJS share the surrounding signal, and instrument pg once', () => {
    const output = run(`
      import { createRequire } from 'node:module'
      import { currentSignal, withSignal } from '@ctx-fix/runtime'
      import '@ctx-fix/runtime/pg'
      const require = createRequire(import.meta.url)
      const other = require('@ctx-fix/runtime')
      const before = require('pg').Client.prototype.query
      require('@ctx-fix/runtime/pg')
      const { signal } = new AbortController()
      const shared = await withSignal(signal, () => other.currentSignal() === signal)
      const back = await other.withSignal(signal, () => currentSignal() === signal)
      console.log(shared, back, require('pg').Client.prototype.query === before)
    `)
    expect(output).toBe('true true true')
  })

  it('instruments every copy of pg, loaded before or after, by import or require', () => {
    for (const copy of ['first', 'second', 'third']) {
      const at = join(project, 'copies', copy, 'node_modules')
      for (const part of ['pg', 'pg-pool']) {
        cpSync(join(dependencies, part), join(at, part), { recursive: true })
      }
      for (const part of ['pg-protocol', 'pg-types', 'pg-connection-string', 'pgpass']) {
        link(join(dependencies, part), join(at, part))
      }
      writeFileSync(join(at, '../esm.mjs'), `export { default } from 'pg'`)
    }
    const output = run(`
      import { createRequire } from 'node:module'
      const requireIn = (copy) => createRequire(new URL('copies/' + copy + '/x.js', import.meta.url))
      const first = requireIn('first')('pg')
      await import('@ctx-fix/runtime/pg')
      const second = requireIn('second')('pg')
      const { default: third } = await import('./copies/third/esm.mjs')
      const mark = Symbol.for('@ctx-fix/runtime.pg.patched:1')
      const seen = [first, second, third].map(({ Client, Pool }) =>
        Boolean(Client.prototype[mark] && Pool.prototype[mark]))
      console.log(new Set([first, second, third]).size, ...seen)
    `)
    expect(output).toBe('3 true true true')
  })
})

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path)
}

function run(script: string): string {
  const path = join(project, 'script.mjs')
  writeFileSync(path, script)
  const { stdout, stderr } = spawnSync(process.execPath, [path], { encoding: 'utf8' })
  return `${stderr}${stdout}`.trim()
}

function errorsOf(program: ts.Program): string[] {
  return ts.getPreEmitDiagnostics(program).map(textOf)
}

function textOf({ file, messageText }: ts.Diagnostic): string {
  return `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
}
