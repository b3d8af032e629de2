import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useDatabase } from '../../test-support/database.js'

// Real projects, run by real test runners, with the package as it is published: needs
// `npm run build`, which `npm test` does first.
const postgres = useDatabase()
const dependencies = fileURLToPath(new URL('../../../../node_modules', import.meta.url))
let project = ''

const APP = `
const pool = new Pool({ connectionString: process.env.APP_DATABASE })
function findBooks(signal) {
  return pool.query({ text: 'SELECT 1 AS books', signal })
}
const routes = {
  '/bound': (request) => findBooks(requestSignal(request)),
  '/bare': () => findBooks(),
  '/lost': (request) => { requestSignal(request); return findBooks() },
  '/forgotten': () => { void pool.query('SELECT pg_sleep(0.4) AS forgotten') },
}
const server = createServer(async (request, response) => {
  await routes[request.url](request)
  response.end()
})
const start = () => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const stop = async () => { server.closeAllConnections(); server.close(); await pool.end() }
const get = async (path) => (await fetch('http://127.0.0.1:' + server.address().port + path)).text()
`

const TESTS = `
beforeAll(start)
afterAll(stop)
for (const path of ['/bound', '/bare', '/lost', '/forgotten']) test(path, () => get(path))
test('no request', async () => { await pool.query('SELECT 1 AS seed') })
`

const MATCHERS = `
test('matchers', async () => {
  const signal = AbortSignal.timeout(100)
  await expect(pool.query({ text: 'SELECT pg_sleep(9)', signal })).toBeCancelledBy(signal)
  await expect(() => pool.query({ text: 'SELECT 1', signal: deriveSignal(null, { timeoutMs: 99 }) })).toHaveDeadline()
  await expect(() => pool.query('SELECT 1')).not.toHaveDeadline()
  await expect(pool.query('SELECT 1')).not.toBeCancelledBy(signal)
})
`

const cjs = (rest: string): string => `
const { createServer } = require('node:http')
const { Pool } = require('pg')
const { deriveSignal } = require('@ctx-fix/runtime')
const { requestSignal } = require('@ctx-fix/runtime/node')
${rest}`
const esm = (rest: string): string => `
import { createServer } from 'node:http'
import { Pool } from 'pg'
import { deriveSignal } from '@ctx-fix/runtime'
import { requestSignal } from '@ctx-fix/runtime/node'
${rest}`

const EXPORTED = 'pool, start, stop, get, deriveSignal'

interface Runner {
  readonly files: Readonly<Record<string, string>>
  readonly command: readonly string[]
}

const jest: Runner = {
  files: {
    'jest.config.json': JSON.stringify({
      transform: {},
      testMatch: ['**/*.test.js'],
      setupFilesAfterEnv: ['@ctx-fix/runtime/assert/jest'],
      maxWorkers: 2,
    }),
    'package.json': '{}',
    'app.js': cjs(`${APP}module.exports = { ${EXPORTED} }`),
    'one.test.js': `const { ${EXPORTED} } = require('./app.js')${TESTS}${MATCHERS}`,
    'two.test.js': `const { ${EXPORTED} } = require('./app.js')${TESTS}`,
  },
  command: ['jest/bin/jest.js', '--json', '--outputFile=report.json'],
}

const vitest: Runner = {
  files: {
    'vitest.config.mjs': `export default { test: {
      globals: true, include: ['*.test.js'], setupFiles: ['@ctx-fix/runtime/assert/vitest'],
      maxWorkers: 2, reporters: [['json', { outputFile: 'report.json' }]] } }`,
    'package.json': '{"type":"module"}',
    'app.js': esm(`${APP}export { ${EXPORTED} }`),
    'one.test.js': `import { ${EXPORTED} } from './app.js'${TESTS}${MATCHERS}`,
    'two.test.js': `import { ${EXPORTED} } from './app.js'${TESTS}`,
  },
  command: ['vitest/vitest.mjs', 'run'],
}

