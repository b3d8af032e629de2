import { describe, expect, it } from 'vitest'
import { rewrite } from '../testing/rewrite.js'
import { lines } from '../testing/sample-project.js'

const pool = lines(
  "import { Pool, type PoolClient } from 'pg'",
  'export const pool = new Pool()',
  'export async function query(text: string, params?: unknown[]) {',
  '  return pool.query(text, params)',
  '}',
  'export async function withTransaction<T>(run: (client: PoolClient) => Promise<T>): Promise<T> {',
  '  const client = await pool.connect()',
  '  try {',
  '    return await run(client)',
  '  } finally {',
  '    client.release()',
  '  }',
  '}',
)

const routes = (...body: string[]) =>
  lines(
    "import express from 'express'",
    "import { pool, query, withTransaction } from './pool.js'",
    'export const app = express()',
    ...body,
  )

const added = (text: string | undefined) => text?.split('\n') ?? []

describe('a client that is left out, or handed on by a helper', () => {
  it('is the pool’s own where every way leads to the pool', () => {
    const { files } = rewrite({
      'pool.ts': pool,
      'routes.ts': routes(
        "import { type PoolClient } from 'pg'",
        'async function inside<T>(client: PoolClient | undefined, run: (db: PoolClient) => Promise<T>) {',
        '  return client ? run(client) : withTransaction(run)',
        '}',
        'async function enqueue(id: string, client?: PoolClient) {',
        "  await inside(client, (db) => db.query('insert into jobs values ($1)', [id]))",
        '}',
        "app.post('/a', async (req, res) => {",
        '  await enqueue(req.params.id)',
        '  await withTransaction((client) => enqueue(req.params.id, client))',
        '  res.end()',
        '})',
      ),
    })
    expect(files['routes.ts']).toContain(
      "db.query({ text: 'insert into jobs values ($1)', values: [id], signal })",
    )
  })

  it('is wrapped where a caller gives something else', () => {
    const { files } = rewrite({
      'pool.ts': pool,
      'routes.ts': routes(
        "import { type PoolClient } from 'pg'",
        "const load = (db: PoolClient, id: string) => db.query('select $1', [id])",
        "app.get('/a', async (req, res) => {",
        '  await withTransaction((client) => load(client, req.params.id))',
        '  await load({ query: async () => ({ rows: [] }) } as never, req.params.id)',
        '  res.end()',
        '})',
      ),
    })
    expect(files['routes.ts']).toContain("withSignal(signal, () => db.query('select $1', [id]))")
  })
})

describe('constants that a wrapped call needs before it', () => {
  const source = routes(
    'interface Db { query(text: string, values: unknown[]): Promise<unknown> }',
    'interface Row { id?: string; name?: string }',
    'const db: Db = new Proxy(pool, {})',
    'async function save(row: Row) {',
    "  if (!row.id || !row.name) throw new Error('incomplete')",
    "  await db.query('insert into a values ($1)', [row.id])",
    "  await db.query('insert into b values ($1)', [row.name])",
    '}',
    "app.post('/a', async (req, res) => {",
    '  await save(req.body)',
    '  res.end()',
    '})',
  ).replace('const db: Db', 'const db')

  it('have names of their own in one function', () => {
    const { files } = rewrite({ 'pool.ts': pool, 'routes.ts': source })
    expect(added(files['routes.ts']).filter((line) => line.includes('values'))).toEqual([
      expect.stringContaining('interface Db'),
      '  const values = [row.id]',
      "  await withSignal(signal, () => db.query('insert into a values ($1)', values))",
      '  const values2 = [row.name]',
      "  await withSignal(signal, () => db.query('insert into b values ($1)', values2))",
    ])
  })

  it('are left out where nothing can have been narrowed', () => {
    const { files } = rewrite({
      'pool.ts': pool,
      'routes.ts': source.replace(/^ {2}if .*\n/m, ''),
    })
    expect(files['routes.ts']).toContain(
      "withSignal(signal, () => db.query('insert into a values ($1)', [row.id]))",
    )
  })
})

