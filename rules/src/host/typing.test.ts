import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as parser from '@typescript-eslint/parser'
import { ESLint } from 'eslint'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createFolder, type Folder } from '../hosts/scenario.js'
import plugin from '../index.js'

/** A file that is being edited, and what it imports: only `setup` tells that a `Queryable` is a pool. */
const files = {
  'repo.ts': `export interface Queryable {
  query(sql: string): Promise<unknown>
}
export class Repo {
  constructor(private readonly db: Queryable) {}
}
`,
  'setup.ts': `import { Pool } from 'pg'
import { Repo } from './repo.js'
import type { Cache } from './edited.js'

export const repo = new Repo(new Pool())
export const keep = (cache: Cache) => cache
keep(new Pool())
`,
  'edited.ts': `import type { Queryable } from './repo.js'
import './setup.js'

export interface Cache {
  query(sql: string): Promise<unknown>
}
export const load = (db: Queryable, signal: AbortSignal) => db.query('SELECT 1')
export const warm = (db: Cache, signal: AbortSignal) => db.query('SELECT 2')
`,
}

let folder: Folder
beforeAll(() => {
  folder = createFolder(files)
  return folder.remove
})

function createLinter(cwd = folder.root) {
  return new ESLint({
    cwd,
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ['**/*.ts'],
        languageOptions: { parser },
        plugins: { ctx: plugin },
        rules: plugin.configs.all.rules,
      },
    ],
  })
}

async function lintText(linter: ESLint, text: string, name = 'edited.ts', root = folder.root) {
  const [result] = await linter.lintText(text, { filePath: join(root, name) })
  return (result?.messages ?? []).map(({ line, ruleId, message }) => [
    line,
    ruleId ?? message.split(':')[0],
  ])
}

describe('a text that is not the one on disk', () => {
  const text = files['edited.ts']
  const expected = [
    [7, 'ctx/require-signal'],
    [8, 'ctx/require-signal'],
  ]

  it('is judged as the saved one, with what other files say of its types', async () => {
    const linter = createLinter()
    expect(await lintText(linter, text)).toEqual(expected)
    expect(await lintText(linter, `${text}const a = 1\n`)).toEqual(expected)
  })

  it('where a type that it declares has moved, without those that stood there before', async () => {
    const moved = text.replace(
      'export interface Cache',
      'interface First { a: 1 }\nexport interface Cache',
    )
    expect(await lintText(createLinter(), moved)).toEqual([[8, 'ctx/require-signal']])
  })

  it('of a file that is not there yet', async () => {
    const fresh = text.replace('export interface Cache', 'export interface Own')
    expect(await lintText(createLinter(), fresh.replace('db: Cache', 'db: Own'), 'new.ts')).toEqual(
      [[7, 'ctx/require-signal']],
    )
  })

  it('is judged anew when what it imports is written to disk', async () => {
    const own = createFolder(files)
    onTestFinished(own.remove)
    const linter = createLinter(own.root)
    const typed = `${text}const a = 1\n`
    expect(await lintText(linter, typed, 'edited.ts', own.root)).toHaveLength(2)
    writeFileSync(
      join(own.root, 'setup.ts'),
      `import { Repo } from './repo.js'\nexport const repo = new Repo({ query: async () => [] })\n`,
    )
    // The files on disk are looked at again after a quarter of a second.
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await lintText(linter, `${typed}const b = 1\n`, 'edited.ts', own.root)).toEqual([])
  })

  it('is cut off anywhere, and nothing throws', async () => {
    const linter = createLinter()
    for (const name of Object.keys(files) as (keyof typeof files)[])
      for (let end = 0; end < files[name].length; end += 7) {
        const found = await lintText(linter, files[name].slice(0, end), name)
        for (const [, rule] of found) expect(rule).toMatch(/^ctx\/|^Parsing error/)
      }
  })
})
