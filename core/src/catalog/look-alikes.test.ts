import { expect, test } from 'vitest'
import { sinkLines } from '../testing/sinks.js'

/** What has the names of database calls and is none, each beside a library that is in use. */
const programs = {
  'an array, a Map and a Set': `
    import { Repository } from 'typeorm'
    const cache = new Map<string, Repository<object>>()
    export function run(list: object[], seen: Set<string>) {
      list.find(Boolean)
      cache.get('users')
      cache.delete('users')
      cache.clear()
      seen.delete('a')
      return list.map(String).find(Boolean)
    }`,
  'a repository in memory, with the same method names, behind the interface of a real one': {
    'src/users.ts': `
      import type { Repository } from 'typeorm'
      export interface Users { findOne(id: string): Promise<object | undefined>; save(user: object): Promise<void> }
      export class InMemoryUsers implements Users {
        private readonly users = new Map<string, object>()
        async findOne(id: string) { return this.users.get(id) }
        async save(user: object) { this.users.set('a', user) }
      }
      export class StoredUsers implements Users {
        constructor(private readonly repository: Repository<object>) {}
        async findOne(id: string) { return (await this.repository.findOneBy({ id })) ?? undefined } // @sink typeorm
        async save(user: object) { await this.repository.save(user) } // @sink typeorm
      }`,
    'src/app.ts': `
      import { InMemoryUsers, type Users } from './users.js'
      const memory = new InMemoryUsers()
      export async function run(users: Users) {
        await memory.save({})
        await users.findOne('a')
        return memory.findOne('a')
      }`,
  },
  'save, update and remove of what is no entity': `
    import { BaseEntity } from 'typeorm'
    class User extends BaseEntity {}
    class Draft { save() {} update() {} remove() {} reload() {} }
    export async function run(canvas: CanvasRenderingContext2D, form: { save(): void }) {
      new Draft().save()
      new Draft().remove()
      canvas.save()
      form.save()
      await new User().save() // @sink typeorm
    }`,
  'query of a store, a router, a document and a media list': `
    import { Pool } from 'pg'
    import { createApi } from '@reduxjs/toolkit/query'
    import { queryClient } from './client.js'
    const pool = new Pool()
    const api = createApi({ endpoints: (build) => ({ list: build.query({ query: () => '/' }) }) })
    export async function run(req: { query: Record<string, string> }, store: { query(text: string): string }) {
      store.query('SELECT 1')
      queryClient.query('a')
      api.endpoints.list.query()
      document.querySelector('a')
      String(req.query['a'])
      await pool.query('SELECT 1') // @sink pg
    }`,
  'create, count and update that the platform has': `
    import { createHash } from 'node:crypto'
    import { Model } from 'sequelize'
    class User extends Model {}
    export async function run(text: string) {
      const hash = createHash('sha256').update(text).digest('hex')
      console.count(hash)
      Object.create(null)
      document.createElement('a')
      await User.count() // @sink sequelize
    }`,
  'one, many and any that are no queries': `
    import pgPromise from 'pg-promise'
    const db = pgPromise()({})
    export async function run(emitter: { once(name: string): void; any(): boolean }, choose: { one(): string; many(): string[] }) {
      emitter.any()
      choose.one()
      choose.many()
      await Promise.any([Promise.resolve(1)])
      await db.any('SELECT 1') // @sink pg-promise
    }`,
  'names that an association could have, of a model with methods of its own': `
    import { Model } from 'sequelize'
    class User extends Model {
      getFullName() { return 'name' }
      hasRole(role: string) { return role === 'a' }
      setLocale(locale: string) { return locale }
      isAdmin() { return this.hasRole('admin') }
    }
    export function run(user: User) {
      user.getFullName()
      user.setLocale('en')
      user.getDataValue('name')
      user.setDataValue('name', 'a')
      return user.isAdmin()
    }`,
  'builders that are made, changed and printed, but not run': `
    import { DataSource } from 'typeorm'
    import knex from 'knex'
    import { Model } from 'objection'
    class Person extends Model {}
    const db = knex({})
    export function run(source: DataSource) {
      db('users').where({ id: 1 }).toSQL()
      Person.query().where('a', 1).toKnexQuery()
      const builder = source.createQueryBuilder().select('a')
      builder.where('a = 1').andWhere('b = 2')
      return builder.getQuery() + builder.getSql()
    }`,
  'persist, remove and create of a unit of work, until it is flushed': `
    import { EntityManager } from '@mikro-orm/postgresql'
    class User {}
    export async function run(em: EntityManager) {
      const user = em.create(User, {})
      em.persist(user)
      em.remove(user)
      em.assign(user, {})
      em.clear()
      await em.flush() // @sink mikro-orm
    }`,
  'find, get and set of plain scripts': {
    'src/app.js': `
      const _ = require('lodash')
      const express = require('express')
      const { Sequelize } = require('sequelize')
      const sequelize = new Sequelize('postgres://')
      const app = express()
      const cart = { items: [], update(item) { this.items.push(item) }, save() {}, count: () => 0 }
      app.set('view engine', 'ejs')
      app.get('view engine')
      cart.update({})
      cart.save()
      cart.count()
      _.find([], Boolean)
      $('#a').find('b').remove()
      localStorage.setItem('a', 'b')
      app.get('/', (req, res) => { res.set('a', 'b'); req.get('host'); res.json(req.session.save()) })`,
  },
}

test.each(Object.entries(programs))('%s', (_, program) => {
  const { found, marked } = sinkLines(program)
  expect(found).toEqual(marked)
})
