import { describe, expect, test } from 'vitest'
import { analysisOf, type Files } from '../testing/program.js'

/** The APIs of the database calls found. */
function sinks(files: Files | string): string[] {
  return analysisOf(files).calls.flatMap(({ name, sink }) =>
    sink && sink.spec.onlyInScope !== true ? [`${name} is ${sink.api}`] : [],
  )
}

const PG = `import { Pool, type PoolClient, type QueryResult } from 'pg'\nconst pool = new Pool()\n`
const QUERYABLE = `interface Queryable { query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> }\n`
const REPO = `class Repo { constructor(private readonly db: Queryable) {} list() { return this.db.query('select 1') } }\n`

describe('a method of an own type is the library’s', () => {
  test.each<[string, Files | string]>([
    ['where a pool is given to the constructor', `${PG}${QUERYABLE}${REPO}new Repo(pool)`],
    [
      'in another file',
      {
        'src/repo.ts': `export ${QUERYABLE}export ${REPO}`,
        'src/app.ts': `${PG}import { Repo } from './repo.js'\nexport const repo = new Repo(pool)`,
      },
    ],
    [
      'through a type that is the default of its module',
      {
        'src/context.ts': `import type { Pool } from 'pg'\ninterface Context { db: Pool }\nexport default Context`,
        'src/index.ts': `export { default as Context } from './context.js'`,
        'src/app.ts': `import type { Context } from './index.js'\nexport const list = (context: Context) => context.db.query('select 1')`,
      },
    ],
    [
      'where the type is handed on as a wider one',
      `${PG}${QUERYABLE}${REPO}interface Store extends Queryable { end(): void }\nconst make = (store: Store) => new Repo(store)\nmake(pool)`,
    ],
    [
      'where it is a key of what is given',
      `${PG}${QUERYABLE}${REPO}const make = (deps: { db: Queryable }) => new Repo(deps.db)\nmake({ db: pool })`,
    ],
    [
      'where the pool is the default',
      `${PG}${QUERYABLE}class Repo { constructor(private readonly db: Queryable = pool) {} list() { return this.db.query('select 1') } }`,
    ],
    [
      'where the library calls back with its own',
      `${PG}pool.connect((err: unknown, client: { query: (text: string, done: () => void) => void }) => { client.query('select 1', () => {}) })`,
    ],
    [
      'where it promises the library’s result, and no class of the program implements it',
      `import type { QueryResult } from 'pg'\ninterface Queryable { query(text: string): Promise<QueryResult> }\nexport const list = (db: Queryable) => db.query('select 1')`,
    ],
  ])('%s', (_, files) => {
    expect(sinks(files)).toEqual([
      expect.stringMatching(/query is (Pool|Client|ClientBase|PoolClient)\.query/),
    ])
  })
})

describe('a method of an own type is not the library’s', () => {
  test.each<[string, string]>([
    [
      'where nothing of the library is given',
      `${PG}${QUERYABLE}${REPO}new Repo({ query: async () => ({ rows: [] }) })`,
    ],
    [
      'where an own class implements it, though it promises the library’s result',
      `${PG}interface Db { query(text: string): Promise<QueryResult> }\nclass Fake implements Db { async query(text: string) { return { rows: [] } as never } }\nexport const list = (db: Db) => db.query('select 1')`,
    ],
    [
      'where it has another name than the library’s',
      `${PG}interface Db { find(text: string): Promise<QueryResult> }\nexport const list = (db: Db) => db.find('select 1')`,
    ],
  ])('%s', (_, files) => {
    expect(sinks(files)).toEqual([])
  })
})
