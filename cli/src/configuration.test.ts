import { readFileSync } from 'node:fs'
import { configSchema } from '@ctx-fix/core'
import Ajv from 'ajv'
import { describe, expect, it } from 'vitest'
import { runBin } from './testing/bin.js'
import { createRepository } from './testing/workspace.js'

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')

/** The settings that stand under a name in docs/configuration.md. */
function example(name: string): string {
  const text = page.split(`<!-- example: ${name} -->`)[1] ?? ''
  return /```json\n([^]+?)```/.exec(text)?.[1] ?? ''
}

/** A project with the settings of an example, in plain TypeScript, without what it imports being installed. */
function project(name: string, files: Readonly<Record<string, string>>, settings: object = {}) {
  const config = { ...(JSON.parse(example(name)) as object), ...settings }
  return createRepository({
    'package.json': '{ "type": "module", "dependencies": { "@ctx-fix/runtime": "0", "pg": "8" } }',
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        strict: true,
        target: 'es2022',
        module: 'nodenext',
        types: ['node'],
        noEmit: true,
        skipLibCheck: true,
        experimentalDecorators: true,
      },
      include: ['src'],
    }),
    'ctx-fix.config.json': JSON.stringify(config),
    ...files,
  })
}

const declarations = {
  'src/acme.d.ts': `declare module '@acme/db' {
  export function queryRows<T>(sql: string, params?: unknown[]): Promise<T[]>
  export function execute(sql: string): Promise<void>
  export interface Tx { queryRows<T>(sql: string): Promise<T[]> }
  export function transaction<T>(run: (tx: Tx) => Promise<T>): Promise<T>
}
declare module '@acme/server' {
  import type { IncomingMessage } from 'node:http'
  export interface Call { req: IncomingMessage; body: string }
  export interface App { route(route: { method: string; path: string; handler(call: Call): Promise<unknown> }): App }
  export function createApp(): App
}
declare module '@acme/server/signals' {
  export function requestSignal(call: object): AbortSignal
}
declare module '@acme/jobs' {
  export function defineJob<T>(name: string, run: (payload: T) => Promise<void>): void
}
`,
}