describe('a function that goes from hand to hand', () => {
  it('is called with the signal where it is called, and stays as it is where it is passed on', () => {
    const { files } = rewrite({
      'pool.ts': pool,
      'routes.ts': routes(
        'type Executor = typeof query | { query: typeof query }',
        'function run(executor: Executor, text: string) {',
        "  return typeof executor === 'function' ? executor(text) : executor.query(text)",
        '}',
        'async function load(executor: Executor = query) {',
        "  return run(executor, 'select 1')",
        '}',
        "app.get('/a', async (req, res) => {",
        '  res.json(await load())',
        '})',
      ),
    })
    expect(files['routes.ts']).toContain("return run(executor, 'select 1', signal)")
    expect(files['routes.ts']).toContain('executor(text, undefined, signal)')
  })

  it('is an arrow where it is bound and handed to something that iterates', () => {
    const { files } = rewrite({
      'pool.ts': pool,
      'routes.ts': routes(
        'class Repo {',
        "  find(id: number) { return pool.query('select $1', [id]) }",
        '  all(ids: number[]) { return Promise.all(ids.map(this.find.bind(this))) }',
        '}',
        'const repo = new Repo()',
        "app.get('/a', async (req, res) => {",
        '  res.json(await repo.all([1, 2]))',
        '})',
      ),
    })
    expect(files['routes.ts']).toContain('ids.map((id) => this.find(id, signal))')
  })

  it('keeps its optional parameters where an own function calls it', () => {
    const { files } = rewrite({
      'pool.ts': pool,
      'routes.ts': routes(
        'async function list(page: number, size?: number) {',
        "  return (await pool.query('select $1', [page])).rows.slice(0, size)",
        '}',
        'async function twice(load: (page: number, size?: number) => Promise<unknown[]>) {',
        '  return [await load(1, 10), await load(2, 20)]',
        '}',
        "app.get('/a', async (req, res) => {",
        '  res.json(await twice(list))',
        '})',
      ),
    })
    expect(files['routes.ts']).toContain('twice((page, size) => list(page, size, signal))')
  })
})

describe('a program that was rewritten', () => {
  it('has the same calls to the database, none of them without a signal', () => {
    const before = {
      'pool.ts': pool,
      'routes.ts': routes(
        "import { type Pool } from 'pg'",
        'const watched = new Proxy(pool, {})',
        'async function save(db: Pool, id: string) {',
        '  const client = await db.connect()',
        "  await client.query('insert into a values ($1)', [id])",
        '  client.release()',
        '}',
        "app.post('/a', async (req, res) => {",
        '  await save(watched, req.params.id)',
        '  res.end()',
        '})',
      ),
    }
    const { files } = rewrite(before)
    expect(files['routes.ts']).toContain('await withSignal(signal, () => db.connect())')
    expect(files['routes.ts']).toContain('await withSignal(signal, () => client.query(')
    const again = rewrite({ ...before, ...files })
    expect(again.files).toEqual({})
    expect(again.sinks).toEqual(['pool.query', 'client.query'])
  })
})

describe('a function that a test spies on', () => {
  it('takes a signal all the same', () => {
    const { files } = rewrite({
      'pool.ts': pool,
      'audit.ts': lines(
        "import { pool } from './pool.js'",
        "export const audit = { log: (text: string) => pool.query('insert into log values ($1)', [text]) }",
      ),
      'audit.test.ts': lines(
        "import { expect } from 'vitest'",
        "import { audit } from './audit.js'",
        'expect(audit.log).toHaveBeenCalled()',
      ),
      'routes.ts': routes(
        "import { audit } from './audit.js'",
        "app.post('/a', async (req, res) => {",
        "  await audit.log('a')",
        '  res.end()',
        '})',
      ),
    })
    expect(files['routes.ts']).toContain("audit.log('a', signal)")
  })
})