const nodeTest: Runner = {
  files: {
    'package.json': '{"type":"module"}',
    'app.js': esm(`${APP}export { ${EXPORTED} }`),
    'one.test.js': `
      import '@ctx-fix/runtime/assert/node-test'
      import { before as beforeAll, after as afterAll, test } from 'node:test'
      import { ${EXPORTED} } from './app.js'${TESTS}`,
  },
  command: [],
}

beforeAll(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'ctx-fix-assert-')))
})
afterAll(() => {
  rmSync(project, { recursive: true })
})

/** The failures that the runner reports, by file and test; empty for a test that passed. */
type Failures = Record<string, Record<string, string>>

describe.each([
  ['jest', jest],
  ['vitest', vitest],
])('%s', (name, runner) => {
  it('fails exactly the tests whose queries are not in order, in parallel workers', async () => {
    const output = await run(name, runner)
    const failures = readReport(join(project, name, 'report.json'), output)
    expect(Object.keys(failures).sort()).toEqual(['one.test.js', 'two.test.js'])
    for (const [file, tests] of Object.entries(failures)) expectFailures(tests, file)
    expect(failures['one.test.js']?.['matchers']).toBe('')
  })
})

describe('node:test', () => {
  it('fails exactly the tests whose queries are not in order', async () => {
    const output = await run('node-test', nodeTest, ['--test', '--test-reporter=tap'])
    const tests: Record<string, string> = {}
    for (const [, status, test = '', detail = ''] of output.matchAll(
      /^ *(not ok|ok) \d+ - (\S+(?: request)?)\n(?: +duration_ms.*)?([^]*?)(?=\n# Subtest|\n1\.\.)/gm,
    )) {
      tests[test] = status === 'ok' ? '' : detail
    }
    expectFailures(tests, output)
  })
})

function expectFailures(tests: Record<string, string>, context: string): void {
  const message = `${context}: ${JSON.stringify(tests, null, 1)}`
  expect(tests['/bound'], message).toBe('')
  expect(tests['no request'], message).toBe('')
  expect(tests['/bare'], message).toMatch(/query without signal or deadline: app\.js:9:\d+/)
  expect(tests['/bare'], message).toMatch(/GET \/bare[^]*→ [^]*findBooks app\.js:9/)
  expect(tests['/bare'], message).toContain('SELECT 1 AS books')
  expect(tests['/bare'], message).toContain('ctx/derive-in-handler')
  expect(tests['/lost'], message).toContain('ctx/forward-signal')
  expect(tests['/forgotten'], message).toContain('outlives its test "/forgotten"')
}

async function run(
  name: string,
  { files, command }: Runner,
  args: readonly string[] = [],
): Promise<string> {
  const root = join(project, name)
  mkdirSync(root)
  symlinkSync(dependencies, join(root, 'node_modules'))
  for (const [file, content] of Object.entries(files)) writeFileSync(join(root, file), content)
  const [bin, ...own] = command
  const parts = bin === undefined ? args : [join(dependencies, bin), ...own, ...args]
  const env: NodeJS.ProcessEnv = {
    APP_DATABASE: postgres.connectionString,
    PATH: process.env['PATH'],
  }
  const child = spawn(process.execPath, parts, { cwd: root, env })
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return stdout + stderr
}

interface JsonReport {
  testResults: {
    name: string
    message: string
    assertionResults: { title: string; failureMessages?: string[] }[]
  }[]
}

function readReport(path: string, output: string): Failures {
  let report: JsonReport
  try {
    report = JSON.parse(readFileSync(path, 'utf8')) as JsonReport
  } catch (cause) {
    throw new Error(`${String(cause)}\n${output}`, { cause })
  }
  return Object.fromEntries(
    report.testResults.map(({ name, message, assertionResults }) => [
      basename(name),
      assertionResults.length === 0
        ? { error: message }
        : Object.fromEntries(
            assertionResults.map((each) => [each.title, (each.failureMessages ?? []).join('\n')]),
          ),
    ]),
  )
}
