import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { analyzeProject, fixProject, type ProjectInput } from './project.js'
import { fixed, fixedFiles } from './testing/fixed.js'
import { ESM, lines, sampleProject, tsconfig } from './testing/sample-project.js'

const EXPRESS = lines(
  `import express, { Router } from 'express'`,
  `import { Pool } from 'pg'`,
  `import { ctxSignal } from '@ctx-fix/runtime/express'`,
  `const pool = new Pool()`,
  `const rows = async () => (await pool.query('SELECT 1')).rows`,
)
const HONO = lines(
  `import { Hono } from 'hono'`,
  `import { Pool } from 'pg'`,
  `import { ctxSignal } from '@ctx-fix/runtime/hono'`,
  `const pool = new Pool()`,
  `const rows = async () => (await pool.query('SELECT 1')).rows`,
)
const KOA = lines(
  `import Koa from 'koa'`,
  `import { Pool } from 'pg'`,
  `const pool = new Pool()`,
  `const rows = async () => (await pool.query('SELECT 1')).rows`,
)
const answer = 'async (_req, res) => { res.json(await rows()) }'
const reply = 'async (c) => c.json(await rows())'

function projectOf(files: Readonly<Record<string, string>>, options: object = {}): ProjectInput {
  const { root } = sampleProject({
    'package.json': ESM,
    'tsconfig.json': tsconfig({ skipLibCheck: true, ...options }),
    ...files,
  })
  const names = Object.keys(files).map((name) => join(root, name))
  return {
    root,
    files: names,
    report: names,
    tsconfig: join(root, 'tsconfig.json'),
    config: { propagation: 'ambient' },
  }
}

/** The lines of the files in which `check` finds that a signal is missing. */
async function missing(...files: readonly string[]): Promise<readonly (string | undefined)[]> {
  const texts = Object.fromEntries(files.map((text, index) => [`src/${index}.ts`, text]))
  const { report } = await analyzeProject(projectOf(texts))
  return report.findings
    .filter(({ reason }) => reason.endsWith('establishes-nothing'))
    .map(({ file, line }) => texts[`src/${basename(file)}`]?.split('\n')[line - 1]?.trim())
}

describe('one application of several', () => {
  it('is asked for the middleware that another has', async () => {
    const text = lines(
      EXPRESS,
      `const app = express()`,
      `const admin = express()`,
      `admin.use(ctxSignal())`,
      `admin.get('/', ${answer})`,
      `app.get('/x', ${answer})`,
    )
    expect(await missing(text)).toEqual(['const app = express()'])
    expect(await fixed(text, 'ambient')).toContain('const app = express()\napp.use(ctxSignal())\n')
  })

  it('is told from one of the same name in another function', async () => {
    const text = lines(
      EXPRESS,
      `export function open() {`,
      `  const app = express() // open`,
      `  app.use(ctxSignal())`,
      `  app.get('/', ${answer})`,
      `  return app`,
      `}`,
      `export function shut() {`,
      `  const app = express() // shut`,
      `  app.get('/', ${answer})`,
      `  return app`,
      `}`,
    )
    expect(await missing(text)).toEqual(['const app = express() // shut'])
  })

  it('is asked for the handlers of a router that is mounted in it', async () => {
    const text = lines(
      EXPRESS,
      `const router = Router()`,
      `router.get('/', ${answer})`,
      `const app = express()`,
      `const admin = express()`,
      `admin.use(ctxSignal())`,
    )
    expect(await missing(`${text}admin.use(router)\n`)).toEqual([])
    expect(await missing(`${text}app.use('/', router)\n`)).toEqual(['const app = express()'])
  })
})