describe('entry points', () => {
  it('are not the functions that a middleware factory calls with something else', () => {
    const { files } = rewrite({
      'pool.ts': pool,
      'routes.ts': routes(
        'const findUser = (id: string) => pool.query("select $1", [id])',
        'const need = (name: string, read: (value: string) => unknown) =>',
        '  async (req: any, res: any, next: () => void) => {',
        '    req.read = await read(req.query[name])',
        '    next()',
        '  }',
        "app.get('/a', need('id', findUser), (req, res) => void res.end())",
      ),
    })
    expect(files['routes.ts'] ?? '').not.toContain('requestSignal(id)')
  })

  it('are found through a promise that hands them out', () => {
    const { files } = rewrite({
      'pool.ts': pool,
      'routes.ts': routes(
        'function helpers() {',
        '  async function list(req: { q: string }, res: { json(rows: unknown): void }) {',
        "    res.json(await pool.query('select 1'))",
        '  }',
        '  return { list }',
        '}',
        'const ready = new Promise((resolve) => { resolve(helpers()) })',
        'ready.then((made) => {',
        '  const { list } = made',
        "  app.get('/a', list)",
        '})',
      ),
    })
    expect(files['routes.ts']).toContain('const signal = requestSignal(req)')
  })

  it('derive from what the framework gives, whatever global name types it', () => {
    const { files } = rewrite({
      'pool.ts': pool,
      'routes.ts': routes(
        'async function list(req: Request, res: any) {',
        "  res.json(await pool.query('select 1'))",
        '}',
        "app.get('/a', list)",
      ),
    })
    expect(files['routes.ts']).toContain('const signal = requestSignal(req)')
  })

  it('are functions of a request that extends the framework’s', () => {
    const { reasons } = rewrite({
      'pool.ts': pool,
      'routes.ts': routes(
        "import type { Request, Response } from 'express'",
        'interface UserRequest extends Request { user: string }',
        'export class Users {',
        '  async list(req: UserRequest, res: Response) {',
        "    res.json(await pool.query('select 1'))",
        '  }',
        '}',
      ),
    })
    expect(reasons).toContain('sink-without-signal-in-handler')
  })
})

describe('the import of the runtime', () => {
  const handler = lines(
    "import express from 'express'",
    "import { pool } from './db.js'",
    'const app = express()',
    "app.get('/', async (req, res) => { res.json(await pool.query('SELECT 1')) })",
  )
  const db = lines("import { Pool } from 'pg'", 'export const pool = new Pool()')
  const script = lines(
    "import { Client } from 'pg'",
    'const client = new Client()',
    'await client.connect()',
  )

  it('stands where the process that sends the statement loads it, not in a script beside it', () => {
    const { files } = rewrite({ 'a-script.ts': script, 'app.ts': handler, 'db.ts': db })
    expect(files['a-script.ts']).toBeUndefined()
    expect(files['db.ts']).toContain("import '@ctx-fix/runtime/pg'")
  })

  it('stands where the pool is made, not where an own function is asked for it', () => {
    const { files } = rewrite({
      'a-server.ts': lines(
        "import { createPool } from './pool.js'",
        "import { createApp } from './app.js'",
        'const pool = createPool()',
        'createApp(pool).listen(1)',
      ),
      'app.ts': lines(
        "import express from 'express'",
        "import type { Pool } from 'pg'",
        'export function createApp(pool: Pool) {',
        '  const app = express()',
        "  app.get('/', async (req, res) => { res.json(await pool.query('SELECT 1')) })",
        '  return app',
        '}',
      ),
      'pool.ts': lines(
        "import { Pool } from 'pg'",
        'export function createPool() { return new Pool() }',
      ),
    })
    expect(files['pool.ts']).toContain("import '@ctx-fix/runtime/pg'")
    expect(files['a-server.ts']).toBeUndefined()
  })

  it('stands in each of two servers that make pools of their own', () => {
    const own = handler.replace(
      "import { pool } from './db.js'",
      "import { Pool } from 'pg'\nconst pool = new Pool()",
    )
    const { files } = rewrite({ 'app.ts': handler, 'db.ts': db, 'worker.ts': own })
    expect(files['db.ts']).toContain("import '@ctx-fix/runtime/pg'")
    expect(files['worker.ts']).toContain("import '@ctx-fix/runtime/pg'")
  })
})

describe('a handler that derives a signal', () => {
  const app = (line: string) =>
    rewrite({
      'app.ts': lines(
        "import express from 'express'",
        "import { Pool } from 'pg'",
        'const pool = new Pool()',
        'export function routes(app: express.Application) {',
        line,
        '}',
      ),
    }).files['app.ts']

  it.each([
    [
      'on the line of its brace where something stands there',
      "  app.get('/', async (req, res) => { const a = 1\n    res.json(await pool.query('SELECT 1')) })",
      '{ const signal = requestSignal(req); const a = 1',
    ],
    [
      'behind a directive on that line',
      "  app.get('/', async (req, res) => { 'use strict'; res.json(await pool.query('SELECT 1')) })",
      "'use strict'; const signal = requestSignal(req);",
    ],
    [
      'by way of the response where the request is taken apart',
      "  app.get('/', async ({ params }) => { await pool.query('SELECT 1') })",
      'async ({ params }, res) => { const signal = requestSignal(res.req);',
    ],
  ])('%s', (_, line, expected) => {
    expect(app(line)).toContain(expected)
  })

  it('is left alone where it takes all arguments as one list', () => {
    expect(
      app("  app.get('/', async (...args) => { await pool.query('SELECT 1') })"),
    ).toBeUndefined()
  })
})

