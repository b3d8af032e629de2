import { describe, expect, test } from 'vitest'
import { fixed } from '../testing/edit.js'

/** The call as it is after the fix, in a function with a signal. */
function call(code: string, declarations: string): string {
  const head = `${declarations}\nexport async function run(signal: AbortSignal, id: string, options: Options) {\n`
  const after = fixed(`${head}${code}\n}`)
  return after.startsWith(head) ? after.slice(head.length, -2) : after
}

const OPTIONS = 'interface Options { retries?: number; signal?: AbortSignal }'

describe('a signal as an argument', () => {
  const load = `${OPTIONS}\ndeclare function load(id: string, signal?: AbortSignal): Promise<string>`
  test.each<[situation: string, before: string, after: string]>([
    ['behind the others', `await load(id)`, `await load(id, signal)`],
    [
      'with a comment behind the argument',
      `await load(id /* the id */)`,
      `await load(id, signal /* the id */)`,
    ],
    [
      'with a comment that holds a bracket',
      `await load(id /* ) */)`,
      `await load(id, signal /* ) */)`,
    ],
    ['behind a trailing comma', `await load(id,)`, `await load(id, signal)`],
    ['on lines of their own', `await load(\n  id\n)`, `await load(\n  id,\n  signal\n)`],
    [
      'on lines of their own, with a trailing comma',
      `await load(\n  id, // the id\n)`,
      `await load(\n  id, // the id\n  signal,\n)`,
    ],
    ['in a nested call', `await wrap(load(id))`, `await wrap(load(id, signal))`],
    ['with a type argument', `await load<string>(id)`, `await load<string>(id, signal)`],
    ['of an optional call', `await load?.(id)`, `await load?.(id, signal)`],
  ])('%s', (_situation, before, after) => {
    expect(call(before, load)).toBe(after)
  })

  test('with Windows line ends', () => {
    const unix = `${load}\nexport const run = (id: string, signal: AbortSignal) => load(\n  id,\n)`
    const windows = unix.replaceAll('\n', '\r\n')
    expect(fixed(windows)).toBe(fixed(unix).replaceAll('\n', '\r\n'))
    expect(fixed(windows)).toContain('(\r\n  id,\r\n  signal,\r\n)')
  })

  test('with a gap before it', () => {
    const far = `${OPTIONS}\ndeclare function load(id: string, limit?: number, signal?: AbortSignal): Promise<string>`
    expect(call(`await load(id)`, far)).toBe(`await load(id, undefined, signal)`)
  })

  test('alone', () => {
    const only = `${OPTIONS}\ndeclare function load(signal?: AbortSignal): Promise<string>`
    expect(call(`await load()`, only)).toBe(`await load(signal)`)
    expect(call(`await load( )`, only)).toBe(`await load(signal)`)
    expect(call(`await load(/* all */)`, only)).toBe(`await load(/* all */ signal)`)
  })
})

describe('a signal in an options bag', () => {
  const send = `${OPTIONS}\ndeclare function send(id: string, options?: Options): Promise<void>`
  test.each<[situation: string, before: string, after: string]>([
    ['that is not there', `await send(id)`, `await send(id, { signal })`],
    ['that is empty', `await send(id, {})`, `await send(id, { signal })`],
    ['with others', `await send(id, { retries: 1 })`, `await send(id, { retries: 1, signal })`],
    ['without blanks', `await send(id, {retries: 1})`, `await send(id, {retries: 1, signal})`],
    [
      'with a trailing comma',
      `await send(id, { retries: 1, })`,
      `await send(id, { retries: 1, signal })`,
    ],
    [
      'on lines of its own',
      `await send(id, {\n  retries: 1,\n})`,
      `await send(id, {\n  retries: 1,\n  signal,\n})`,
    ],
    [
      'on lines of its own, no trailing comma',
      `await send(id, {\n  retries: 1 // once\n})`,
      `await send(id, {\n  retries: 1, // once\n  signal\n})`,
    ],
    ['that is undefined', `await send(id, undefined)`, `await send(id, { signal })`],
  ])('%s', (_situation, before, after) => {
    expect(call(before, send)).toBe(after)
  })

  test('under a key of another name', () => {
    const other = `${OPTIONS}\ndeclare function send(options: { id: string; abort?: AbortSignal }): Promise<void>`
    expect(call(`await send({ id })`, other)).toBe(`await send({ id, abort: signal })`)
  })
})

