import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { differences, outcomeOf, pageFaults, readExpected, tableRow } from './expected.mjs'

const shop = { proven: 1, others: { 'src/a.ts:2': 'ran-on' }, forward: 'src/express.ts:20' }

it('is what docs/assert.md says', () => {
  const page = readFileSync(new URL('../../docs/assert.md', import.meta.url), 'utf8')
  expect(pageFaults(page, readExpected())).toEqual([])
})

it('is compared in both directions', () => {
  const sites = [
    { file: 'src/a.ts', line: 1, status: 'proven-cancelled' },
    { file: 'src/a.ts', line: 2, status: 'ran-on' },
  ]
  expect(differences(shop, outcomeOf(sites, 'src/express.ts:20'))).toEqual([])
  const proven = sites.map((site) => ({ ...site, status: 'proven-cancelled' }))
  expect(differences(shop, outcomeOf(proven, 'src/express.ts:20'))).toEqual([
    '2 calls are proven cancelled, not 1',
    'src/a.ts:2 is proven or gone, not ran-on',
  ])
  const lost = [...sites, { file: 'src/b.ts', line: 3, status: 'not-reached' }]
  expect(differences(shop, outcomeOf(lost, 'src/express.ts:21'))).toEqual([
    'src/b.ts:3 is not-reached, not proven or gone',
    'the forward is at src/express.ts:21, not src/express.ts:20',
  ])
  expect(differences(undefined, shop)).toHaveLength(1)
})

it('finds rows that the page lacks, and that it has too many', () => {
  const page = `${tableRow('pg', shop)}\n| knex |  1 | 0 |   0 | 0 | \`src/express.ts:20\` |`
  expect(pageFaults(page, { pg: shop, slonik: shop })).toEqual([
    'lacks | slonik | 1 | 1 | 0 | 0 | `src/express.ts:20` |',
    'has | knex | 1 | 0 | 0 | 0 | `src/express.ts:20` |, which is not expected',
  ])
})
