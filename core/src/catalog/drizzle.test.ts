import { expect, test } from 'vitest'
import { analysisOf, judgementOn } from '../testing/program.js'
import { sinkLines } from '../testing/sinks.js'

const programs = {
  'builders, relations, raw text and counts': `
    import { eq, sql } from 'drizzle-orm'
    import { drizzle } from 'drizzle-orm/node-postgres'
    const db = drizzle(process.env.URL, { schema: {} })
    export async function run(id: string) {
      await db.select().from(users).where(eq(users.id, id)) // @sink drizzle-orm
      await db.insert(users).values({ id }).onConflictDoNothing().returning() // @sink drizzle-orm
      await db.query.users.findMany({ where: eq(users.id, id) }) // @sink drizzle-orm
      await db.execute(sql\`SELECT 1\`) // @sink drizzle-orm
      const total = await db.$count(users) // @sink drizzle-orm
      const prepared = db.select().from(users).prepare('all')
      await prepared.execute() // @sink drizzle-orm
      return db.query.users.findFirst() // @sink drizzle-orm
    }`,
  'sub-selects and common tables are values': `
    import { exists, inArray } from 'drizzle-orm'
    import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
    const banned = (db: NodePgDatabase) => exists(db.select().from(bans))
    export async function run(db: NodePgDatabase) {
      const sub = db.select({ id: bans.id }).from(bans).as('sub')
      const named = db.$with('named').as(db.select().from(a))
      await db.with(named).select().from(named).where(inArray(a.id, db.select().from(b))) // @sink drizzle-orm
    }`,
  'a repository that is given its database as any, and hands on what it has built': {
    'src/repository.ts': `
      export class Repository {
        constructor(private db: any, private table: any) {}
        async all(limit?: number) {
          let query = this.db.select().from(this.table)
          if (limit !== undefined) query = query.limit(limit)
          return query as Promise<unknown[]> // @sink drizzle-orm
        }
        async remove(id: string) { await this.db.delete(this.table) } // @sink drizzle-orm
      }`,
    'src/users.ts': `
      import { drizzle } from 'drizzle-orm/node-postgres'
      import { Repository } from './repository.js'
      export const users = new Repository(drizzle(process.env.URL), table)`,
  },
  transactions: `
    import { drizzle } from 'drizzle-orm/node-postgres'
    const db = drizzle({})
    export async function move() {
      await db.transaction(async (tx) => {
        await tx.update(users).set({}) // @sink drizzle-orm
        await tx.transaction(async (inner) => {
          await inner.delete(users) // @sink drizzle-orm
        })
      })
    }`,
  'the type of a transaction, taken from what opens it': `
    import { drizzle } from 'drizzle-orm/node-postgres'
    const db = drizzle({})
    type Transaction = Parameters<Parameters<typeof db.transaction>[0]>[0]
    type Work = (tx: Transaction, id: string) => Promise<void>
    const rename: Work = async (tx, id) => {
      await tx.update(users).set({ id }) // @sink drizzle-orm
    }
    async function remove(tx: Transaction) {
      await tx.delete(users) // @sink drizzle-orm
    }
    export const count = async (tx: Parameters<typeof remove>[0]) => tx.$count(users) // @sink drizzle-orm
    export const first = async (tx: Parameters<Work>[0]) => tx.query.users.findFirst() // @sink drizzle-orm
    export const none = async (tx: Parameters<Work>[1]) => tx.query.users.findFirst()`,
  'queries that are joined, listed and looked up': `
    import { drizzle } from 'drizzle-orm/node-postgres'
    import { unionAll } from 'drizzle-orm/pg-core'
    const db = drizzle({})
    const finders = {
      user: async (id: string) => ({ repo: db }),
      post: async (id: string) => ({ repo: db }),
    }
    export async function run(names: unknown, kind: 'user' | 'post') {
      await unionAll(db.select().from(a), db.select().from(b)) // @sink drizzle-orm
      const parts = [db.select().from(a), db.select().from(b)]
      await unionAll(...parts) // @sink drizzle-orm
      const [made] = await Promise.all(Object.keys(names).map(async (name) => ({ repo: db })))
      await made.repo.select().from(users) // @sink drizzle-orm
      const { repo } = await finders[kind]('1')
      await repo.select().from(users) // @sink drizzle-orm
    }`,
  'in a container whose content the application declares': {
    'src/container.d.ts': `
      import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
      interface Services { reader: NodePgDatabase }
      declare module '@fastify/awilix' { interface Cradle extends Services { db: NodePgDatabase } }
      declare module 'some-container' { interface Registry { db: NodePgDatabase } }`,
    'src/app.ts': `
      import type { Cradle } from '@fastify/awilix'
      import type { Registry } from 'some-container'
      import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
      export const one = async ({ db }: Cradle) => db.select().from(users) // @sink drizzle-orm
      export const two = async ({ db }: Registry) => db.select().from(users) // @sink drizzle-orm
      export const routes: FastifyPluginAsyncTypebox = async (app) => {
        const { db, reader } = app.diContainer.cradle
        app.post('/', async () => reader.select().from(users)) // @sink drizzle-orm
        app.get('/', async () => db.select().from(users)) // @sink drizzle-orm
      }`,
  },
  'under a string key of the request': {
    'src/app.ts': `
      import { drizzle } from 'drizzle-orm/libsql'
      import { Hono } from 'hono'
      export const app = new Hono()
      app.use(async (c, next) => { c.set('db', drizzle(c.env.URL)); await next() })`,
    'src/users.ts': `
      import { Hono } from 'hono'
      export const users = new Hono().basePath('/users')
      users.get('/', async (c) => {
        const db = c.get('db')
        await c.var.db.select().from(a) // @sink drizzle-orm
        return c.json(await db.query.users.findMany()) // @sink drizzle-orm
      })`,
  },
  'look-alikes': `
    import { drizzle } from 'grizzle'
    const db = drizzle({})
    export async function run(map: Map<string, { select(): Promise<void> }>, list: string[]) {
      await db.select().from('users')
      await map.get('db')?.select()
      return list.values()
    }`,
}

test.each(Object.entries(programs))('%s', (_, program) => {
  const { found, marked } = sinkLines(program)
  expect(found).toEqual(marked)
})

test('another driver than pg is seen and has no carrier', () => {
  const analysis = analysisOf(`
    import { drizzle } from 'drizzle-orm/better-sqlite3'
    const db = drizzle('app.db')
    export const all = async (signal: AbortSignal) => db.select().from(users)`)
  const { node, verdict } = judgementOn(analysis, 'db.select().from')
  expect([node.slot, verdict]).toEqual([undefined, 'irrelevant'])
})
