import { describe, expect, it } from 'vitest'
import { fixed, fixedFiles } from './testing/fixed.js'
import { lines } from './testing/sample-project.js'

const NEST = lines(
  `import { Controller, Get, Param, Query } from '@nestjs/common'`,
  `import { NestFactory } from '@nestjs/core'`,
  `import { Pool } from 'pg'`,
  ``,
  `const pool = new Pool()`,
  ``,
  `@Controller('cats')`,
  `export class Cats {`,
  `  @Get()`,
  `  all() {`,
  `    return pool.query('SELECT 1')`,
  `  }`,
  ``,
  `  @Get(':id')`,
  `  async one(`,
  `    @Param('id') id: string,`,
  `    @Query('full') full?: string,`,
  `  ) {`,
  `    return (await pool.query('SELECT $1, $2', [id, full])).rows[0]`,
  `  }`,
  `}`,
  ``,
  `const app = await NestFactory.create(class {})`,
  `await app.listen(3000)`,
)

describe('NestJS', () => {
  it('gives each route a parameter for its signal', async () => {
    expect(await fixed(NEST, 'explicit')).toBe(
      lines(
        `import { Controller, Get, Param, Query } from '@nestjs/common'`,
        `import { NestFactory } from '@nestjs/core'`,
        `import { Pool } from 'pg'`,
        `import { Signal } from '@ctx-fix/runtime/nest'`,
        `import '@ctx-fix/runtime/pg'`,
        ``,
        `const pool = new Pool()`,
        ``,
        `@Controller('cats')`,
        `export class Cats {`,
        `  @Get()`,
        `  all(@Signal() signal: AbortSignal) {`,
        `    return pool.query({ text: 'SELECT 1', signal })`,
        `  }`,
        ``,
        `  @Get(':id')`,
        `  async one(`,
        `    @Param('id') id: string,`,
        `    @Query('full') full?: string,`,
        `    @Signal() signal?: AbortSignal,`,
        `  ) {`,
        `    return (await pool.query({ text: 'SELECT $1, $2', values: [id, full], signal })).rows[0]`,
        `  }`,
        `}`,
        ``,
        `const app = await NestFactory.create(class {})`,
        `await app.listen(3000)`,
      ),
    )
  })

  it('puts the signal around the application', async () => {
    const [before, after] = NEST.split('await app.listen')
    expect(await fixed(NEST, 'ambient')).toBe(
      `${before?.replace(
        `import { Pool } from 'pg'\n`,
        `import { Pool } from 'pg'\nimport { ctxSignal } from '@ctx-fix/runtime/nest'\nimport '@ctx-fix/runtime/pg'\n`,
      )}app.use(ctxSignal())\nawait app.listen${after}`,
    )
  })

  it('puts it around middleware that is typed as that of the platform below', async () => {
    const text = lines(
      `import type { NestMiddleware } from '@nestjs/common'`,
      `import { NestFactory } from '@nestjs/core'`,
      `import type { NextFunction, Request, Response } from 'express'`,
      `import { Pool } from 'pg'`,
      `const pool = new Pool()`,
      `export class Counts implements NestMiddleware {`,
      `  async use(_req: Request, _res: Response, next: NextFunction) {`,
      `    await pool.query('UPDATE counts SET n = n + 1')`,
      `    next()`,
      `  }`,
      `}`,
      `const app = await NestFactory.create(class {})`,
    )
    expect(await fixed(text, 'ambient')).toContain('app.use(ctxSignal())')
  })

  it('lets the parameter be left out where the program calls the method', async () => {
    const text = `${NEST}\nexport const direct = () => new Cats().all()\n`
    expect(await fixed(text, 'explicit')).toContain('all(@Signal() signal?: AbortSignal) {')
  })
})

const KOA = lines(
  `import Koa from 'koa'`,
  `import Router from '@koa/router'`,
  `import { Pool } from 'pg'`,
  ``,
  `const pool = new Pool()`,
  `const app = new Koa()`,
  `const router = new Router()`,
  `router.get('/', async (ctx) => {`,
  `  ctx.body = (await pool.query('SELECT 1')).rows`,
  `})`,
  `app.use(router.routes())`,
)

const HONO = lines(
  `import { Hono } from 'hono'`,
  `import { Pool } from 'pg'`,
  ``,
  `const pool = new Pool()`,
  `const app = new Hono()`,
  `app.get('/', async (c) => c.json((await pool.query('SELECT 1')).rows))`,
  `export default app`,
)

const H3 = lines(
  `import { H3 } from 'h3'`,
  `import { Pool } from 'pg'`,
  ``,
  `const pool = new Pool()`,
  `const app = new H3()`,
  `app.get('/', async () => (await pool.query('SELECT 1')).rows)`,
  `export default app`,
)

describe.each([
  { name: 'h3', text: H3, explicit: 'async (event) =>' },
  { name: 'koa', text: KOA, explicit: 'const signal = requestSignal(ctx)' },
  { name: 'hono', text: HONO, explicit: 'signal: requestSignal(c)' },
])('$name', ({ name, text, explicit }) => {
  it('derives a signal from the context', async () => {
    const after = await fixed(text, 'explicit')
    expect(after).toContain(`import { requestSignal } from '@ctx-fix/runtime/${name}'`)
    expect(after).toContain(explicit)
  })

  it('puts the signal around what is registered after it', async () => {
    const after = await fixed(text, 'ambient')
    expect(after).toMatch(/const app = new \w+\(\)\napp\.use\(ctxSignal\(\)\)\n/)
  })
})

