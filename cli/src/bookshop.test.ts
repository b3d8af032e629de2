import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runBin, type BinOutcome } from './testing/bin.js'
import { commit, git, scratchFolder } from './testing/workspace.js'

/** The command on the application that is shipped, one step after another, as its owner would. */
const source = fileURLToPath(new URL('../../fixtures/apps/express-pg', import.meta.url))
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

let shop: string
let before: string
let patch: BinOutcome
let rewrite: BinOutcome

beforeAll(() => {
  shop = mkdtempSync(join(scratchFolder(), 'bookshop-'))
  cpSync(source, shop, {
    recursive: true,
    filter: (path) => !['dist', 'node_modules'].includes(basename(path)),
  })
  commit(shop)
  before = git(shop, 'rev-parse', 'HEAD').trim()
})

afterAll(() => {
  rmSync(shop, { recursive: true })
})

function status(): string {
  return git(shop, 'status', '--porcelain')
}

it('check finds the broken chains and writes nothing', () => {
  const { status: code, stdout, stderr } = runBin(shop, 'check')
  expect(stdout).toMatch(/\n✖ \d+ findings\n/)
  expect(stdout).not.toContain(shop)
  expect([code, stderr, status()]).toEqual([1, '', ''])
})

it('the JSON report has the documented shape, with paths from the folder', () => {
  const { status: code, stdout } = runBin(shop, 'check', '--reporter', 'json')
  expect(code).toBe(1)
  expect(stdout).not.toContain(shop)
  const report = JSON.parse(stdout) as Record<'findings' | 'sinks', Record<string, unknown>[]>
  expect(Object.keys(report)).toEqual([
    ...['version', 'summary', 'sinks', 'findings', 'libraries', 'notices'],
  ])
  const optional = new Set(['refusal'])
  for (const finding of report.findings)
    expect(Object.keys(finding).filter((key) => !optional.has(key))).toEqual([
      ...['rule', 'reason', 'message', 'file', 'line', 'column', 'endLine', 'endColumn'],
      ...['chain', 'safety', 'fingerprint', 'fixed'],
    ])
  for (const sink of report.sinks)
    expect(Object.keys(sink)).toEqual([
      ...['file', 'line', 'column', 'endLine', 'endColumn'],
      ...['library', 'api', 'status', 'entryPoints'],
    ])
  expect(report).toMatchObject({ version: 1, summary: { fixed: 0, rolledBack: 0 } })
  expect(report.sinks.flatMap((sink) => sink['entryPoints'])).toContainEqual(
    expect.stringMatching(/^GET \S+ \(src\/\S+\.ts:\d+\)$/),
  )
})

it('a dry run and a patch write nothing', () => {
  const dryRun = runBin(shop, '--dry-run')
  patch = runBin(shop, '--diff')
  expect(dryRun.stdout).toContain('nothing was written')
  expect(patch.stderr).toContain('nothing was written')
  expect([dryRun.status, patch.status]).toEqual([1, 1])
  expect(status()).toBe('')
})

it('the rewrite type-checks, and ends with the exit code that the dry run gave', () => {
  rewrite = runBin(shop)
  // What the edits import is not among the bookshop's dependencies, and is all that has to be said.
  expect(rewrite.stderr).toMatch(
    /^ctx-fix: The edits import @ctx-fix\/runtime, which is no dependency of the project: npm install @ctx-fix\/runtime .*\n$/,
  )
  expect(rewrite.status).toBe(1)
  expect(status()).not.toBe('')
  const compiler = spawnSync(process.execPath, [tsc, '--noEmit', '-p', shop], { encoding: 'utf8' })
  expect(compiler.stdout).toBe('')
})

it('the patch, applied by git, gives the same bytes', () => {
  const written = git(shop, 'diff')
  git(shop, 'checkout', '-q', before, '--', '.')
  spawnSync('git', ['apply', '-'], { cwd: shop, input: patch.stdout })
  expect(git(shop, 'diff')).toBe(written)
})

it('a second run changes nothing and finds what the first one left', () => {
  git(shop, 'add', '-A')
  commit(shop)
  const second = runBin(shop)
  expect(status()).toBe('')
  expect(second.status).toBe(rewrite.status)
  const left = /✖ (\d+) findings left/
  expect(left.exec(second.stdout)?.[1]).toBe(left.exec(rewrite.stdout)?.[1])
  expect(second.stdout).toContain(', 0 fixed')
})
