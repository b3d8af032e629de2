import { expect, test } from 'vitest'
import { sinkLines } from '../testing/sinks.js'

const programs = {
  'repositories, injected and got': `
    import { InjectRepository } from '@nestjs/typeorm'
    import { DataSource, getRepository, Repository } from 'typeorm'
    class User {}
    const source = new DataSource({ type: 'postgres' })
    const users = source.getRepository(User)
    export class Service {
      constructor(@InjectRepository(User) private readonly users: Repository<User>) {}
      all() { return this.users.find() } // @sink typeorm
      async page() {
        const [rows] = await this.users.findAndCount() // @sink typeorm
        const user = this.users.create({})
        return this.users.save(user) // @sink typeorm
      }
    }
    export const old = () => getRepository(User).findOne() // @sink typeorm
    export const count = () => users.count() // @sink typeorm`,
  'query builders run at their ends': `
    import { Repository } from 'typeorm'
    export async function search(repo: Repository<object>) {
      const builder = repo.createQueryBuilder('u').where('u.a = 1').andWhere((sub) => {
        return 'u.id IN ' + sub.subQuery().select('x').getQuery()
      })
      if (Math.random()) builder.andWhere('u.b = 2')
      await builder.getMany() // @sink typeorm
      await repo.createQueryBuilder().delete().where('a').execute() // @sink typeorm
      await repo.createQueryBuilder().update().set({ a: 1 }).execute() // @sink typeorm
      return builder.getQuery()
    }`,
  'managers, transactions and query runners': `
    import { DataSource, EntityManager } from 'typeorm'
    class User {}
    export async function purge(source: DataSource, manager: EntityManager) {
      await source.transaction(async (inner) => {
        await inner.query('DELETE FROM a') // @sink typeorm
        await inner.getRepository(User).insert({}) // @sink typeorm
      })
      await source.transaction('SERIALIZABLE', async (inner) => {
        await inner.save({}) // @sink typeorm
      })
      const runner = source.createQueryRunner()
      await runner.startTransaction()
      await runner.query('SELECT 1') // @sink typeorm
      await runner.manager.delete(User, 1) // @sink typeorm
      await runner.commitTransaction()
      await manager.findOneBy(User, {}) // @sink typeorm
    }`,
  'active record': `
    import { BaseEntity } from 'typeorm'
    class User extends BaseEntity {
      static active() { return this.find({ where: { active: true } }) } // @sink typeorm
      rename() { return this.save() } // @sink typeorm
    }
    export async function run() {
      const user = await User.findOneBy({ id: 1 }) // @sink typeorm
      await user?.remove() // @sink typeorm
      for (const each of await User.find()) await each.reload() // @sink typeorm typeorm
      await new User().save() // @sink typeorm
    }`,
  'custom repositories': `
    import { DataSource, Repository } from 'typeorm'
    class User {}
    class Users extends Repository<User> {
      byName(name: string) { return this.findOneBy({ name }) } // @sink typeorm
    }
    const source = new DataSource()
    const extended = source.getRepository(User).extend({
      recent() { return this.find({ take: 10 }) }, // @sink typeorm
    })
    export const run = async (users: Users) => {
      await users.byName('a')
      await extended.recent()
      return extended.count() // @sink typeorm
    }`,
  'look-alikes': `
    import { Repository } from './own.js'
    class Store { find() { return 1 } save() {} }
    export function run(own: Repository<string>, list: string[], map: Map<string, number>) {
      own.find()
      new Store().save()
      list.find(Boolean)
      map.delete('a')
      document.querySelector('a')
    }`,
}

test.each(Object.entries(programs))('%s', (_, program) => {
  const { found, marked } = sinkLines(program)
  expect(found).toEqual(marked)
})
