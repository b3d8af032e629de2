import { expect, test } from 'vitest'
import type { Files } from '../testing/program.js'
import { sinkLines } from '../testing/sinks.js'

const tokens = `export const PG = Symbol('PG')\nexport const LOG = Symbol('LOG')\nexport const NAME = 'PG_NAME'`
const provided = (provider: string) => ({
  'src/tokens.ts': tokens,
  'src/db.module.ts': `
    import { Module } from '@nestjs/common'
    import { Pool } from 'pg'
    import { LOG, NAME, PG } from './tokens'
    class Log { query(text: string) { return text } }
    @Module({ providers: [${provider}, { provide: LOG, useClass: Log }] })
    export class DbModule {}`,
})

const programs: Record<string, Files> = {
  'by a factory, for a parameter of any type': {
    ...provided('{ provide: PG, useFactory: async () => new Pool() }'),
    'src/users.ts': `
      import { Inject, Injectable } from '@nestjs/common'
      import { LOG, PG } from './tokens'
      @Injectable()
      export class Users {
        constructor(@Inject(PG) private readonly h: any, @Inject(LOG) private readonly log: any) {}
        list() { return this.h.query('1') } // @sink pg
        note() { return this.log.query('1') }
      }`,
  },
  'as a value under a text, for a parameter with no type and for a field': {
    ...provided('{ provide: NAME, useValue: new Pool() }'),
    'src/users.ts': `
      import { Inject } from '@nestjs/common'
      export class Users {
        pool
        constructor(@Inject('PG_NAME') pool) { this.pool = pool }
        list() { return this.pool.query('1') } // @sink pg
      }
      export class Posts {
        @Inject('PG_NAME') private readonly pool: any
        list() { return this.pool.query('1') } // @sink pg
      }`,
  },
  'under another token': {
    ...provided('{ provide: NAME, useExisting: PG }, { provide: PG, useValue: new Pool() }'),
    'src/users.ts': `
      import { Inject } from '@nestjs/common'
      import { NAME } from './tokens'
      interface Db { query(text: string): Promise<unknown> }
      export class Users {
        constructor(@Inject(NAME) private readonly db: Db) {}
        list() { return this.db.query('1') } // @sink pg
      }`,
  },
  'by a container of Inversify, for parameters of any type and what it gives itself': {
    'src/tokens.ts': `export const TYPES = { Db: Symbol.for('Db'), Users: Symbol.for('Users'), Made: Symbol.for('Made') }`,
    'src/container.ts': `
      import { Container } from 'inversify'
      import { Pool } from 'pg'
      import { TYPES } from './tokens'
      import { Users } from './users'
      const container = new Container()
      container.bind(TYPES.Db).toConstantValue(new Pool())
      container.bind(TYPES.Made).toDynamicValue(() => new Pool()).inSingletonScope()
      container.bind<any>(TYPES.Users).to(Users)
      export const users = container.get<any>(TYPES.Users)
      export const list = () => users.pool.query('1') // @sink pg`,
    'src/users.ts': `
      import { inject, injectable } from 'inversify'
      import { TYPES } from './tokens'
      @injectable()
      export class Users {
        constructor(@inject(TYPES.Db) readonly pool: any, @inject(TYPES.Made) private readonly made: any) {}
        list() { return this.pool.query('1') } // @sink pg
        one() { return this.made.query('1') } // @sink pg
      }`,
  },
  'by the container of tsyringe': {
    'src/users.ts': `
      import { container, inject } from 'tsyringe'
      import { Pool } from 'pg'
      container.registerInstance('Db', new Pool())
      export class Users {
        constructor(@inject('Db') private readonly db: any, @inject('Other') private readonly other: any) {}
        list() { return this.db.query('1') } // @sink pg
        none() { return this.other.query('1') }
      }
      container.registerSingleton('Users', Users)
      const users: any = container.resolve('Users')
      export const one = () => container.resolve<any>('Db').query('1') // @sink pg`,
  },
  'not by a decorator of the program’s own': {
    ...provided('{ provide: PG, useValue: new Pool() }'),
    'src/users.ts': `
      import { PG } from './tokens'
      const Inject = (token: unknown) => () => undefined
      export class Users {
        constructor(@Inject(PG) private readonly h: any) {}
        list() { return this.h.query('1') }
      }`,
  },
}

test.each(Object.entries(programs))('%s', (_, program) => {
  const { found, marked } = sinkLines(program)
  expect(found).toEqual(marked)
})
