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
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useDatabase } from '../../test-support/database.js'

// Real projects, run by real test runners, with the package as it is published: needs
// `npm run build`, which `npm test` does first.
const postgres = useDatabase()
const dependencies = fileURLToPath(new URL('../../../../node_modules', import.meta.url))
let project = ''

// TypeScript whose compiled lines are others.
const APP = `
interface Route {
  (request: IncomingMessage): unknown
}
const pool = new Pool({ connectionString: process.env['APP_DATABASE'] })
const sql = postgres(process.env['APP_DATABASE'] as string, { max: 1 })
function findBooks(signal?: AbortSignal) {
  return pool.query({ text: 'SELECT 1 AS books', signal } as never)
}
const routes: Record<string, Route> = {
  '/bound': (request) => findBooks(requestSignal(request)),
  '/bare': () => findBooks(),
  '/lost': (request) => { requestSignal(request); return findBooks() },
  '/forgotten': () => { void pool.query('SELECT pg_sleep(0.4) AS forgotten') },
  '/postgres-js': () => sql\`SELECT 2 AS books\`,
}
const server = createServer(async (request, response) => {
  await routes[request.url as string]?.(request)
  response.end()
})
const start = () => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
const stop = async () => { server.closeAllConnections(); server.close(); await Promise.all([pool.end(), sql.end()]) }
const get = async (path: string) => {
  const { port } = server.address() as { port: number }
  return (await fetch('http://127.0.0.1:' + port + path)).text()
}
export { pool, start, stop, get }
`
/** The line on which 'SELECT 1 AS books' is sent. */
const SITE = 12

const IMPORTS = `import { createServer, type IncomingMessage } from 'node:http'
import { Pool } from 'pg'
import postgres from 'postgres'
import { requestSignal } from '@ctx-fix/runtime/node'
`
const app = IMPORTS + APP

const TESTS = `
beforeAll(start)
afterAll(stop)
for (const path of ['/bound', '/bare', '/lost', '/forgotten', '/postgres-js']) test(path, () => get(path))
test('no request', async () => { await pool.query('SELECT 1 AS seed') })
`

const CALLS = `
  const slow = (signal) => pool.query({ text: 'SELECT pg_sleep(9)', signal })
  const bound = () => pool.query({ text: 'SELECT 1', signal: deriveSignal(null, { timeoutMs: 99 }) })
  const unbound = () => pool.query('SELECT 1')
  const signal = AbortSignal.timeout(100)
`
const MATCHERS = `
test('matchers', async () => {${CALLS}
  await expect(slow(signal)).toBeCancelledBy(signal)
  await expect(bound).toHaveDeadline()
  await expect(unbound).not.toHaveDeadline()
  await expect(unbound).not.toBeCancelledBy(signal)
})
`
const ASSERTIONS = `
test('matchers', async (t) => {${CALLS}
  await toBeCancelledBy(slow(signal), signal)
  await toHaveDeadline(bound)
  await assert.rejects(toHaveDeadline(unbound), { name: 'AssertionError', operator: 'toHaveDeadline', message: /a query has no deadline: SELECT 1/ })
  await assert.rejects(toBeCancelledBy(unbound, signal), /was not cancelled/)
  const { register } = await import('node:test').then((its) => its.assert ?? {})
  if (register !== undefined) await t.assert.toHaveDeadline(bound)
})
`
const FAKE_TIMERS = `
test('fake timers', async () => {
  jest.useFakeTimers()
  const connectionString = process.env.APP_DATABASE
  await expect(stallQueries(/x/, { connectionString })).rejects.toThrow('stallQueries: fake timers are on')
  await expect(expectCancelled(() => 1, { connectionString })).rejects.toThrow('jest.useRealTimers()')
  jest.useRealTimers()
})
`
const NODE_TIMERS = `
test('fake-timers', async (t) => {
  const connectionString = process.env.APP_DATABASE
  t.mock.timers.enable({ apis: ['setTimeout'] })
  await assert.rejects(stallQueries(/x/, { connectionString }), /stallQueries: fake timers are on.*mock\\.timers\\.reset/)
  await assert.rejects(expectCancelled(() => 1, { connectionString }), /fake timers are on/)
  t.mock.timers.reset()
})
`
const NAMES = 'pool, start, stop, get'

interface Runner {
  readonly files: Readonly<Record<string, string>>
  readonly command: readonly string[]
}

const jest: Runner = {
  files: {
    'jest.config.json': JSON.stringify({
      transform: { '\\.ts$': './transform.js' },
      testMatch: ['**/*.test.js'],
      setupFilesAfterEnv: ['@ctx-fix/runtime/assert/jest'],
      maxWorkers: 2,
    }),
    // What ts-jest does.
    'transform.js': `const ts = require('typescript')
      exports.process = (text, fileName) => {
        const compilerOptions = { module: 'commonjs', target: 'es2022', sourceMap: true, esModuleInterop: true }
        const { outputText, sourceMapText } = ts.transpileModule(text, { fileName, compilerOptions })
        return { code: outputText, map: sourceMapText }
      }`,
    'package.json': '{}',
    'app.ts': app,
    'one.test.js': `const { ${NAMES} } = require('./app.ts')
      const { deriveSignal } = require('@ctx-fix/runtime')
      const { expectCancelled, stallQueries } = require('@ctx-fix/runtime/assert')
      ${TESTS}${MATCHERS}${FAKE_TIMERS}`,
    'two.test.js': `const { ${NAMES} } = require('./app.ts')${TESTS}`,
  },
  command: ['jest/bin/jest.js', '--json', '--outputFile=report.json'],
}