describe('middleware', () => {
  it('for one path is not for the others', async () => {
    const routes = lines(`app.get('/x', ${answer})`)
    const used = lines(EXPRESS, `const app = express()`, `app.use('/admin', ctxSignal())`, routes)
    expect(await missing(used)).toEqual(['const app = express()'])
    expect(await missing(used.replace('/admin', '/'))).toEqual([])
    const hono = lines(HONO, `const app = new Hono()`, `app.use('*', ctxSignal())`)
    expect(await missing(`${hono}app.get('/', ${reply})\n`)).toEqual([])
  })

  it('is not for what is registered before it', async () => {
    const text = lines(
      EXPRESS,
      `const app = express()`,
      `app.get('/before', ${answer})`,
      `app.use(ctxSignal())`,
      `app.get('/behind', ${answer})`,
    )
    expect(await missing(text)).toEqual(['const app = express()'])
    expect(await missing(text.replace(/.*before.*\n/, ''))).toEqual([])
  })

  it('of a router is for its handlers alone', async () => {
    const text = lines(
      EXPRESS,
      `const app = express()`,
      `const router = Router()`,
      `router.use(ctxSignal())`,
      `router.get('/', ${answer})`,
      `app.use(router)`,
    )
    expect(await missing(text)).toEqual([])
    expect(await missing(`${text}app.get('/x', ${answer})\n`)).toEqual(['const app = express()'])
  })

  it('of a route is for that', async () => {
    const text = lines(EXPRESS, `express().get('/x', ctxSignal(), ${answer})`)
    expect(await missing(text)).toEqual([])
  })

  it('is found across files, whatever hands the application on', async () => {
    const routes = lines(
      EXPRESS,
      `import type { Express } from 'express'`,
      `export const router = Router()`,
      `router.get('/', ${answer})`,
      `export function register(app: Express) { app.get('/x', ${answer}) }`,
    )
    const app = lines(
      EXPRESS,
      `import { register, router } from './0.js'`,
      `class Server {`,
      `  readonly app = express()`,
      `  constructor() {`,
      `    this.app.use(ctxSignal())`,
      `    this.routes()`,
      `  }`,
      `  routes() {`,
      `    this.app.get('/own', ${answer})`,
      `    this.app.use(router)`,
      `    register(this.app)`,
      `  }`,
      `}`,
      `export const { app } = new Server()`,
    )
    expect(await missing(routes, app)).toEqual([])
  })
})

describe('applications of Hono in one another', () => {
  const users = lines(HONO, `export const users = new Hono().get('/', ${reply})`)

  it('need the middleware in the outermost alone', async () => {
    const app = lines(
      `import { Hono } from 'hono'`,
      `import { users } from './users.js'`,
      `const app = new Hono()`,
      `  .basePath('/api')`,
      `  .route('/users', users)`,
      `export default app`,
    )
    const after = await fixedFiles({ 'src/users.ts': users, 'src/app.ts': app }, 'ambient')
    expect(after['src/app.ts']).toContain(
      `new Hono()\n  .use(ctxSignal())\n  .basePath('/api')\n  .route('/users', users)\n`,
    )
    expect(after['src/users.ts']).toContain(`new Hono().get('/'`)
  })

  it('may be mounted from a list', async () => {
    const app = lines(
      HONO,
      `import { users } from './0.js'`,
      `const app = new Hono()`,
      `app.use(ctxSignal())`,
      `for (const each of [users]) app.route('/', each)`,
    )
    expect(await missing(users, app)).toEqual([])
  })
})