describe('a query of pg', () => {
  const pool = `${OPTIONS}\nimport { Pool } from 'pg'\nconst pool = new Pool()`
  test.each<[situation: string, before: string, after: string]>([
    [
      'text alone',
      `await pool.query('SELECT 1')`,
      `await pool.query({ text: 'SELECT 1', signal })`,
    ],
    [
      'text and values',
      `await pool.query('SELECT $1', [id])`,
      `await pool.query({ text: 'SELECT $1', values: [id], signal })`,
    ],
    [
      'a template',
      'await pool.query(`SELECT 1`)',
      'await pool.query({ text: `SELECT 1`, signal })',
    ],
    [
      'with comments behind the arguments',
      `await pool.query(\n  'SELECT $1', // one\n  [id] // two\n)`,
      `await pool.query({\n  text: 'SELECT $1', // one\n  values: [id], // two\n  signal\n})`,
    ],
    [
      'names that fit',
      `const text = 'SELECT 1'\nawait pool.query(text)`,
      `const text = 'SELECT 1'\nawait pool.query({ text, signal })`,
    ],
    [
      'on lines of their own',
      `await pool.query(\n  'SELECT $1',\n  [id],\n)`,
      `await pool.query({\n  text: 'SELECT $1',\n  values: [id],\n  signal,\n})`,
    ],
    [
      'on lines of their own, no trailing comma',
      `await pool.query(\n  'SELECT $1',\n  [id]\n)`,
      `await pool.query({\n  text: 'SELECT $1',\n  values: [id],\n  signal\n})`,
    ],
    [
      'a template over several lines',
      'await pool.query(`\n  SELECT 1\n`, [id])',
      'await pool.query({ text: `\n  SELECT 1\n`, values: [id], signal })',
    ],
    [
      'a config object',
      `await pool.query({ text: 'SELECT 1' })`,
      `await pool.query({ text: 'SELECT 1', signal })`,
    ],
    [
      'a callback',
      `pool.query('SELECT 1', [id], (error, result) => {})`,
      `pool.query({ text: 'SELECT 1', values: [id], signal }, (error, result) => {})`,
    ],
  ])('%s', (_situation, before, after) => {
    expect(call(before, pool)).toBe(after)
  })

  const foreign = `${OPTIONS}\nimport type { Pool } from 'pg'\ndeclare const pool: Pool`
  test.each<[situation: string, before: string, after: string]>([
    [
      'plain',
      `await pool.query('SELECT 1')`,
      `await withSignal(signal, () => pool.query('SELECT 1'))`,
    ],
    [
      'an argument that awaits goes before it',
      `const rows = await pool.query('SELECT $1', [await key()])`,
      `const values = [await key()]\nconst rows = await withSignal(signal, () => pool.query('SELECT $1', values))`,
    ],
    [
      'a property that was looked at before goes before it',
      `if (row.id) {\n  await pool.query('SELECT $1', [row.id])\n}`,
      `if (row.id) {\n  const values = [row.id]\n  await withSignal(signal, () => pool.query('SELECT $1', values))\n}`,
    ],
    [
      'one that was only put into something stays, and so does a member of an enum',
      `if (row.state === State.OPEN) {\n  note({ id: row.id })\n  await pool.query('SELECT $1', [row.id, State.OPEN])\n}`,
      `if (row.state === State.OPEN) {\n  note({ id: row.id })\n  await withSignal(signal, () => pool.query('SELECT $1', [row.id, State.OPEN]))\n}`,
    ],
    [
      'unless the statement stands alone under a condition',
      `if (row.id)\n  await pool.query('SELECT $1', [row.id])`,
      `if (row.id)\n  await withSignal(signal, () => pool.query('SELECT $1', [row.id]))`,
    ],
    [
      'a property that is read twice in the call stays',
      `await pool.query(select(row.id), [row.id])`,
      `await withSignal(signal, () => pool.query(select(row.id), [row.id]))`,
    ],
  ])('on a client of unknown making: %s', (_situation, before, after) => {
    expect(call(before, foreign)).toBe(after)
  })
})

describe('a signal that is derived in the handler', () => {
  const handler = (params: string, body: string) =>
    `import express from 'express'\nimport { Pool } from 'pg'\nconst pool = new Pool()\nexpress().get('/', async (${params}) => ${body})\n`
  test.each<[situation: string, before: string, after: string]>([
    [
      'on lines',
      handler('req, res', `{\n  await pool.query('SELECT 1')\n}`),
      handler(
        'req, res',
        `{\n  const signal = requestSignal(req)\n  await pool.query({ text: 'SELECT 1', signal })\n}`,
      ),
    ],
    [
      'with semicolons and tabs',
      handler('req, res', `{\n\tawait pool.query('SELECT 1');\n\tres.end();\n}`).replaceAll(
        /(['p))])\n/g,
        '$1;\n',
      ),
      handler(
        'req, res',
        `{\n\tconst signal = requestSignal(req);\n\tawait pool.query({ text: 'SELECT 1', signal });\n\tres.end();\n}`,
      ).replaceAll(/(['p))])\n/g, '$1;\n'),
    ],
    [
      'on one line',
      handler('req, res', `{ await pool.query('SELECT 1') }`),
      handler(
        'req, res',
        `{ const signal = requestSignal(req); await pool.query({ text: 'SELECT 1', signal }) }`,
      ),
    ],
    [
      'without braces',
      handler('req', `pool.query('SELECT 1')`),
      handler('req', `pool.query({ text: 'SELECT 1', signal: requestSignal(req) })`),
    ],
    [
      'where the handler has no parameter',
      handler('', `{\n  await pool.query('SELECT 1')\n}`),
      handler(
        'req',
        `{\n  const signal = requestSignal(req)\n  await pool.query({ text: 'SELECT 1', signal })\n}`,
      ),
    ],
    [
      'behind a directive',
      handler('req', `{\n  'use strict'\n  await pool.query('SELECT 1')\n}`),
      handler(
        'req',
        `{\n  'use strict'\n  const signal = requestSignal(req)\n  await pool.query({ text: 'SELECT 1', signal })\n}`,
      ),
    ],
    [
      'where the name is taken',
      handler(
        'req',
        `{\n  const signal = req.query.signal\n  await pool.query('SELECT 1', [signal])\n}`,
      ),
      handler(
        'req',
        `{\n  const abortSignal = requestSignal(req)\n  const signal = req.query.signal\n  await pool.query({ text: 'SELECT 1', values: [signal], signal: abortSignal })\n}`,
      ),
    ],
  ])('%s', (_situation, before, after) => {
    expect(fixed(before)).toBe(after)
  })
})
