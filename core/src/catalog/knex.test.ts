import { expect, test } from 'vitest'
import { sinkLines } from '../testing/sinks.js'

const programs = {
  'migrations and what they call, without a type': {
    'migrations/1_users.js': `
      const models = require('../src/models.js')
      async function up(knex) {
        await models.createUsers(knex)
        await knex.schema.alterTable('users', (table) => { table.string('name') }) // @sink knex
      }
      module.exports = { up }`,
    'migrations/2_seed.ts': `
      export const down = async (db) => { await db('users').delete() } // @sink knex`,
    'src/models.js': `
      async function createUsers(knex) {
        if (await knex.schema.hasTable('users')) return // @sink knex
        await knex.schema.createTable('users', () => {}) // @sink knex
      }
      module.exports = { createUsers }`,
    'src/lift.ts': `
      import knex from 'knex'
      export const db = knex({})
      export async function up(elevator) { await elevator.select() }`,
  },
  'builders run where they are awaited, returned or chained': `
    import knex from 'knex'
    const db = knex({ client: 'pg' })
    export async function run(ids: number[]) {
      await db('users').where({ id: 1 }) // @sink knex
      await db.select('a').from('b') // @sink knex
      await db.raw('SELECT 1') // @sink knex
      await db.schema.hasTable('a') // @sink knex
      db('users').insert({}).then(() => undefined) // @sink knex
      const [a, b] = await Promise.all([db('a'), db('b').first()]) // @sink knex knex
      await Promise.all(ids.map((id) => db('a').where({ id }).del())) // @sink knex
      const tasks: Promise<unknown>[] = []
      tasks.push(db('a').del()) // @sink knex
      return db('users').count() // @sink knex
    }`,
  'a builder that is stored runs where its name is awaited': `
    import type { Knex } from 'knex'
    export async function run(db: Knex, isActive: boolean) {
      let query = db('users').select('id')
      if (isActive) query = query.where({ active: true })
      const rows = await query // @sink knex
      const other = db('teams')
      return other // @sink knex
    }`,
  'parts of a query are values': `
    import type { Knex } from 'knex'
    export async function run(db: Knex) {
      const banned = db('bans').select('user_id')
      db('never').insert({})
      return await db('users') // @sink knex
        .select(db.raw('count(*)'))
        .whereNotIn('id', banned)
        .where((builder) => builder.where('a', 1).orWhere('b', 2))
        .whereIn('id', db('other').select('id'))
        .modify((builder) => { builder.orderBy('id') })
    }`,
  'a function that returns a builder': {
    'src/db.ts': `
      import knex from 'knex'
      export const db = knex({})
      export const all = () => db('users') // @sink knex
      export const base = () => db('users').where({ deleted: false })
      export const page = (builder: ReturnType<typeof base>) => builder.limit(10)
      export async function rows() { return db('rows') } // @sink knex`,
    'src/app.ts': `
      import { all, base, page, rows } from './db.js'
      export async function run() {
        await all()
        await base().first() // @sink knex
        const query = base()
        await query // @sink knex
        await page(base()) // @sink knex
        await rows()
      }`,
  },
  transactions: `
    import type { Knex } from 'knex'
    export class Store {
      constructor(private readonly db: Knex) {}
      async move() {
        await this.db.transaction(async (trx) => {
          await trx('a').insert({}) // @sink knex
          await this.db('b').transacting(trx).del() // @sink knex
        })
        return this.db.transaction((trx) => trx('a').update({})) // @sink knex
      }
      async byHand(trx: Knex.Transaction) {
        await trx('a').insert({}) // @sink knex
        await trx.commit()
      }
    }`,
  'what the runtime runs under a signal': `
    import { detached, withSignal } from '@ctx-fix/runtime'
    import type { Knex } from 'knex'
    export async function run(db: Knex, signal: AbortSignal) {
      const [row] = await withSignal(signal, () => db('a').insert({}).returning('id')) // @sink knex
      const query = db('a').orderBy('id')
      return withSignal(signal, () => query) // @sink knex
    }
    export const later = (db: Knex) => void detached('audit', async () => db('a').insert({})) // @sink knex`,
  CommonJS: {
    'src/knex.js': `
      const knex = require('knex')
      const db = knex({ client: 'pg' })
      module.exports = db`,
    'src/users.js': `
      const knex = require('./knex')
      async function find(match) {
        const query = knex('users').where(match)
        return query.first() // @sink knex
      }
      module.exports = { find }`,
  },
  Objection: `
    import { Model } from 'objection'
    class Person extends Model {
      static tableName = 'people'
      friends() { return this.$relatedQuery('friends') } // @sink objection
    }
    export async function run() {
      const person = await Person.query().findById(1) // @sink objection
      await person.$query().patch({}) // @sink objection
      await Person.relatedQuery('pets').for(1) // @sink objection
      await Person.transaction(async (trx) => {
        await Person.query(trx).insert({}) // @sink objection
      })
    }`,
  'Objection: own query builders, of which the model names its own': `
    import { Model, QueryBuilder } from 'objection'
    class Builder<M extends Model, R = M[]> extends QueryBuilder<M, R> {
      async firstOrInsert(data: object) {
        const known = await this.findOne(data) // @sink objection
        return known ?? this.insert(data) // @sink objection
      }
      named(name: string) { return name === '' ? this.where('a', 1) : super.where({ name }) }
    }
    class Base extends Model { static QueryBuilder = Builder }
    class Person extends Base {
      static get QueryBuilder() {
        return class extends super.QueryBuilder {
          adults() { return this.where('age', '>', 17) }
        }
      }
    }
    export async function run() {
      await Base.query().firstOrInsert({ name: 'a' })
      await Base.query().named('a') // @sink objection
      const [person] = await Person.query().adults().limit(1) // @sink objection
      await person.$query().named('b').delete() // @sink objection
    }`,
  'Objection: mixins of packages, and what the library applies them with': {
    'src/base.js': `
      const { Model, compose, mixin } = require('objection')
      const visibility = require('objection-visibility').default
      const hashId = require('objection-hashid')
      class Base extends hashId(visibility(Model)) {}
      class Other extends compose(visibility)(mixin(Model, [visibility])) {}
      module.exports = { Base, Other }`,
    'src/app.js': `
      const { Base, Other } = require('./base')
      async function run() {
        await Base.query().findById(1) // @sink objection
        await Other.query().findById(1) // @sink objection
      }`,
  },
  'Objection: a name that is written from what it was': `
    import { Model, type TransactionOrKnex } from 'objection'
    class Payment extends Model {}
    export async function run(trx: TransactionOrKnex) {
      let payment = await Payment.query(trx).findById(1) // @sink objection
      payment = await payment.$query(trx).patchAndFetch({ state: 'done' }) // @sink objection
      await trx.raw('SELECT 1') // @sink knex
      return payment
    }`,
  "Knex before 0.95: the export's name is the type": `
    import * as Knex from 'knex'
    import make from 'knex'
    export const up = (knex: Knex) => knex.raw('SELECT 1') // @sink knex
    export async function run(db: make, builder: Knex.QueryBuilder) {
      await db('users').where({ id: 1 }) // @sink knex
      await builder // @sink knex
    }`,
  'look-alikes': `
    import knexion from 'knexion'
    const db = knexion()
    const builder = { where: () => Promise.resolve([]) }
    export async function run(list: string[], $: (selector: string) => { first(): unknown }) {
      await db('users').where({})
      await builder.where()
      await $('div').first()
      return list.filter(Boolean)
    }`,
}

test.each(Object.entries(programs))('%s', (_, program) => {
  const { found, marked } = sinkLines(program)
  expect(found).toEqual(marked)
})
