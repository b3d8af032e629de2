// What the ledger costs a test suite: the tests of the bookshop (fixtures/apps/express-pg), with and
// without `--import @ctx-fix/runtime/assert/node-test`, in turns within one run. Prints the ratio of
// the shortest wall times: what other work on the machine adds is no part of it.
//
//   npm run build && node bench/ledger.mjs [rounds]
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { startPostgres } from '@ctx-fix/fixtures'

const rounds = Number(process.argv[2] ?? 7)
const require = createRequire(import.meta.url)
const shop = fileURLToPath(new URL('../fixtures/apps/express-pg', import.meta.url))
const setUp = pathToFileURL(require.resolve('@ctx-fix/runtime/assert/node-test')).href
const runtime = pathToFileURL(require.resolve('@ctx-fix/runtime/pg')).href

// The bookshop as it is written has no signals. So `request` fails most of its tests, with a message
// each, which is the ledger at its dearest; `record` lets them pass.
const variants = {
  bare: {},
  runtime: { NODE_OPTIONS: `--import ${runtime}` },
  record: { NODE_OPTIONS: `--import ${setUp}`, CTX_FIX_LEDGER: 'record' },
  request: { NODE_OPTIONS: `--import ${setUp}` },
}
const tests = ['books', 'customers', 'orders', 'shop'].map((name) => `dist/test/${name}.test.js`)

const { connectionString, stop } = await startPostgres()
try {
  const tsc = require.resolve('typescript/bin/tsc')
  spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: shop })
  const times = Object.fromEntries(Object.keys(variants).map((name) => [name, []]))
  const names = Object.keys(variants)
  for (let round = 0; round <= rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      // Each comes after each other one, lest one always find the machine as another left it.
      const name = names[(turn + round) % names.length]
      const took = run(variants[name], name !== 'request')
      // The first round only warms caches.
      if (round > 0) times[name].push(took)
    }
  }
  const bare = Math.min(...times.bare)
  for (const name of names) {
    const best = Math.min(...times[name])
    console.log(
      `${name.padEnd(8)} ${(best / bare).toFixed(3)} (best of ${rounds}: ${Math.round(best)} ms)`,
    )
  }
} finally {
  await stop()
}

function run(added, mustPass) {
  const env = { ...process.env, DATABASE_URL: connectionString, ...added }
  const startedAt = performance.now()
  const { status, stdout } = spawnSync(process.execPath, ['--test', ...tests], {
    cwd: shop,
    env,
    encoding: 'utf8',
  })
  if (mustPass && status !== 0) throw new Error(stdout)
  return performance.now() - startedAt
}
