import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8')

const rows = read('docs/cancel-tests.md')
  .split('\n')
  .map((line) => /^\| (\d+) *\| (.+?) *\| (.+?) *\|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, number, , tests]) => ({ number: Number(number), tests: tests ?? '' }))

it('the table has a row for each of the eighty tests', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 80 }, (_, n) => n + 1))
})

it.each(rows)('test $number is where the table says', ({ tests }) => {
  const named = tests === '—' ? [] : tests.split('<br>')
  for (const each of named) {
    const [, file, title] = /^`(.+?)`: `?(.+?)`?$/.exec(each) ?? []
    expect(read(`runtime/src/${file ?? ''}`)).toContain(title)
  }
})
