import { createTestDatabase } from '@ctx-fix/fixtures/test-database'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bin, runBin } from '../testing/bin.js'
import { commit, scratchFolder } from '../testing/workspace.js'
import type { JoinedSite } from './join.js'
import type { Proof, ProvenStatus } from './proof.js'

/** The application that is shipped, rewritten by the command and proven by its own tests. */
const source = fileURLToPath(new URL('../../../fixtures/apps/express-pg', import.meta.url))
const require = createRequire(import.meta.url)
const tests = ['books', 'customers', 'orders', 'shop'].map((name) => `dist/test/${name}.test.js`)
// Built, as Node loads it; the tests' own conditions would give the sources.
const setUp = new URL('../../../runtime/dist/assert/setup/node-test.js', import.meta.url).href
const repository = 'src/repositories/book-repository.ts'

let shop: string
let connectionString: string
let drop: () => Promise<void>

beforeAll(async () => {
  shop = mkdtempSync(join(scratchFolder(), 'proven-shop-'))
  cpSync(source, shop, {
    recursive: true,
    filter: (path) => !['dist', 'node_modules'].includes(basename(path)),
  })
  commit(shop)
  expect(runBin(shop).status).toBe(1)
  compile()
  const database = await createTestDatabase()
  ;({ connectionString } = database)
  drop = () => database.drop()
})

afterAll(async () => {
  rmSync(shop, { recursive: true })
  await drop()
})

it('proves every statement that the tests reach, but for what the rewrite had left', async () => {
  await run([bin, 'prove', '--runs', '5', '--', process.execPath, '--test', ...tests])
  const { sites } = JSON.parse(readFileSync(join(shop, 'ctx-proof.json'), 'utf8')) as Proof
  const filesOf = (status: ProvenStatus): string[] =>
    sites.filter((site) => site.status === status).map(({ file }) => file)
  // Kept for several requests, and meant to outlive its own: for a person to mark.
  expect(filesOf('ran-on')).toEqual(['src/repositories/audit.ts', 'src/services/pricing.ts'])
  expect(filesOf('proven-cancelled').length).toBeGreaterThanOrEqual(28)

  const { stdout } = runBin(shop, 'check', '--proof', 'ctx-proof.json')
  expect(stdout).toContain('agrees    src/services/pricing.ts:25: linter missing, database ran on')
  // The only statement that goes through a Proxy, which the linter cannot follow.
  expect(stdout.match(/^disagrees .*/gm)).toEqual([
    'disagrees src/db/traced.ts:31: linter unknown to it, database proven cancelled',
  ])
}, 400_000)

it('names the place where a forward is taken out, as the linter does', async () => {
  const file = join(shop, repository)
  const before = readFileSync(file, 'utf8')
  const after = before.replace('      values: [id],\n      signal,\n', '      values: [id],\n')
  expect(after).not.toBe(before)
  writeFileSync(file, after)
  compile()
  const line = after.slice(0, after.indexOf("name: 'book-by-id'")).split('\n').length - 1
  const place = `${repository}:${line}`

  const output = await run(['--test', '--test-reporter=tap', 'dist/test/books.test.js'], {
    NODE_OPTIONS: `--import ${setUp}`,
  })
  expect(output).toContain(`query without signal or deadline: ${place}:`)
  expect(output).toMatch(
    new RegExp(`which is not passed on at ${place}:\\d+ \\(ctx/require-signal\\)`),
  )

  await run([
    bin,
    'prove',
    '--runs',
    '1',
    '--',
    process.execPath,
    '--test',
    'dist/test/books.test.js',
  ])
  const { stdout } = runBin(shop, 'check', '--proof', 'ctx-proof.json', '--reporter', 'json')
  const { proof } = JSON.parse(stdout) as { proof: JoinedSite[] }
  const found = proof.find((site) => `${site.file}:${site.line}` === place)
  expect(found).toMatchObject({ believed: 'missing', proven: 'ran-on', agreement: 'agrees' })
  for (const each of found?.entryPoints ?? []) {
    expect(each).toMatchObject({ lostAt: { file: repository, line }, rule: 'ctx/require-signal' })
  }
}, 200_000)

function compile(): void {
  const tsc = require.resolve('typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: shop, encoding: 'utf8' })
  expect(stdout).toBe('')
}

async function run(args: readonly string[], added: NodeJS.ProcessEnv = {}): Promise<string> {
  const env = { ...process.env, DATABASE_URL: connectionString, NO_COLOR: '1', ...added }
  const child = spawn(process.execPath, args, { cwd: shop, env })
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return stdout + stderr
}
