// What the ledger costs a test suite: the tests of the bookshop (fixtures/apps/express-pg), with and
// without `--import @ctx-fix/runtime/assert/node-test`, in turns within one run. Prints the ratios of
// the shortest wall times, and of the least CPU times, which other work on the machine disturbs less.
//
// Measured twice: as the bookshop is written, without signals, so that `request` and `all` fail most of its tests
// with a message each; and as `ctx-fix .` rewrites it, where few are left to fail.
//
//   npm run build && node bench/ledger.mjs [rounds]
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { startPostgres } from '@ctx-fix/fixtures'
import { commitBookshop, compileBookshop, copyBookshop } from '../scripts/demo/bookshop.mjs'

const rounds = Number(process.argv[2] ?? 7)
const require = createRequire(import.meta.url)
const setUp = pathToFileURL(require.resolve('@ctx-fix/runtime/assert/node-test')).href
const runtime = pathToFileURL(require.resolve('@ctx-fix/runtime/pg')).href
const ctxFix = fileURLToPath(new URL('../cli/bin/ctx-fix.js', import.meta.url))

const ledger = (mode) => ({ NODE_OPTIONS: `--import ${setUp}`, CTX_FIX_LEDGER: mode })
const variants = {
  bare: {},
  runtime: { NODE_OPTIONS: `--import ${runtime}` },
  record: ledger('record'),
  request: ledger('request'),
  all: ledger('all'),
}
const names = Object.keys(variants)
const tests = ['books', 'customers', 'orders', 'shop'].map((name) => `dist/test/${name}.test.js`)

const { connectionString, stop } = await startPostgres()
// Beside the packages of this repository, which the bookshop runs on.
const workspace = fileURLToPath(new URL('../.tmp/', import.meta.url))
mkdirSync(workspace, { recursive: true })
const folder = mkdtempSync(`${workspace}ledger-`)
try {
  copyBookshop(folder)
  await compileBookshop(folder)
  await measure('as written')
  commitBookshop(folder)
  spawnSync(process.execPath, [ctxFix], { cwd: folder })
  await compileBookshop(folder)
  await measure('rewritten')
} finally {
  rmSync(folder, { recursive: true })
  await stop()
}

async function measure(title) {
  const least = Object.fromEntries(names.map((name) => [name, { wall: Infinity, cpu: Infinity }]))
  let failed = {}
  for (let round = 0; round <= rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      // Each comes after each other one, lest one always find the machine as another left it.
      const name = names[(turn + round) % names.length]
      const took = run(variants[name])
      failed = { ...failed, [name]: took.failed }
      // The first round only warms caches.
      if (round === 0) continue
      const best = least[name]
      best.wall = Math.min(best.wall, took.wall)
      best.cpu = Math.min(best.cpu, took.cpu)
    }
  }
  if (failed.bare + failed.runtime + failed.record > 0)
    throw new Error('the tests fail by themselves')
  console.log(`the bookshop ${title}, least of ${rounds}`)
  for (const name of names) {
    const [wall, cpu] = ['wall', 'cpu'].map((what) => {
      const ratio = (least[name][what] / least.bare[what]).toFixed(3)
      return `${what} ${ratio} (${Math.round(least[name][what])} ms)`
    })
    console.log(`  ${name.padEnd(8)} ${wall}, ${cpu}, ${failed[name]} tests fail`)
  }
}

function run(added) {
  const env = { ...process.env, DATABASE_URL: connectionString, ...added }
  // Only a shell tells the CPU time of what it has run.
  const command = ['"$@"; times', 'sh', process.execPath, '--test', '--test-reporter=tap', ...tests]
  const startedAt = performance.now()
  const { stdout } = spawnSync('sh', ['-c', ...command], { cwd: folder, env, encoding: 'utf8' })
  const wall = performance.now() - startedAt
  const [user, system] = stdout
    .trim()
    .split('\n')
    .at(-1)
    .split(' ')
    .map((time) => {
      const [, minutes, seconds] = /^(\d+)m([\d.]+)s$/.exec(time)
      return (Number(minutes) * 60 + Number(seconds)) * 1_000
    })
  return { wall, cpu: user + system, failed: Number(/^# fail (\d+)/m.exec(stdout)?.[1] ?? 0) }
}