describe('handlers of h3 that no application in sight registers', () => {
  const nitro = lines(
    `import { Pool } from 'pg'`,
    ``,
    `const pool = new Pool()`,
    `export default defineEventHandler(async () => (await pool.query('SELECT 1')).rows)`,
  )
  const one = lines(
    `import { createRouter, defineEventHandler } from 'h3'`,
    `import { Pool } from 'pg'`,
    ``,
    `const pool = new Pool()`,
    `const router = createRouter()`,
    `router.get('/', defineEventHandler(async (event) => (await pool.query('SELECT 1')).rows))`,
  )

  const withGlobals = (text: string) => ({
    'src/app.ts': text,
    'src/nitro.d.ts': `declare function defineEventHandler(handler: (event: object) => unknown): unknown`,
  })

  it.each([
    ['of nitro, which needs no import', nitro, 'defineEventHandler(async (event) =>'],
    ['of h3 1', one, 'signal: requestSignal(event)'],
  ])('%s: a signal from the event', async (_, text, expected) => {
    expect((await fixedFiles(withGlobals(text), 'explicit'))['src/app.ts']).toContain(expected)
  })

  it.each([
    ['of nitro, which needs no import', nitro, 'defineEventHandler(withRequestSignal(async () =>'],
    ['of h3 1', one, 'defineEventHandler(withRequestSignal(async (event) =>'],
  ])('%s: the signal around it', async (_, text, expected) => {
    expect((await fixedFiles(withGlobals(text), 'ambient'))['src/app.ts']).toContain(expected)
  })
})

it('gives a route handler of Next.js the request that it left out, with its type', async () => {
  const text = lines(
    `import { Pool } from 'pg'`,
    `const pool = new Pool()`,
    `export async function GET() {`,
    `  return Response.json((await pool.query('SELECT 1')).rows)`,
    `}`,
  )
  const after = await fixed(text, 'explicit')
  expect(after).toContain(`import { requestSignal } from '@ctx-fix/runtime/web'`)
  expect(after).toContain('GET(request: Request) {\n  const signal = requestSignal(request)\n')
})

it('puts the middleware into a chain before the routes that it is for', async () => {
  const chained = HONO.replace('new Hono()\napp', 'new Hono()')
  expect(await fixed(chained, 'ambient')).toContain(
    `const app = new Hono().use(ctxSignal()).get('/', async (c) =>`,
  )
})

it('adds it where an application is made, not where a function gives one that has its routes', async () => {
  const text = lines(
    `import express from 'express'`,
    `import { Pool } from 'pg'`,
    `const pool = new Pool()`,
    `function build() {`,
    `  const app = express()`,
    `  app.get('/', async (_req, res) => {`,
    `    res.json((await pool.query('SELECT 1')).rows)`,
    `  })`,
    `  return app`,
    `}`,
    `const app = build()`,
    `app.listen(3000)`,
  )
  const after = await fixed(text, 'ambient')
  expect(after).toContain('  const app = express()\n  app.use(ctxSignal())\n')
  expect(after).toContain('const app = build()\napp.listen(3000)')
})

it('derives in a component of the server, wherever it is rendered', async () => {
  const files = await fixedFiles(
    {
      'next-env.d.ts': `/// <reference types="next" />`,
      'src/app/page.tsx': lines(
        `import type { Metadata } from 'next'`,
        `import { Card } from '../card.js'`,
        `export const metadata: Metadata = {}`,
        `export default function Page() {`,
        `  return <Card id="1" />`,
        `}`,
      ),
      'src/card.tsx': lines(
        `import { Pool } from 'pg'`,
        `const pool = new Pool()`,
        `export async function Card({ id }: { id: string }) {`,
        `  const { rows } = await pool.query('SELECT $1', [id])`,
        `  return <b>{rows.length}</b>`,
        `}`,
      ),
    },
    'explicit',
  )
  expect(files['src/card.tsx']).toContain(
    `  const signal = requestSignal()\n  const { rows } = await pool.query({ text: 'SELECT $1', values: [id], signal })`,
  )
})

const PASSPORT = lines(
  `import express from 'express'`,
  `import passport from 'passport'`,
  `import { Strategy as LocalStrategy } from 'passport-local'`,
  `import { Pool } from 'pg'`,
  `const pool = new Pool()`,
  `passport.use(`,
  `  new LocalStrategy({ passReqToCallback: true }, async (req, name, password, done) => {`,
  `    done(null, (await pool.query('SELECT $1, $2', [name, password])).rows[0])`,
  `  }),`,
  `)`,
  `const app = express()`,
  `app.post('/login', passport.authenticate('local'))`,
)

describe('callbacks of Passport', () => {
  it('derive from the request that they are given', async () => {
    expect(await fixed(PASSPORT, 'explicit')).toContain('const signal = requestSignal(req)\n')
  })

  it('run in the signal of the application', async () => {
    const after = await fixed(PASSPORT, 'ambient')
    expect(after).toContain('const app = express()\napp.use(ctxSignal())\n')
    expect(after).toContain(`pool.query('SELECT $1, $2', [name, password])`)
  })
})
