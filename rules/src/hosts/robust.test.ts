import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as babel from '@babel/eslint-parser'
import * as typescript from '@typescript-eslint/parser'
import { Linter } from 'eslint'
import { describe, expect, it } from 'vitest'
import plugin from '../index.js'

const fixtures = fileURLToPath(new URL('../../../fixtures/', import.meta.url))

const settings = [{}, { ctx: { propagation: 'ambient' } }]

/** Lints a text with every rule, and gives the rules that report. What throws fails the test. */
function lint(
  code: string,
  filename: string,
  parser?: object,
  setting: object = {},
): readonly (string | null)[] {
  const languageOptions = {
    ...(parser ? { parser } : {}),
    parserOptions: { requireConfigFile: false, ecmaFeatures: { jsx: filename.endsWith('x') } },
  }
  const config = {
    files: ['**/*.{js,jsx,ts,tsx,cts,mts}'],
    plugins: { ctx: plugin },
    rules: plugin.configs.all.rules,
    languageOptions,
    settings: setting,
  }
  return new Linter({ cwd: fixtures })
    .verify(code, config as never, { filename })
    .map((each) => each.ruleId)
}

const head = `import { Pool } from 'pg'
import express from 'express'
import { drizzle } from 'drizzle-orm/node-postgres'
import { deriveSignal, detached, withSignal } from '@ctx-fix/runtime'
import { gone } from './not-there.js'
import other from 'a-package-that-nobody-installed'
const pool = new Pool(), app = express(), db = drizzle(pool)
`

describe('half-typed code', () => {
  // What surrounds the name does not matter to the name that is made from itself.
  const values = [
    ...['X', 'X.y', 'X()', 'X.query()', 'new X()', 'await X', '{ ...X }', '[X]', 'X ?? X'],
    ...['() => X', 'class extends X {}', 'X?.y?.z()', 'X.begin(async (t) => t)', '`${X}`'],
    ...['AbortSignal.any([X])', 'Promise.race([X, X])', 'withSignal(X, () => X)', 'require(X)'],
    ...['deriveSignal(X, { timeoutMs: X })', 'pool.query({ text: X, signal: X })', 'app.use(X)'],
  ]
  const uses = `app.get('/', X); await pool.query(X, X); fetch('a', { signal: X }); X.query(X)`
  const shapes: Readonly<Record<string, (value: string) => string>> = {
    'a constant that is made from itself': (value) => `const X = ${value}; ${uses}`,
    'a variable that is set from itself': (value) => `let X; X = ${value}; X.a = X; ${uses}`,
    'two that are made from one another': (value) =>
      `const X = ${value.replaceAll('X', 'Y')}, Y = ${value}; ${uses}; pool.query(Y)`,
    'a parameter of a function that calls itself': (value) =>
      `async function f(X = ${value}) { X = ${value}; f(X); ${uses}; return f } f(f)(f)`,
    'a class that extends itself': (value) =>
      `class X extends X { X = ${value}; constructor(X = this.X) { super(X) } } ${uses}`,
  }

  it.each(Object.entries(shapes))('%s', (_name, shape) => {
    for (const value of values)
      for (const setting of settings) {
        lint(head + shape(value), 'half.js', undefined, setting)
        lint(head + shape(value), 'half.ts', typescript, setting)
      }
  })

  it.each(readdirSync(join(fixtures, 'before-after')))('%s, as far as it is typed', (name) => {
    const folder = join(fixtures, 'before-after', name, 'before')
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!/\.[cm]?[jt]sx?$/.test(file) || file.includes('node_modules')) continue
      const text = readFileSync(join(folder, file), 'utf8')
      const parsers = /\.[cm]?tsx?$/.test(file) ? [typescript] : [undefined, typescript, babel]
      // At the ends of lines: most other halves do not parse.
      const ends = [...text.matchAll(/[;,{}()\]]\n/g)].map(({ index }) => index + 1)
      const some = ends.filter((_, at) => at % Math.ceil(ends.length / 8) === 0)
      for (const parser of parsers)
        for (const end of [...some, text.length]) {
          const half = text.slice(0, end)
          const open = half.split('{').length - half.split('}').length
          lint(half + '}'.repeat(Math.max(0, open)), join(folder, file), parser)
        }
    }
  })
})

