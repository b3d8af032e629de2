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
