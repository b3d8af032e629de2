import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CallSite } from './call-stack.js'
import { lostAt } from './lost-at.js'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ctx-fix-lost-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** The places marked with ^ in `source`, in the order of a stack: the last is the outermost. */
function sitesOf(source: string): CallSite[] {
  const file = join(folder, 'app.ts')
  const parts = source.split('^')
  writeFileSync(file, parts.join(''))
  return parts.slice(0, -1).map((_, index) => {
    const before = parts
      .slice(0, index + 1)
      .join('')
      .split('\n')
    return { file, line: before.length, column: (before.at(-1) ?? '').length + 1, caller: '' }
  })
}

it.each([
  ['the statement', "db.^query('SELECT')\n^await find(id, signal)", 1],
  ['a call on the way', "db.^query({ text, signal })\n^find(id, ')(')\n^show(req)", 2],
  ['a call that is given a part of the request', 'db.^query({ signal })\n^find(req.params.id)', 2],
  ['the outermost of several', '^sql`SELECT ${1}`\n^find(id)\n^show(id)', 3],
  [
    'a statement whose text has such words',
    "db.^query('SELECT signal FROM request')\n^find(id, signal)",
    1,
  ],
  [
    'a template whose text has such words',
    '^find(id, signal)\ndb.^query(`SELECT context ${id}`)',
    2,
  ],
  ['a call with such words in a comment', 'db.^query({ signal })\n^find(id /* no signal */)', 2],
  ['a call over several lines', '^find(\n  id,\n  signal,\n)\n^show(\n  id,\n)', 5],
])('finds %s', (_, source, line) => {
  expect(lostAt(sitesOf(source))?.line).toBe(line)
})

it.each([
  ['every call shows a signal', 'db.^query({ ...options })\n^await find(id, { signal })'],
  ['a template has one inserted', '^find(id, signal)\n^sql`SELECT ${cancelledBy(signal)}`'],
  ['a handler only hands on', '^withSignal(signal, () => query(x))\n^await next()'],
  ['there is no call', '^done'],
])('finds nothing where %s', (_, source) => {
  expect(lostAt(sitesOf(source))).toBeUndefined()
})

it.each<[string, string, number | undefined]>([
  ['what the function calls', '^retry(() => ^find(id))', 2],
  ['nothing, where that shows a signal', '^retry(() =>\n  ^find(id, signal))', undefined],
  ['what it calls, on its own line', '^retry(\n  async () => {\n    await ^find(id)\n  })', 4],
])('of a function that is given to one of the user’s own, finds %s', (_, given, line) => {
  const [fn, retry, find, query, show] = sitesOf(
    `const retry = (fn) => ^fn()\n${given}\ndb.^query({ signal })\n^show(signal)`,
  )
  const stack = [query, find, fn, retry, show].filter((each) => each !== undefined)
  expect(lostAt(stack)?.line).toBe(line)
})

it('finds what is lost before such a function is made', () => {
  const [fn, retry, find, query, show] = sitesOf(
    'const retry = (fn) => ^fn()\n^retry(() => ^find(id, signal))\ndb.^query({ signal })\n^show(id)',
  )
  const stack = [query, find, fn, retry, show].filter((each) => each !== undefined)
  expect(lostAt(stack)?.line).toBe(4)
})

it('finds nothing where the source is not there', () => {
  expect(lostAt([{ file: '/no/such/file.ts', line: 1, column: 1, caller: '' }])).toBeUndefined()
})
