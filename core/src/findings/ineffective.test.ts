import { expect, test } from 'vitest'
import { findingsOf } from '../testing/program.js'

const reasonsIn = (text: string) =>
  findingsOf(text)
    .filter(({ finding }) => finding.rule === 'no-ineffective-cancel')
    .map(({ finding }) => finding.reason)

const kysely = (options: string) => `
  import type { Kysely } from 'kysely'
  export const all = (db: Kysely<object>, signal: AbortSignal, options: object) =>
    db.selectFrom('a').execute(${options})`

const knex = (call: string) => `
  import type { Knex } from 'knex'
  export const all = async (db: Knex, options: object) => await db('a').${call}`

test.each([
  ['no strategy', kysely('{ signal }'), ['signal-without-strategy']],
  [
    'a strategy that leaves the statement running',
    kysely("{ signal, inflightQueryAbortStrategy: 'ignore query' }"),
    ['signal-without-strategy'],
  ],
  ['one that cancels', kysely("{ signal, inflightQueryAbortStrategy: 'cancel query' }"), []],
  ['options that are not written here', kysely('options'), []],
  ['options with a spread', kysely('{ ...options, signal }'), []],
  ['a timeout that only rejects', knex('timeout(1_000)'), ['timeout-without-cancel']],
  ['a timeout that cancels', knex('timeout(1_000, { cancel: true })'), []],
  ['a timeout of something else', 'export const wait = (page: any) => page.timeout(1_000)', []],
])('%s', (_, text, reasons) => {
  expect(reasonsIn(text)).toEqual(reasons)
})

const pg = (body: string) => `
  import { Pool } from 'pg'
  declare const sleep: (ms: number) => Promise<never>
  const pool = new Pool()
  ${body}`

test.each([
  [
    'of a pool',
    "import { Pool } from 'pg'\nexport const pool = new Pool({ query_timeout: 1_000 })",
    ['timeout-only-rejects'],
  ],
  [
    'of a pool whose server has one too',
    "import { Pool } from 'pg'\nexport const pool = new Pool({ query_timeout: 2_000, statement_timeout: 1_000 })",
    [],
  ],
  [
    'of something else',
    "import { Pool } from './pool.js'\nexport const pool = new Pool({ query_timeout: 1_000 })",
    [],
  ],
  [
    'of a query',
    pg("export const all = () => pool.query({ text: 'SELECT 1', query_timeout: 1_000 })"),
    ['timeout-only-rejects'],
  ],
  [
    'of a query with a signal',
    pg(
      "export const all = (signal: AbortSignal) => pool.query({ text: 'SELECT 1', query_timeout: 1_000, signal })",
    ),
    [],
  ],
  [
    'of a race',
    pg("export const all = () => Promise.race([pool.query('SELECT 1'), sleep(1_000)])"),
    ['timeout-only-rejects'],
  ],
  [
    'of a race with a promise that is written out',
    pg(`
      const load = async () => (await pool.query('SELECT 1')).rows
      export const all = () =>
        Promise.race([load().then((rows) => rows[0]), new Promise((_, reject) => setTimeout(reject, 1_000))])`),
    ['timeout-only-rejects'],
  ],
  [
    'of a race that gives its query a signal',
    pg(`
      export const all = (signal: AbortSignal) =>
        Promise.race([pool.query({ text: 'SELECT 1', signal }), sleep(1_000)])`),
    [],
  ],
  [
    'of a race of two queries',
    pg("export const all = () => Promise.race([pool.query('SELECT 1'), pool.query('SELECT 2')])"),
    [],
  ],
  [
    'of a transaction of Prisma',
    `
    import { PrismaClient } from '@prisma/client'
    const prisma = new PrismaClient()
    export const run = () => prisma.$transaction(async (tx) => tx.user.findMany(), { timeout: 500 })`,
    ['timeout-only-rejects'],
  ],
])('a timeout %s', (_, text, reasons) => {
  expect(reasonsIn(text)).toEqual(reasons)
})
