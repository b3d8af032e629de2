import { describe, expect, test } from 'vitest'
import { analysisOf, judgementsOn, type Files } from '../testing/program.js'
import { traceReceiver, type Trace } from './trace.js'

/** How the receiver of the one `….query(…)` is traced. */
function trace(files: Files | string): Trace {
  const analysis = analysisOf(files)
  const [node, ...more] = analysis.calls.filter((each) => /\bquery$/.test(each.name) && each.sink)
  if (!node || more.length > 0) throw new Error(`${more.length} more queries, or none`)
  return traceReceiver(analysis, node)
}

const PG = `import pg, { Pool, Client, type PoolClient } from 'pg'\n`

describe('the value of a receiver is the library’s own', () => {
  test.each<[string, string]>([
    ['made here', `const pool = new Pool()\nexport const f = () => pool.query('')`],
    [
      'made from the default export',
      `const pool = new pg.Pool()\nexport const f = () => pool.query('')`,
    ],
    ['made in place', `export const f = () => new Client().query('')`],
    [
      'handed out by a pool',
      `const pool = new Pool()\nexport const f = async () => { const client = await pool.connect(); await client.query('') }`,
    ],
    [
      'assigned later',
      `let pool: Pool | undefined\nexport const f = () => { pool ??= new Pool(); return pool.query('') }`,
    ],
    ['a field', `class Repo { pool = new Pool(); f() { return this.pool.query('') } }`],
    [
      'a constructor’s parameter, at every call',
      `class Repo { constructor(private pool: Pool) {} f() { return this.pool.query('') } }\nnew Repo(new Pool())`,
    ],
    [
      'given to a base class, with and without a constructor between',
      `class Base { constructor(protected pool: Pool) {} f() { return this.pool.query('') } }\nclass A extends Base { constructor(pool: Pool) { super(pool) } }\nclass B extends A {}\nnew B(new Pool())`,
    ],
    ['a parameter, at every call', `function f(db: Pool) { return db.query('') }\nf(new Pool())`],
    [
      'destructured dependencies',
      `function f({ pool }: { pool: Pool }) { return pool.query('') }\nf({ pool: new Pool() })`,
    ],
    [
      'what a function returns',
      `const make = () => new Pool()\nexport const f = () => make().query('')`,
    ],
    [
      'what an own helper gives its callback',
      `const pool = new Pool()\nasync function tx(run: (client: PoolClient) => Promise<void>) { const client = await pool.connect(); await run(client) }\nvoid tx(async (client) => { await client.query('') })`,
    ],
    [
      'a subclass that leaves the methods alone',
      `class Db extends Pool { count = 0 }\nconst db = new Db()\nexport const f = () => db.query('')`,
    ],
  ])('%s', (_situation, text) => {
    expect(trace(PG + text)).toBe('library')
  })

  test('across files and barrels', () => {
    expect(
      trace({
        'src/db/pool.ts': `${PG}export const pool = new Pool()`,
        'src/db/index.ts': `export * from './pool.js'`,
        'src/app.ts': `import { pool } from './db/index.js'\nexport const f = () => pool.query('')`,
      }),
    ).toBe('library')
  })
})

describe('something reads the arguments before the library does', () => {
  test.each<[string, string]>([
    ['a Proxy', `const pool = new Proxy(new Pool(), {})\nexport const f = () => pool.query('')`],
    [
      'a Proxy behind an annotation',
      `function traced(client: PoolClient): PoolClient { return new Proxy(client, {}) }\nconst pool = new Pool()\nexport const f = async () => { const client = traced(await pool.connect()); await client.query('') }`,
    ],
    [
      'an object literal',
      `const pool = { query: (text: string) => text } as unknown as Pool\nexport const f = () => pool.query('')`,
    ],
    [
      'a method put in place',
      `const pool = new Pool()\npool.query = (() => 0) as never\nexport const f = () => pool.query('')`,
    ],
    [
      'a subclass with a method of its own',
      `class Db extends Pool { override query(): never { throw new Error() } }\nfunction f(pool: Pool) { return pool.query('') }\nf(new Db())`,
    ],
    [
      'one of two ways',
      `declare const debug: boolean\nconst pool = debug ? new Proxy(new Pool(), {}) : new Pool()\nexport const f = () => pool.query('')`,
    ],
  ])('%s', (_situation, text) => {
    expect(trace(PG + text)).toBe('intercepted')
  })
})

describe('a type alone says nothing of the value', () => {
  test.each<[string, string]>([
    [
      'a parameter that nobody is seen to give',
      `export function f(pool: Pool) { return pool.query('') }`,
    ],
    ['an ambient declaration', `declare const pool: Pool\nexport const f = () => pool.query('')`],
    [
      'a value of another package',
      `import { pool } from '@acme/db'\nexport const f = () => (pool as Pool).query('')`,
    ],
    [
      'an element of a collection',
      `const pools: Pool[] = []\nexport const f = () => { for (const pool of pools) void pool.query('') }`,
    ],
    [
      'an argument that is spread',
      `function f(pool: Pool) { return pool.query('') }\nf(...([new Pool()] as [Pool]))`,
    ],
  ])('%s', (_situation, text) => {
    expect(trace(PG + text)).toBe('unknown')
  })
})

test('a class called Pool from elsewhere is no sink at all', () => {
  const text = `import { Pool } from 'generic-pool'\nconst pool = new Pool()\nexport const f = () => pool.query('')`
  expect(judgementsOn(analysisOf(text), 'pool.query').filter((each) => each.node.sink)).toEqual([])
})
