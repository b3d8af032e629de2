import { expect, test } from 'vitest'
import type { Files } from '../testing/program.js'
import { sinkLines } from '../testing/sinks.js'

const programs: Record<string, Files | string> = {
  'an element of a list by its number': `
    import { Pool } from 'pg'
    const replicas: Pool[] = [new Pool(), new Pool()]
    const more: Array<Pool> = []
    export const a = () => replicas[0]!.query('1') // @sink pg
    export const b = (i: number) => replicas[i % 2]!.query('2') // @sink pg
    export const c = () => more[0]!.query('3') // @sink pg`,
  'a value of a Map': `
    import { Pool } from 'pg'
    const tenants = new Map<string, Pool>()
    export const a = (t: string) => tenants.get(t)!.query('1') // @sink pg
    export async function all() {
      for (const pool of tenants.values()) await pool.query('2') // @sink pg
      for (const [, pool] of tenants) await pool.query('3') // @sink pg
      for (const [, pool] of tenants.entries()) await pool.query('4') // @sink pg
      tenants.forEach((pool) => { void pool.query('5') }) // @sink pg
      for (const name of tenants.keys()) name.query('6')
    }
    class Registry {
      readonly #pools: Map<string, Pool> = new Map()
      get(name: string) { return this.#pools.get(name)!.query('7') } // @sink pg
    }
    export const r = new Registry()`,
  'a Map and a Set by what was put in': {
    'src/app.js': `
      const { Pool } = require('pg')
      const tenants = new Map()
      const pools = new Set()
      tenants.set('a', new Pool())
      pools.add(new Pool())
      const a = (t) => tenants.get(t).query('1') // @sink pg
      const b = new Map([['a', new Pool()]])
      const c = (t) => b.get(t).query('2') // @sink pg
      for (const each of pools) each.query('3') // @sink pg`,
  },
  'a value of a record': `
    import { Pool } from 'pg'
    const byName: Record<string, Pool> = {}
    const fixed: Record<'a' | 'b', Pool> = { a: new Pool(), b: new Pool() }
    export const a = (t: string) => byName[t]!.query('1') // @sink pg
    export const b = () => byName['x']!.query('2') // @sink pg
    export const c = () => byName.x!.query('3') // @sink pg
    export const e = () => fixed.a.query('5') // @sink pg
    export async function all() {
      for (const pool of Object.values(byName)) await pool.query('6') // @sink pg
    }`,
  'a record by what was put in': {
    'src/app.js': `
      const { Pool } = require('pg')
      const pools = {}
      function poolFor(name) {
        if (!pools[name]) pools[name] = new Pool()
        return pools[name]
      }
      const a = (t) => poolFor(t).query('1') // @sink pg
      const b = (t) => pools[t].query('2') // @sink pg`,
  },
  'a row of a list of entities': `
    import { BaseEntity, Entity } from 'typeorm'
    @Entity()
    class User extends BaseEntity { name!: string }
    export async function run() {
      const us = await User.find() // @sink typeorm
      await us[0]!.remove() // @sink typeorm
    }`,
  'a row of a list of models': `
    import { Model } from 'sequelize'
    class User extends Model {}
    export async function run() {
      const rows = await User.findAll() // @sink sequelize
      await rows[0]!.destroy() // @sink sequelize
      const page = await User.findAndCountAll() // @sink sequelize
      await page.rows[0]!.destroy() // @sink sequelize
    }`,
  'look-alikes': `
    import { Pool } from 'pg'
    const pool = new Pool()
    const names = new Map<Pool, { query(text: string): void }>()
    const options: Record<string, { query(text: string): void }> = {}
    export const a = () => names.get(pool)!.query('1')
    export const b = (t: string) => options[t]!.query('2')
    const own = { query: (text: string) => text, pool }
    export const c = () => own['query']('3')`,
}

test.each(Object.entries(programs))('%s', (_, program) => {
  const { found, marked } = sinkLines(program)
  expect(found).toEqual(marked)
})