describe('a wait for a client in a helper that others hand a signal', () => {
  const before = {
    'pool.ts': pool,
    'routes.ts': routes(
      'async function inside<T>(run: () => Promise<T>) {',
      '  return withTransaction(() => run())',
      '}',
      "app.get('/report', async (req, res) => {",
      "  res.json(await withTransaction((client) => client.query('select 1')))",
      '})',
      "app.get('/ready', async (req, res) => {",
      "  await inside(async () => 'ready')",
      '  res.end()',
      '})',
    ),
  }

  it('gets one from handlers that do nothing but wait, at once', () => {
    const first = rewrite(before)
    expect(first.files['routes.ts']).toContain("await inside(async () => 'ready', signal)")
    expect(rewrite({ ...before, ...first.files }).files).toEqual({})
  })
})

it('gives an interface its parameter once, however many of its implementations want it', () => {
  const { files } = rewrite({
    'pool.ts': pool,
    'store.ts': lines(
      'export interface Store<T, K> {',
      '  get(key: K): Promise<T>',
      '}',
      'export interface UserStore extends Store<string, number> {}',
    ),
    'stores.ts': lines(
      "import type { Pool } from 'pg'",
      "import type { Store, UserStore } from './store.js'",
      'export class Users implements UserStore {',
      '  constructor(private readonly pool: Pool) {}',
      '  async get(id: number) {',
      "    return String((await this.pool.query('select $1', [id])).rowCount)",
      '  }',
      '}',
      'export class Posts implements Store<string, string> {',
      '  constructor(private readonly pool: Pool) {}',
      '  async get(id: string) {',
      "    return String((await this.pool.query('select $1', [id])).rowCount)",
      '  }',
      '}',
    ),
    'routes.ts': routes(
      "import { Posts, Users } from './stores.js'",
      'const users = new Users(pool)',
      'const posts = new Posts(pool)',
      "app.get('/:id', async (req, res) => {",
      '  res.json([await users.get(1), await posts.get(req.params.id)])',
      '})',
    ),
  })
  expect(added(files['store.ts'])).toContain('  get(key: K, signal?: AbortSignal): Promise<T>')
})

it('keeps a builder that passes for a promise of nothing as one', () => {
  const { files } = rewrite({
    'app.ts': lines(
      "import express from 'express'",
      "import knex from 'knex'",
      "const db = knex({ client: 'pg' })",
      'async function remove(id: string): Promise<void> {',
      "  return db('users').where({ id }).del()",
      '}',
      "express().delete('/:id', async (req, res) => {",
      '  await remove(req.params.id)',
      '  res.end()',
      '})',
    ),
  })
  expect(files['app.ts']).toContain(
    "return withSignal<void>(signal, () => db('users').where({ id }).del())",
  )
})

it('threads an implementation that nobody calls, where its interface comes to offer a signal', () => {
  const store = (name: string) => [
    `export class ${name} implements Store {`,
    '  constructor(private readonly pool: Pool) {}',
    '  async get(id: string) {',
    "    return String((await this.pool.query('select $1', [id])).rowCount)",
    '  }',
    '}',
  ]
  const { files } = rewrite({
    'pool.ts': pool,
    'stores.ts': lines(
      "import type { Pool } from 'pg'",
      'export interface Store {',
      '  get(id: string): Promise<string>',
      '}',
      ...store('Users'),
      ...store('Unused'),
    ),
    'routes.ts': routes(
      "import { Users } from './stores.js'",
      'const users = new Users(pool)',
      "app.get('/:id', async (req, res) => {",
      '  res.json(await users.get(req.params.id))',
      '})',
    ),
  })
  const taking = added(files['stores.ts']).filter((line) => line.includes('get(id: string, signal'))
  expect(taking).toHaveLength(3)
})
