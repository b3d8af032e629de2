import { expect, test } from 'vitest'
import { analysisOf, judgementOn } from '../testing/program.js'
import { sinkLines } from '../testing/sinks.js'

const programs = {
  'builders run at execute': `
    import { Kysely, sql } from 'kysely'
    export async function run(db: Kysely<object>) {
      await db.selectFrom('a').selectAll().where('b', '=', 1).execute() // @sink kysely
      await db.insertInto('a').values({}).executeTakeFirstOrThrow() // @sink kysely
      let query = db.selectFrom('a').select('b')
      if (Math.random()) query = query.limit(1)
      await query.executeTakeFirst() // @sink kysely
      await sql\`SELECT 1\`.execute(db) // @sink kysely
      await db.schema.createTable('a').execute() // @sink kysely
      const compiled = query.compile()
      await db.executeQuery(compiled) // @sink kysely
      for await (const row of db.selectFrom('a').stream()) console.log(row) // @sink kysely
      return db.selectFrom('a').where(({ exists, selectFrom }) => exists(selectFrom('b'))).compile()
    }`,
  'transactions and connections': `
    import { Kysely, type Transaction } from 'kysely'
    const db = new Kysely<object>({})
    const helper = (trx: Transaction<object>) => trx.deleteFrom('a').execute() // @sink kysely
    export async function move() {
      await db.transaction().setIsolationLevel('serializable').execute(async (trx) => {
        await trx.updateTable('a').set({}).execute() // @sink kysely
        await helper(trx)
      })
      await db.connection().execute(async (one) => {
        await one.selectFrom('a').execute() // @sink kysely
      })
      const trx = await db.startTransaction().execute()
      await trx.insertInto('a').values({}).execute() // @sink kysely
      await trx.commit().execute()
    }`,
  'look-alikes': `
    class Command { execute() { return Promise.resolve() } }
    export async function run(command: { execute(): Promise<void> }, other: Command) {
      await command.execute()
      await other.execute()
    }`,
}

test.each(Object.entries(programs))('%s', (_, program) => {
  const { found, marked } = sinkLines(program)
  expect(found).toEqual(marked)
})

test.each([
  ['outside a transaction its own option', 'Kysely', 'option'],
  ['inside one the wrapper', 'Transaction', 'wrap'],
])('%s carries the signal', (_, type, kind) => {
  const analysis = analysisOf(`
    import type { ${type} } from 'kysely'
    export const all = (db: ${type}<object>, signal: AbortSignal) => db.selectFrom('a').execute()`)
  expect(judgementOn(analysis, 'db.selectFrom().execute').node.slot?.kind).toBe(kind)
})