/** A text as an editor has it while its last words are typed: with what it adds to close the brackets. */
function typedUpTo(text: string, end: number): string {
  const closing: Record<string, string> = { '(': ')', '[': ']', '{': '}' }
  const half = text.slice(0, end)
  const open: string[] = []
  for (const [bracket] of half.replace(/'[^'\n]*'|\/\/.*/g, '').matchAll(/[()[\]{}]/g)) {
    const close = closing[bracket]
    if (close === undefined) open.pop()
    else open.push(close)
  }
  return half + open.reverse().join('')
}

describe('code as it is typed', () => {
  const projects = [
    'generator',
    'nest-injection',
    'streams',
    'transaction-helper',
    'wrapped-handler',
  ]
  const files = readdirSync(join(fixtures, 'before-after'))
    .filter((each) => projects.includes(each))
    .flatMap((each) =>
      readdirSync(join(fixtures, 'before-after', each, 'before'), {
        recursive: true,
        encoding: 'utf8',
      })
        .filter((file) => /(?<!\.d)\.ts$/.test(file) && !file.includes('node_modules'))
        .map((file) => join(each, 'before', file)),
    )

  it.each(files)('%s, word for word', (name) => {
    const file = join(fixtures, 'before-after', name)
    const text = readFileSync(file, 'utf8')
    const ends = [...text.matchAll(/\w+|[^\w\s]/g)].map(({ 0: word, index }) => index + word.length)
    let parsed = 0
    for (const end of ends) {
      const found = lint(typedUpTo(text, end), file, typescript)
      if (!found.includes(null)) parsed += 1
    }
    // The others are the parser's to report.
    expect(parsed).toBeGreaterThan(0)
  })
})

describe('what no type tells', () => {
  const handler = `
    app.get('/', async (req: any, res: any) => {
      const found: any = await gone.load(other.of(req))
      const { rows }: any = await pool.query(found.text as any, found.values as any)
      for (const row of rows as any) await (gone as any).save(row, (other as any)[row])
      res.json((await (db as any).select().from(gone)) as any)
    })`

  it('reports what is known all the same', () => {
    expect(lint(head + handler, 'any.ts', typescript)).toContain('ctx/require-signal')
  })

  it('says nothing of I/O where everything is any', () => {
    const everything = `
      declare const pool: any, db: any, app: any
      export const load = async (id: any, signal: any): Promise<any> => {
        const found: any = await pool.query('SELECT 1', [id])
        return db.select().from(found as any)
      }`
    expect(lint(everything, 'any.ts', typescript)).toEqual([])
  })

  it('does without the files and packages that are imported', () => {
    const everything = `
      import { pool, db } from './not-there.js'
      import { app } from 'a-package-that-nobody-installed'
      export * from './neither.js'
      app.get('/', async (req, res) => res.json(await pool.query('SELECT 1')))`
    for (const parser of [undefined, typescript])
      expect(lint(everything, parser ? 'gone.ts' : 'gone.js', parser)).toEqual([])
  })
})

describe('long files', () => {
  const part = (n: number) => `
export async function load${n}(id, signal) {
  const { rows } = await pool.query('SELECT * FROM a WHERE id = $1', [id])
  return { ...rows[0], more: await load${n === 0 ? 0 : n - 1}(id, signal) }
}
`
  const textOf = (lines: number) =>
    `${head}${Array.from({ length: Math.ceil(lines / 6) }, (_, n) => part(n)).join('')}`

  /** The CPU of this process, in milliseconds. */
  function cpuOf(lines: number): number {
    const text = textOf(lines)
    const startedAt = process.cpuUsage()
    expect(lint(text, 'long.js').length).toBe(Math.ceil(lines / 6))
    const { user, system } = process.cpuUsage(startedAt)
    return (user + system) / 1_000
  }

  it('take time that grows with their length alone', () => {
    cpuOf(1_000)
    const short = cpuOf(800)
    // Ten times the text: a hundred times the work where anything is quadratic.
    expect(cpuOf(8_000)).toBeLessThan(short * 30 + 1_000)
  })
})
