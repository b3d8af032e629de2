import { testRule } from '../testing/rule-tester.js'
import { noOuterClientInTransaction } from './no-outer-client-in-transaction.js'

const kysely = `import type { Kysely } from 'kysely'`

testRule('no-outer-client-in-transaction', noOuterClientInTransaction, {
  silent: {
    "the transaction's own client": `
      ${kysely}
      export const move = (db: Kysely<object>) =>
        db.transaction().execute(async (trx) => {
          await trx.updateTable('a').execute()
        })
    `,
    'a repository that is made of it': `
      import type { DataSource } from 'typeorm'
      class User {}
      export const save = (source: DataSource) =>
        source.transaction(async (em) => {
          const users = em.getRepository(User)
          await users.save({})
        })
    `,
    'a chain that is given it': `
      import type { Knex } from 'knex'
      export const move = (db: Knex) =>
        db.transaction(async (trx) => {
          await db('a').transacting(trx).update({})
        })
    `,
    'outside of the callback': `
      ${kysely}
      export async function move(db: Kysely<object>) {
        await db.selectFrom('a').execute()
        await db.transaction().execute((trx) => trx.deleteFrom('a').execute())
        await db.selectFrom('a').execute()
      }
    `,
    'another library': `
      import { Pool } from 'pg'
      ${kysely}
      const audit = new Pool()
      export const move = (db: Kysely<object>) =>
        db.transaction().execute(async (trx) => {
          await trx.deleteFrom('a').execute()
          await audit.query('INSERT INTO log DEFAULT VALUES')
        })
    `,
    'the pool behind COMMIT': `
      import type { Pool } from 'pg'
      export async function move(pool: Pool) {
        const client = await pool.connect()
        try {
          await client.query('BEGIN')
          await client.query('DELETE FROM a')
          await client.query('COMMIT')
        } finally {
          client.release()
        }
        return pool.query('SELECT 1')
      }
    `,
    'a client on which no transaction is begun': `
      import type { Pool } from 'pg'
      export async function listen(pool: Pool) {
        const client = await pool.connect()
        try {
          await client.query('LISTEN jobs')
          return await pool.query('SELECT 1')
        } finally {
          client.release()
        }
      }
    `,
    'a helper that is given the transaction': `
      ${kysely}
      const clear = (db: Kysely<object>) => db.deleteFrom('a').execute()
      export const move = (db: Kysely<object>) => db.transaction().execute((trx) => clear(trx))
    `,
    'a helper that may find the transaction by itself': `
      ${kysely}
      import { current } from './current.js'
      const clear = () => current().deleteFrom('a').execute()
      export const move = (db: Kysely<object>) => db.transaction().execute(async (trx) => clear())
    `,
    'another pool than the one that the client is from': `
      import type { Pool } from 'pg'
      export async function move(pool: Pool, audit: Pool) {
        const client = await pool.connect()
        await client.query('BEGIN')
        await audit.query('INSERT INTO log DEFAULT VALUES')
        await client.query('COMMIT')
        client.release()
      }
    `,
  },
  withoutFix: {
    'the client outside': {
      code: `
        ${kysely}
        export const move = (db: Kysely<object>) =>
          db.transaction().execute(async (trx) => {
            await trx.deleteFrom('a').execute()
            await db.insertInto('b').execute()
          })
      `,
      reasons: ['outer-client-in-transaction'],
      suggestions: [
        {
          kind: 'replace',
          output: `
            ${kysely}
            export const move = (db: Kysely<object>) =>
              db.transaction().execute(async (trx) => {
                await trx.deleteFrom('a').execute()
                await trx.insertInto('b').execute()
              })
          `,
        },
      ],
    },
    'a field': {
      code: `
        ${kysely}
        export class Repo {
          constructor(private readonly db: Kysely<object>) {}
          move() {
            return this.db.transaction().execute(async (trx) => {
              const ids = await this.db.selectFrom('a').execute()
              await trx.deleteFrom('a').where('id', 'in', ids).execute()
            })
          }
        }
      `,
      reasons: ['outer-client-in-transaction'],
      suggestions: [
        {
          kind: 'replace',
          output: `
            ${kysely}
            export class Repo {
              constructor(private readonly db: Kysely<object>) {}
              move() {
                return this.db.transaction().execute(async (trx) => {
                  const ids = await trx.selectFrom('a').execute()
                  await trx.deleteFrom('a').where('id', 'in', ids).execute()
                })
              }
            }
          `,
        },
      ],
    },
    'a repository, for which the entity manager is no replacement': {
      code: `
        import type { DataSource, Repository } from 'typeorm'
        class User {}
        export const save = (source: DataSource, users: Repository<User>) =>
          source.transaction(async (em) => {
            await em.getRepository(User).save({})
            await users.save({})
          })
      `,
      reasons: ['outer-client-in-transaction'],
    },
    'a helper that has a client of its own': {
      code: `
        ${kysely}
        export class Repo {
          constructor(private readonly db: Kysely<object>) {}
          async clear() {
            await this.db.deleteFrom('b').execute()
          }
          move() {
            return this.db.transaction().execute(async (trx) => {
              await trx.deleteFrom('a').execute()
              await this.clear()
            })
          }
        }
      `,
      reasons: ['helper-outside-transaction'],
    },
    'a helper between BEGIN and COMMIT that queries the pool': {
      code: `
        import { Pool } from 'pg'
        const pool = new Pool()
        const log = async () => {
          await pool.query('INSERT INTO log DEFAULT VALUES')
        }
        export async function move() {
          const client = await pool.connect()
          try {
            await client.query('BEGIN')
            await log()
            await client.query('COMMIT')
          } finally {
            client.release()
          }
          await log()
        }
      `,
      reasons: ['helper-outside-transaction'],
    },
    'the pool between BEGIN and COMMIT': {
      code: `
        import type { Pool } from 'pg'
        export async function move(pool: Pool) {
          const client = await pool.connect()
          try {
            await client.query('BEGIN')
            await pool.query('DELETE FROM a')
            await client.query('COMMIT')
          } finally {
            client.release()
          }
        }
      `,
      reasons: ['outer-client-in-transaction'],
      suggestions: [
        {
          kind: 'replace',
          output: `
            import type { Pool } from 'pg'
            export async function move(pool: Pool) {
              const client = await pool.connect()
              try {
                await client.query('BEGIN')
                await client.query('DELETE FROM a')
                await client.query('COMMIT')
              } finally {
                client.release()
              }
            }
          `,
        },
      ],
    },
  },
  withFix: {},
})