const vitestFiles = {
  'package.json': '{"type":"module"}',
  'app.ts': app,
  'one.test.js': `import { ${NAMES} } from './app.ts'
    import { deriveSignal } from '@ctx-fix/runtime'
    ${TESTS}${MATCHERS}`,
  'two.test.js': `import { ${NAMES} } from './app.ts'${TESTS}`,
}

const vitestConfig = (more: string): string => `export default { test: {
  globals: true, include: ['*.test.js'], setupFiles: ['@ctx-fix/runtime/assert/vitest'],
  reporters: [['json', { outputFile: 'report.json' }]], ${more} } }`

const vitest: Runner = {
  files: { ...vitestFiles, 'vitest.config.mjs': vitestConfig('maxWorkers: 2') },
  command: ['vitest/vitest.mjs', 'run'],
}

const sharedVitest: Runner = {
  files: {
    ...vitestFiles,
    // The files share their modules.
    'other/app.ts': app,
    'two.test.js': `import { ${NAMES} } from './other/app.ts'${TESTS}`,
    'vitest.config.mjs': vitestConfig('isolate: false, maxWorkers: 1'),
  },
  command: ['vitest/vitest.mjs', 'run'],
}

const nodeTest: Runner = {
  files: {
    'package.json': '{"type":"module"}',
    'app.js': ts.transpileModule(app, {
      fileName: 'app.ts',
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        inlineSourceMap: true,
      },
    }).outputText,
    'one.test.js': `
      import { toBeCancelledBy, toHaveDeadline } from '@ctx-fix/runtime/assert/node-test'
      import assert from 'node:assert'
      import { before as beforeAll, after as afterAll, test } from 'node:test'
      import { deriveSignal } from '@ctx-fix/runtime'
      import { expectCancelled, stallQueries } from '@ctx-fix/runtime/assert'
      import { ${NAMES} } from './app.js'${TESTS}${ASSERTIONS}${NODE_TIMERS}`,
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
  ['vitest, several files in one process', sharedVitest],
])('%s', (name, runner) => {
  it('fails exactly the tests whose queries are not in order, in parallel workers', async () => {
    const output = await run(name, runner)
    const failures = readReport(join(project, name, 'report.json'), output)
    expect(Object.keys(failures).sort()).toEqual(['one.test.js', 'two.test.js'])
    for (const [file, tests] of Object.entries(failures)) expectFailures(tests, file)
    expect(failures['one.test.js']?.['matchers']).toBe('')
    expect(failures['one.test.js']?.['fake timers'] ?? '').toBe('')
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
    expect(tests['matchers'], output).toBe('')
    expect(tests['fake-timers'], output).toBe('')
  })
})

it('hears of drivers that jest loads anew for each test, and tells of those loaded anew within one', async () => {
  const use = `const { start, stop, get } = require('./app.ts')
    await start()
    await get('/bare').finally(stop)`
  const output = await run('jest-reset', {
    ...jest,
    files: {
      ...jest.files,
      'jest.config.json': JSON.stringify({
        ...(JSON.parse(jest.files['jest.config.json'] ?? '') as object),
        resetModules: true,
      }),
      'one.test.js': `
        for (const name of ['first', 'second']) test(name, async () => { ${use} })
        test('within', async () => { jest.resetModules(); ${use} })`,
      'two.test.js': `test('none', () => undefined)`,
    },
  })
  const failures = readReport(join(project, 'jest-reset', 'report.json'), output)['one.test.js']
  expect(failures?.['first'], output).toContain(`query without signal or deadline: app.ts:${SITE}:`)
  expect(failures?.['second']).toContain(`query without signal or deadline: app.ts:${SITE}:`)
  expect(failures?.['within']).toMatch(/query that the ledger cannot hear: .*\n +SELECT 1 AS books/)
  expect(failures?.['within']).toContain('jest.resetModules()')
})

it('does not load postgres.js for a project that says that it uses pg alone', async () => {
  const output = await run(
    'by-pg',
    {
      files: {
        'package.json': '{"type":"module","dependencies":{"pg":"*"}}',
        'loaded.test.js': `
          import '@ctx-fix/runtime/assert/node-test'
          import assert from 'node:assert'
          import { createRequire } from 'node:module'
          import { test } from 'node:test'
          const loaded = (name) =>
            Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('/node_modules/' + name + '/'))
          test('loaded', () => assert.deepEqual(['pg', 'postgres'].map(loaded), [true, false]))`,
      },
      command: [],
    },
    ['--test', '--test-reporter=tap'],
  )
  expect(output).toContain('# pass 1')
})

function expectFailures(tests: Record<string, string>, context: string): void {
  const message = `${context}: ${JSON.stringify(tests, null, 1)}`
  expect(tests['/bound'], message).toBe('')
  expect(tests['no request'], message).toBe('')
  expect(tests['/bare'], message).toMatch(
    new RegExp(`query without signal or deadline: (?:other/)?app.ts:${SITE}:`),
  )
  expect(tests['/bare'], message).toMatch(
    new RegExp(`GET /bare[^]*→ [^]*findBooks (?:other/)?app\\.ts:${SITE}:`),
  )
  expect(tests['/bare'], message).toContain('SELECT 1 AS books')
  expect(tests['/bare'], message).toContain('ctx/derive-in-handler')
  expect(tests['/lost'], message).toContain('ctx/forward-signal')
  expect(tests['/postgres-js'], message).toMatch(
    /deadline: (?:other\/)?app\.ts:\d+:\d+\n +SELECT 2 AS books/,
  )
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
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), content)
  }
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