describe('the examples of docs/configuration.md', () => {
  it('helpers around a database', () => {
    const { root, read } = project('helpers', {
      ...declarations,
      'src/app.ts': `import express from 'express'
import { execute, queryRows, transaction } from '@acme/db'

const app = express()

app.get('/books/:id', async (req, res) => {
  res.json(await queryRows('SELECT * FROM books WHERE id = $1', [req.params.id]))
})

app.post('/books', async (req, res) => {
  await transaction(async (tx) => {
    await tx.queryRows('INSERT INTO books DEFAULT VALUES')
  })
  await execute('ANALYZE books')
  res.end()
})
`,
    })
    expect(runBin(root, 'check').stdout).toContain('@acme/db (3 calls)')
    expect(runBin(root)).toMatchObject({ status: 0, stderr: '' })
    const after = read('src/app.ts')
    expect(after).toContain(`  const signal = requestSignal(req)
  res.json(await withSignal(signal, () => queryRows('SELECT * FROM books WHERE id = $1', [req.params.id])))`)
    expect(after).toContain("withSignal(signal, () => execute('ANALYZE books'))")
    expect(after).toContain(
      "withSignal(signal, () => tx.queryRows('INSERT INTO books DEFAULT VALUES'))",
    )
    expect(runBin(root, 'check').status).toBe(0)
  })

  it('a helper that takes a signal itself', () => {
    const settings = JSON.parse(example('helpers')) as {
      libraries: { entities: { Query: { call: { sink: { carriers: object[] } } } } }[]
    }
    const [library] = settings.libraries
    if (library) library.entities.Query.call.sink.carriers = [{ kind: 'argument', arg: 2 }]
    const { root, read } = project(
      'helpers',
      {
        'src/acme.d.ts': `declare module '@acme/db' {
  export function queryRows(sql: string, params?: unknown[], signal?: AbortSignal): Promise<object[]>
}
`,
        'src/app.ts': `import { queryRows } from '@acme/db'

export async function find(id: string, signal?: AbortSignal) {
  return queryRows('SELECT $1', [id])
}
`,
      },
      settings,
    )
    expect(runBin(root).status).toBe(0)
    expect(read('src/app.ts')).toContain("return queryRows('SELECT $1', [id], signal)")
  })

  it('a wrapper that gives a library’s own values, in a module of the program', () => {
    const { root, read } = project('repositories', {
      'src/database.ts': `import type { ObjectLiteral, Repository } from 'typeorm'

const registry = new Map<string, unknown>()

export const connections = {
  getRepository<T extends ObjectLiteral>(ctx: object, entity: { new (): T }): Repository<T> {
    return (registry.get(entity.name) as (ctx: object) => Repository<T>)(ctx)
  },
}
`,
      'src/books.ts': `import { connections } from './database.js'

export class Book {
  id = 0
}

export async function all(ctx: object, signal?: AbortSignal) {
  const books = connections.getRepository(ctx, Book)
  return books.find()
}
`,
    })
    expect(runBin(root, 'check').stdout).toContain('typeorm (1 call)')
    expect(runBin(root)).toMatchObject({ status: 0, stderr: '' })
    expect(read('src/books.ts')).toContain('withSignal(signal, () => books.find())')
  })

  it('a framework of one’s own', () => {
    const { root, read } = project('framework', {
      ...declarations,
      'src/app.ts': `import { createApp } from '@acme/server'
import { Pool } from 'pg'

const pool = new Pool()

createApp().route({
  method: 'POST',
  path: '/books',
  async handler(call) {
    await pool.query('INSERT INTO books VALUES ($1)', [call.body])
  },
})
`,
    })
    expect(runBin(root, 'check').stdout).toContain('entry points  1, of which 1 reach such a call')
    expect(runBin(root)).toMatchObject({ status: 0, stderr: '' })
    const after = read('src/app.ts')
    expect(after).toContain("import { requestSignal } from '@acme/server/signals'")
    expect(after).toContain('    const signal = requestSignal(call)\n')
  })

  it('a deriver of one’s own', () => {
    const { root, read } = project('deriver', {
      'src/acme.d.ts': `declare module '@acme/http' {
  export function signalFrom(request: object): AbortSignal
}
`,
      'src/app.ts': `import express from 'express'
import { signalFrom } from '@acme/http'
import { Pool } from 'pg'

const pool = new Pool()

express().get('/', async (req, res) => {
  const scope = signalFrom(req)
  res.json(await pool.query('SELECT 1'))
})
`,
    })
    expect(runBin(root)).toMatchObject({ status: 0, stderr: '' })
    expect(read('src/app.ts')).toContain("pool.query({ text: 'SELECT 1', signal: scope })")
  })

  const job = {
    ...declarations,
    'src/app.ts': `import { defineJob } from '@acme/jobs'
import { Pool } from 'pg'

const pool = new Pool()

export const sweep = defineJob('sweep', async () => {
  await pool.query('DELETE FROM sessions WHERE expires < now()')
})
`,
  }

  it('a wrapper around jobs', () => {
    const { root, read } = project('jobs', job)
    expect(runBin(root)).toMatchObject({ status: 0, stderr: '' })
    expect(read('src/app.ts')).toContain(`defineJob('sweep', async () => {
  const signal = requestSignal()
  await pool.query({ text: 'DELETE FROM sessions WHERE expires < now()', signal })
})`)
  })

  it('a wrapper around jobs, in ambient mode', () => {
    const { root, read } = project('jobs', job, { propagation: 'ambient' })
    expect(runBin(root)).toMatchObject({ status: 0, stderr: '' })
    expect(read('src/app.ts')).toContain(`defineJob('sweep', withJobSignal(async () => {`)
    expect(runBin(root, 'check').status).toBe(0)
  })
})

describe('config.schema.json, which an editor reads', () => {
  const schema = JSON.parse(
    readFileSync(new URL('../config.schema.json', import.meta.url), 'utf8'),
  ) as object
  const fits = new Ajv({ allErrors: true }).compile(schema)
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const written = [...(page + readme).matchAll(/```json\n(\{[^]+?)```/g)].map(
    ([, text]) => text ?? '',
  )

  it('the pages hold examples', () => {
    expect(written.length).toBeGreaterThanOrEqual(5)
  })

  it.each(written)('accepts what the pages show: %s', (text) => {
    fits(JSON.parse(text))
    expect(fits.errors).toBe(null)
  })

  it.each<[slip: string, config: object]>([
    ['an unknown key', { propogation: 'explicit' }],
    ['an unknown value', { propagation: 'implicit' }],
    ['a text for a list', { signalNames: 'abort' }],
    ['a budget in words', { budgets: { payment: '3 s' } }],
    ['a library without modules', { libraries: [{ name: 'a', kind: 'database' }] }],
    [
      'an unknown key deep in a library',
      {
        libraries: [
          {
            name: 'a',
            kind: 'database',
            modules: ['a'],
            exports: {},
            entities: { A: { members: { run: { sinks: {} } } } },
          },
        ],
      },
    ],
    [
      'a carrier without its position',
      {
        libraries: [
          {
            name: 'a',
            kind: 'database',
            modules: ['a'],
            exports: {},
            entities: {
              A: { call: { sink: { carriers: [{ kind: 'argument' }], effect: 'cancels' } } },
            },
          },
        ],
      },
    ],
  ])('rejects %s', (_slip, config) => {
    expect(fits(config)).toBe(false)
  })

  it('is what the command itself reads', () => {
    expect(schema).toEqual(configSchema())
  })
})
