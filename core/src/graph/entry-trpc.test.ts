import { describe, expect, test } from 'vitest'
import { analysisOf, type Files } from '../testing/program.js'

/** `title <- what the signal would be had from`, for each entry point, and the sinks. */
function seen(files: Files): { entries: readonly string[]; sinks: readonly string[] } {
  const analysis = analysisOf(files)
  return {
    entries: [...analysis.entries.values()]
      .map((entry) => {
        const param = analysis.resolver.program.fn(entry.file, entry.fn).params[entry.request]
        return `${entry.library}: ${entry.title} <- ${param?.name ?? (param ? '{}' : '-')}`
      })
      .sort(),
    sinks: analysis.calls.flatMap(({ name, sink }) => (sink ? [name] : [])).sort(),
  }
}

const BASE = `import { initTRPC } from '@trpc/server'
import type { CreateExpressContextOptions } from '@trpc/server/adapters/express'
import { Pool } from 'pg'
const pool = new Pool()
export const createContext = async ({ req }: CreateExpressContextOptions) => {
  const session = await pool.query('SELECT 1')
  return { db: pool, session }
}
const t = initTRPC.context<typeof createContext>().meta<{ a: 1 }>().create({ transformer: undefined })
export const createTRPCRouter = t.router
export const publicProcedure = t.procedure
const timing = t.middleware(async ({ next }) => next())
export const protectedProcedure = t.procedure.use(timing).use(({ ctx, next }) => next({ ctx }))
`

describe('procedures of tRPC', () => {
  test('derived in other files, through re-exports', () => {
    const files = {
      'src/trpc.ts': BASE,
      'src/index.ts': `export * from './trpc.js'`,
      'src/admin.ts': `import { protectedProcedure } from './index.js'\nexport const adminProcedure = protectedProcedure.use(async (opts) => opts.next())`,
      'src/posts.ts': `import { createTRPCRouter, publicProcedure } from './index.js'
import { adminProcedure as admin } from './admin.js'
export const posts = createTRPCRouter({
  all: publicProcedure.query(({ ctx }) => ctx.db.query('SELECT 1')),
  add: admin.input({}).output({}).mutation(async (o) => o.ctx.db.query('INSERT')),
  watch: publicProcedure.subscription(async function* () { yield 1 }),
})`,
    }
    expect(seen(files)).toEqual({
      entries: [
        'trpc-context: createContext <- {}',
        'trpc: GET <- {}',
        'trpc: POST <- o',
        'trpc: middleware <- {}',
        'trpc: subscription <- -',
        'trpc: use <- opts',
        'trpc: use <- {}',
      ],
      sinks: ['ctx.db.query', 'o.ctx.db.query', 'pool.query'],
    })
  })

  test.each([
    ['a type', 'type Context = { db: Pool }', 'Context'],
    [
      'what a function gives, awaited',
      'const make = async () => ({ db: new Pool() })\ntype Context = Awaited<ReturnType<typeof make>>',
      'Context',
    ],
    [
      'by the older helper',
      'const make = async () => ({ db: new Pool() })',
      'inferAsyncReturnType<typeof make>',
    ],
  ])('know their context by %s', (_, declaration, type) => {
    const text = `import { initTRPC, type inferAsyncReturnType } from '@trpc/server'
import { Pool } from 'pg'
${declaration}
const t = initTRPC.context<${type}>().create()
export const router = t.router({ a: t.procedure.query(({ ctx: { db } }) => db.query('SELECT 1')) })`
    expect(seen({ 'src/app.ts': text }).sinks).toEqual(['db.query'])
  })

  test('are not what else has a query', () => {
    const text = `import { api } from './client.js'\nexport const posts = api.posts.query(({ input }) => input)`
    expect(seen({ 'src/app.ts': text, 'src/client.ts': 'export const api: any = {}' })).toEqual({
      entries: [],
      sinks: [],
    })
  })

  test('the context of an adapter, by the key it is given under', () => {
    const text = `import { createHTTPServer } from '@trpc/server/adapters/standalone'
createHTTPServer({ router, createContext: async (opts) => ({}) }).listen(1)
declare const router: never`
    expect(seen({ 'src/app.ts': text }).entries).toEqual(['trpc-context: createHTTPServer <- opts'])
  })
})
