import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8')

const [overPg = '', overPostgresJs = ''] = read('docs/cancel-tests.md').split(
  '## The same over postgres.js',
)

const rows = overPg
  .split('\n')
  .map((line) => /^\| (\d+) *\| (.+?) *\| (.+?) *\|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, number, , tests]) => ({ number: Number(number), tests: tests ?? '' }))

it('the table has a row for each of the eighty tests', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 80 }, (_, n) => n + 1))
})

it('the table of postgres.js names tests that are there', () => {
  const named = [...overPostgresJs.matchAll(/`([a-z/-]+\.test\.ts)`: (.+?)(?=<br>| *\|$)/gm)]
  expect(named.length).toBeGreaterThan(20)
  for (const [, file, title] of named) {
    expect(read(`runtime/src/${file ?? ''}`)).toContain(title?.replace(/^`|`$/g, '').trim())
  }
})

it('docs/decisions.md names every mutation', () => {
  const names = [...read('scripts/mutations.mjs').matchAll(/^ {4}name: '(.+)',$/gm)].map(
    ([, name]) => name,
  )
  const [, listed = ''] =
    /^Mutations: ([^.]*(?:\.js[^.]*)*)\.$/m.exec(read('docs/decisions.md')) ?? []
  expect(listed.replaceAll('\n', ' ').split(', ').sort()).toEqual(names.sort())
})

it.each(rows)('test $number is where the table says', ({ tests }) => {
  const named = tests === '—' ? [] : tests.split('<br>')
  for (const each of named) {
    const [, file, title] = /^`(.+?)`: `?(.+?)`?$/.exec(each) ?? []
    expect(read(`runtime/src/${file ?? ''}`)).toContain(title)
  }
})
