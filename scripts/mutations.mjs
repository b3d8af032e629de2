/**
 * Takes each guarantee of the runtime out of a copy of its source, and asks that a test fails.
 *
 *   npm run mutations                 -- or with names: npm run mutations -- hold shield
 *
 * Exits 1 where a mutant lives, or where a mutation no longer finds its place in the source.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, '.tmp/mutant')

const mutations = [
  {
    name: 'witness',
    what: 'the test shim asks PostgreSQL whether a statement has ended, and not the runtime',
    file: 'assert/expect-request-cancelled.ts',
    from: 'hasLeft(execution, await this.#observer.backend(execution.pid)),',
    to: 'query.signal?.value.aborted === true,',
    tests: ['assert/expect-request-cancelled.test.ts'],
  },
  {
    name: 'hold',
    what: 'a client starts nothing while a cancel is under way',
    file: 'pg/patch-client.ts',
    from: 'state === undefined || state.holds === 0',
    to: 'true',
    tests: ['pg/race.test.ts', 'pg/statement.test.ts'],
  },
  {
    name: 'close wait',
    what: 'the client is held until the server has closed the cancel connection',
    file: 'pg/cancellation.ts',
    from: '(this.#attempting && guarantees.awaitCancelClose)',
    to: 'false',
    tests: ['pg/race.test.ts'],
  },
  {
    name: 'retry',
    what: 'a cancel that the server lost is sent again',
    file: 'pg/cancellation.ts',
    from: 'if (this.#needsCancel && guarantees.retryLostCancel) this.#scheduleRetry(route)',
    to: '',
    tests: ['pg/race.test.ts'],
  },
  {
    name: 'grace',
    what: 'a connection whose statement does not end is destroyed in time',
    file: 'pg/cancellation.ts',
    from: '}, sharedState.defaults.cancelGraceMs)',
    to: '}, 600_000)',
    tests: ['pg/network.test.ts'],
  },
  {
    name: 'shield',
    what: 'COMMIT, ROLLBACK and cleanup are not cancelled with the request',
    file: 'pg/signalled-query.ts',
    from: "const isShielded = this.#class !== undefined && this.#class !== 'begin'",
    to: 'const isShielded = false as boolean',
    tests: ['pg/transaction.test.ts'],
  },
  {
    name: 'listener removal',
    what: 'a finished statement leaves no listener on its signal',
    file: 'pg/signalled-query.ts',
    from: 'this.#byExplicit?.end()',
    to: '',
    tests: ['pg/statement.test.ts'],
  },
  {
    name: 'context of the pool',
    what: "a query that waited for a client keeps its own caller's signal",
    file: 'pg/pool-wait.ts',
    from: 'sharedState.ambient.run(this.#context, this.#callback, error, client, done)',
    to: 'this.#callback(error, client, done)',
    tests: ['pg/pool.test.ts'],
  },
  {
    name: 'pooler fence',
    what: 'behind a pooler a connection is kept only where the cancel is known to be spent',
    file: 'pg/cancellation.ts',
    from: 'return sharedState.defaults.proxyFence && this.#sent > spent',
    to: 'return this.#sent > spent && false',
    tests: ['pg/pooler.test.ts', 'pg/race.test.ts'],
  },
  {
    name: 'end of COPY',
    what: 'a server that waits for rows to copy is told that none will come',
    file: 'pg/end-stream.ts',
    from: 'endCopyIn(query, ending)',
    to: 'void 0',
    tests: ['pg/protocol.test.ts'],
  },
  {
    name: 'hold of postgres.js',
    what: 'a connection of postgres.js executes nothing while a cancel is under way',
    file: 'postgres/link.ts',
    from: 'if (!this.#isReady || this.#isHeld) return',
    to: 'if (!this.#isReady) return',
    tests: ['postgres/race.test.ts'],
  },
  {
    name: 'peer',
    what: 'cancels of postgres.js go to the server that was reached',
    file: 'postgres/cancel-target.ts',
    from: 'const { remoteAddress: host, remotePort: port } = socket',
    to: 'const [host, port] = [options.host[0], options.port[0]]',
    tests: ['postgres/transport.test.ts'],
  },
  {
    name: 'end of a lost connection',
    what: 'a client of postgres.js that ends does not wait for a connection that was destroyed',
    file: 'postgres/link.ts',
    from: 'this.#ownersClose?.(error)\n    // postgres.js 3.4 waits for ever for the end of a connection that is lost while its client ends.\n    this.#connection.terminate()',
    to: 'this.#ownersClose?.(error)',
    tests: ['postgres/ending.test.ts'],
  },
  {
    name: 'no pipeline',
    what: 'postgres.js sends nothing behind a statement that may be cancelled',
    file: 'postgres/statement.ts',
    from: 'query.options.onexecute = () => false',
    to: 'query.options.onexecute = () => true',
    tests: ['postgres/race.test.ts'],
  },
  {
    name: 'lost connection',
    what: 'nothing is given to a connection of postgres.js that its owner has lost',
    file: 'postgres/patch-queries.ts',
    from: 'if (owner?.session?.link?.isLost) return refuseLost(this)',
    to: '',
    tests: ['postgres/race.test.ts'],
  },
  {
    name: 'waiting reservation',
    what: 'who waits for a connection of postgres.js gets it when it is opened again',
    file: 'postgres/arrival.ts',
    from: 'connection.reserved = Object.assign(handOver, { release: true })',
    to: 'void handOver',
    tests: ['postgres/race.test.ts'],
  },
  {
    name: 'sweep',
    what: 'the rows of a cancelled statement of postgres.js leave no gap in the next result',
    file: 'postgres/link.ts',
    from: 'this.#sweeper = sweeper',
    to: 'void sweeper',
    tests: ['postgres/shapes.test.ts'],
  },
  {
    name: 'cut of a cursor',
    what: 'a cursor of postgres.js ends between two fetches',
    file: 'postgres/statement.ts',
    from: 'this.#cut?.(notGiven(signal))',
    to: '',
    tests: ['postgres/shapes.test.ts'],
  },
  {
    name: 'merged reads',
    what: 'a statement for several callers of Prisma is cancelled when the last of them has left',
    file: 'prisma/merged-reads.ts',
    from: 'if (staying === 0) shared.abort(signal.reason)',
    to: 'if (staying < 99) shared.abort(signal.reason)',
    tests: ['prisma/merged-reads.test.ts'],
  },
]

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => mutations.every((each) => each.name !== name))
if (unknown.length > 0) {
  console.error(`no such mutation: ${unknown.join(', ')}. There are: ${names(mutations)}`)
  process.exit(2)
}

const chosen = mutations.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
let alive = 0
for (const mutation of chosen) {
  const verdict = tryMutation(mutation)
  if (verdict.startsWith('ALIVE')) alive += 1
  console.log(`${mutation.name.padEnd(20)} ${mutation.what}\n${' '.repeat(21)}${verdict}`)
}
rmSync(folder, { recursive: true, force: true })
process.exitCode = alive > 0 ? 1 : 0

function tryMutation({ file, from, to, tests }) {
  prepare()
  const path = join(folder, 'runtime/src', file)
  const text = readFileSync(path, 'utf8')
  if (!text.includes(from)) return `ALIVE: \`${from}\` is no longer in ${file}`
  const before = failuresOf(tests)
  if (before.length > 0) return `ALIVE: fails without the mutation: ${before[0].fullName}`
  writeFileSync(path, text.replace(from, to))
  const after = failuresOf(tests)
  return after.length === 0 ? 'ALIVE: every test passes' : `killed by: ${after[0].fullName}`
}

function failuresOf(tests) {
  const run = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--root', folder, '--reporter', 'json', '--retry', '0', '--bail', '1'],
      ...tests.map((each) => `runtime/src/${each}`),
    ],
    { cwd: root, encoding: 'utf8', env: { ...process.env, CI: '' } },
  )
  const report = run.stdout.slice(run.stdout.indexOf('{'))
  if (!report.startsWith('{')) throw new Error(`vitest said: ${run.stdout}${run.stderr}`)
  return JSON.parse(report)
    .testResults.flatMap((each) => each.assertionResults)
    .filter((each) => each.status === 'failed')
}

/** A copy of the runtime's source below the root, so that its packages are found. */
function prepare() {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  cpSync(join(root, 'runtime/src'), join(folder, 'runtime/src'), { recursive: true })
  for (const name of ['runtime/package.json', 'vitest.config.ts', 'fixtures/src']) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    cpSync(join(root, name), join(folder, name), { recursive: true })
  }
}

function names(list) {
  return list.map((each) => each.name).join(', ')
}
