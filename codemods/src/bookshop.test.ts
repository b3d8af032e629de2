import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTestDatabase } from '@ctx-fix/fixtures/test-database'
import { afterAll, describe, expect, it } from 'vitest'
import { analyzeProject, fixProject, type CtxFixConfig, type ProjectInput } from './index.js'

const workspace = fileURLToPath(new URL('../..', import.meta.url))
const original = join(workspace, 'fixtures/apps/express-pg')
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const copies: string[] = []

interface CountedSink {
  readonly file: string
  readonly line: number
  readonly api: string
  readonly status: string
}

/** The application in a folder from which its dependencies resolve. */
function copyBookshop(): string {
  mkdirSync(join(workspace, '.tmp'), { recursive: true })
  const folder = mkdtempSync(join(workspace, '.tmp/bookshop-'))
  copies.push(folder)
  const filter = (path: string) => !['dist', 'node_modules'].includes(basename(path))
  cpSync(original, folder, { recursive: true, filter })
  return folder
}

function inputFor(folder: string, config: CtxFixConfig): ProjectInput {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path))
  const report = files.filter((path) => relative(folder, path).startsWith('src'))
  return { root: folder, files, report, tsconfig: join(folder, 'tsconfig.json'), config }
}

function run(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    timeout: 120_000,
    encoding: 'utf8',
  })
  if (status !== 0)
    throw new Error(`${args.join(' ')} ended with ${String(status)}:\n${stdout}${stderr}`)
  return stdout
}

afterAll(() => {
  for (const folder of copies) rmSync(folder, { recursive: true, force: true })
})

describe('the bookshop', () => {
  it('has every statement that was counted by hand, with its status, and no other', async () => {
    const folder = copyBookshop()
    const { report } = await analyzeProject(inputFor(folder, {}))
    const counted = JSON.parse(readFileSync(join(original, 'sinks.json'), 'utf8')) as {
      sinks: CountedSink[]
    }
    const describeSink = (each: CountedSink) =>
      `${each.file}:${each.line} ${each.api} ${each.status}`
    const found = report.sinks
      .filter((each) => each.library === 'pg')
      .map((each) => describeSink({ ...each, file: relative(folder, each.file) }))
    // Waiting for a client is passed a signal, and is no statement.
    const expected = counted.sinks.filter((each) => each.api !== 'Pool.connect').map(describeSink)
    expect(found.toSorted()).toEqual(expected.toSorted())
  })

  it.each(['explicit', 'ambient'] as const)(
    'passes its own tests on PostgreSQL after the %s rewrite, and is not changed twice',
    async (propagation) => {
      const folder = copyBookshop()
      const first = await fixProject(inputFor(folder, { propagation }), { verify: true })
      expect(first.report.summary.rolledBack).toBe(0)
      expect(first.changes.length).toBeGreaterThan(propagation === 'explicit' ? 15 : 1)
      const write = await first.prepareWrite()
      await write()

      const again = await fixProject(inputFor(folder, { propagation }), { verify: true })
      expect(again.changes).toEqual([])

      run(folder, [tsc, '-p', folder])
      const tests = readdirSync(join(folder, 'dist/test'))
        .filter((name) => name.endsWith('.test.js'))
        .map((name) => join('dist/test', name))
      const database = await createTestDatabase()
      try {
        const output = run(folder, ['--test', '--test-reporter=tap', ...tests], {
          DATABASE_URL: database.connectionString,
        })
        expect(Number(/^# pass (\d+)/m.exec(output)?.[1])).toBeGreaterThan(40)
      } finally {
        await database.drop()
      }
    },
    180_000,
  )
})