describe('the middleware is added where an application is made', () => {
  const bare = (text: string) => text.replace(/import \{ ctxSignal.*\n/, '')
  const E = bare(EXPRESS)

  it.each([
    [
      'in a field, with a constructor',
      lines(
        E,
        `export class Server {`,
        `  app = express()`,
        `  constructor() {`,
        `    this.app.get('/', ${answer})`,
        `  }`,
        `}`,
      ),
      '  constructor() {\n    this.app.use(ctxSignal())\n    this.app.get',
    ],
    [
      'in a field, with a constructor of a derived class',
      lines(
        E,
        `class Base {}`,
        `export class Server extends Base {`,
        `  app = express()`,
        `  constructor() {`,
        `    super()`,
        `    this.app.get('/', ${answer})`,
        `  }`,
        `}`,
      ),
      '    super()\n    this.app.use(ctxSignal())\n    this.app.get',
    ],
    [
      'in a private field, without a constructor',
      lines(
        KOA,
        `export class Server {`,
        `  private koa = new Koa()`,
        `  start() {`,
        `    this.koa.use(async (ctx) => { ctx.body = await rows() })`,
        `  }`,
        `}`,
      ),
      'private koa = new Koa().use(ctxSignal())\n',
    ],
    [
      'in a field of its own',
      lines(
        E,
        `export class Server {`,
        `  #app = express()`,
        `  constructor() { this.#app.get('/', ${answer}) }`,
        `}`,
      ),
      'constructor() { this.#app.use(ctxSignal()); this.#app.get(',
    ],
    [
      'by a constructor',
      lines(
        E,
        `export class Server {`,
        `  app: express.Express`,
        `  constructor() {`,
        `    this.app = express()`,
        `    this.app.get('/', ${answer})`,
        `  }`,
        `}`,
      ),
      '    this.app = express()\n    this.app.use(ctxSignal())\n',
    ],
    [
      'behind the declaration',
      lines(E, `let app: express.Express`, `app = express()`, `app.get('/', ${answer})`),
      '\napp = express()\napp.use(ctxSignal())\n',
    ],
    [
      'in a chain',
      lines(E, `export default express().use(express.json()).get('/', ${answer})`),
      'express().use(ctxSignal()).use(express.json())',
    ],
    [
      'on one line with its routes',
      lines(
        E,
        `export function make() { const app = express(); app.get('/', ${answer}); return app }`,
      ),
      `const app = express(); app.use(ctxSignal()); app.get('/'`,
    ],
    [
      'on one line with the end of its block',
      lines(E, `export let app: express.Express`, `{ app = express() }`, `app.get('/', ${answer})`),
      `{ app = express(); app.use(ctxSignal()); }`,
    ],
    [
      'for Hono, on one line with its routes',
      lines(
        bare(HONO),
        `export function make() { const app = new Hono(); app.get('/', ${reply}); return app }`,
      ),
      `const app = new Hono(); app.use(ctxSignal()); app.get('/'`,
    ],
  ])('%s', async (_, text, expected) => {
    expect(await missing(text)).toHaveLength(1)
    const after = await fixed(text, 'ambient')
    expect(after).toContain(expected)
    expect(await missing(after)).toEqual([])
  })

  it('and exported the CommonJS way', async () => {
    const text = lines(
      `const express = require('express')`,
      `const { Pool } = require('pg')`,
      `const pool = new Pool()`,
      `const app = module.exports = express()`,
      `app.get('/', async (_req, res) => {`,
      `  res.json((await pool.query('SELECT 1')).rows)`,
      `})`,
    )
    const after = await fixedFiles({ 'package.json': '{}', 'src/app.js': text }, 'ambient')
    expect(after['src/app.js']).toContain('= express()\napp.use(ctxSignal())\n')
  })
})

it.each([
  [
    'beside another that is mended',
    `const good = express()\ngood.get('/', ${answer})`,
    [true, false],
  ],
  ['alone', '', [false]],
])('what the type checker takes back is left as a finding: %s', async (_, other, expected) => {
  const text = lines(
    EXPRESS.replace(/import \{ ctxSignal.*\n/, ''),
    other,
    `type Closed = express.Express & { use: never }`,
    `const bad = express() as Closed`,
    `bad.get('/', ${answer})`,
  )
  const { report } = await fixProject(projectOf({ 'src/app.ts': text }), { verify: true })
  expect(report.summary.rolledBack).toBe(1)
  expect(report.findings.map((each) => each.fixed)).toEqual(expected)
})
