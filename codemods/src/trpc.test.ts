import { expect, it } from 'vitest'
import { fixed, fixedFiles } from './testing/fixed.js'
import { lines } from './testing/sample-project.js'

const BASE = lines(
  `import { initTRPC } from '@trpc/server'`,
  `import { Pool } from 'pg'`,
  ``,
  `export const createContext = () => ({ db: new Pool() })`,
  `const t = initTRPC.context<typeof createContext>().create()`,
  `export const router = t.router`,
  `export const publicProcedure = t.procedure`,
  `export const protectedProcedure = t.procedure.use(({ next }) => next())`,
)

const POSTS = lines(
  `import { protectedProcedure, publicProcedure, router } from './trpc.js'`,
  ``,
  `export const posts = router({`,
  `  all: publicProcedure.query(async ({ ctx }) => (await ctx.db.query('SELECT 1')).rows),`,
  `  add: protectedProcedure.mutation(async ({ ctx, input }) => {`,
  `    await ctx.db.query('INSERT INTO posts VALUES ($1)', [input])`,
  `  }),`,
  `  count: publicProcedure.query((opts) => opts.ctx.db.query('SELECT 2')),`,
  `  watch: publicProcedure.subscription(async function* ({ ctx }) {`,
  `    yield await ctx.db.query('SELECT 3')`,
  `  }),`,
  `})`,
)

const files = { 'src/trpc.ts': BASE, 'src/posts.ts': POSTS }

it('derives the signal of each procedure from what it was given, and gives a subscription no deadline', async () => {
  const { 'src/posts.ts': posts, 'src/trpc.ts': base } = await fixedFiles(files, 'explicit')
  expect(posts).toBe(
    lines(
      `import { protectedProcedure, publicProcedure, router } from './trpc.js'`,
      `import { requestSignal } from '@ctx-fix/runtime/trpc'`,
      ``,
      `export const posts = router({`,
      `  all: publicProcedure.query(async ({ ctx, signal }) => (await ctx.db.query({ text: 'SELECT 1', signal: requestSignal(signal) })).rows),`,
      `  add: protectedProcedure.mutation(async ({ ctx, input, signal: clientSignal }) => {`,
      `    const signal = requestSignal(clientSignal)`,
      `    await ctx.db.query({ text: 'INSERT INTO posts VALUES ($1)', values: [input], signal })`,
      `  }),`,
      `  count: publicProcedure.query((opts) => opts.ctx.db.query({ text: 'SELECT 2', signal: requestSignal(opts) })),`,
      `  watch: publicProcedure.subscription(async function* ({ ctx, signal }) {`,
      `    yield await ctx.db.query({ text: 'SELECT 3', signal })`,
      `  }),`,
      `})`,
    ),
  )
  expect(base).toContain(`import '@ctx-fix/runtime/pg'`)
})

it('puts the signal around what is built on the procedure, where that is made', async () => {
  const { 'src/posts.ts': posts, 'src/trpc.ts': base } = await fixedFiles(files, 'ambient')
  expect(posts).toBe(POSTS)
  expect(base).toContain('publicProcedure = t.procedure.use(ctxSignal())\n')
  expect(base).toContain('t.procedure.use(ctxSignal()).use(({ next }) => next())')
})

it('puts it around what makes the context, which no middleware of a procedure reaches', async () => {
  const context = lines(
    `import type { CreateHTTPContextOptions } from '@trpc/server/adapters/standalone'`,
    `import { Pool } from 'pg'`,
    ``,
    `const pool = new Pool()`,
    `export const createContext = async ({ req }: CreateHTTPContextOptions) => ({`,
    `  user: (await pool.query('SELECT $1', [req.headers.authorization])).rows[0],`,
    `})`,
  )
  expect(await fixed(context, 'ambient')).toContain(
    'createContext = withRequestSignal(async ({ req }: CreateHTTPContextOptions) => ({',
  )
  expect(await fixed(context, 'explicit')).toContain('signal: requestSignal(req)')
})

it('puts it around the application that tRPC is mounted in', async () => {
  const app = `${BASE}${lines(
    `import express from 'express'`,
    `import { createExpressMiddleware } from '@trpc/server/adapters/express'`,
    `const appRouter = router({ all: publicProcedure.query(({ ctx }) => ctx.db.query('SELECT 1')) })`,
    `const app = express()`,
    `app.use('/trpc', createExpressMiddleware({ router: appRouter, createContext }))`,
  )}`
  const after = await fixed(app, 'ambient')
  expect(after).toContain('const app = express()\napp.use(ctxSignal())\n')
  expect(after).toContain(`from '@ctx-fix/runtime/express'`)
  expect(after).not.toContain('t.procedure.use(ctxSignal())')
})

it('widens an own type of what a resolver takes apart, and leaves it as it is for others', async () => {
  const users = lines(
    `import { Pool } from 'pg'`,
    `import { publicProcedure, router } from './trpc.js'`,
    ``,
    `const pool = new Pool()`,
    `interface Options {`,
    `  ctx: object`,
    `  input: string`,
    `}`,
    `type Given = Options | { input: string; ctx: { id: string } }`,
    ``,
    `const byName = async ({ input }: Options) => (await pool.query('SELECT $1', [input])).rows`,
    `const byId = async ({ input }: { ctx: object; input: string }) => {`,
    `  await pool.query('SELECT $1', [input])`,
    `}`,
    `const either = async ({ input }: Given) => (await pool.query('SELECT 2', [input])).rows`,
    `export const made = (): Options => ({ ctx: {}, input: 'a' })`,
    ``,
    `const input = publicProcedure.input((each: unknown) => String(each))`,
    `export const users = router({`,
    `  byName: input.query(byName),`,
    `  byId: input.mutation(byId),`,
    `  either: input.query(either),`,
    `})`,
  )
  const { 'src/users.ts': after } = await fixedFiles(
    { 'src/trpc.ts': BASE, 'src/users.ts': users },
    'explicit',
  )
  expect(after).toContain(
    `const byName = async ({ input, signal }: Options & { signal?: AbortSignal }) => (await pool.query({ text: 'SELECT $1', values: [input], signal: requestSignal(signal) })).rows`,
  )
  expect(after).toContain(
    lines(
      `const byId = async ({ input, signal: clientSignal }: { ctx: object; input: string; signal?: AbortSignal }) => {`,
      `  const signal = requestSignal(clientSignal)`,
    ),
  )
  expect(after).toContain('async ({ input, signal }: Given & { signal?: AbortSignal }) =>')
  expect(after).toContain(`interface Options {\n  ctx: object\n  input: string\n}`)
})
