import { createTestDatabase } from '@ctx-fix/fixtures/test-database'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bin } from '../testing/bin.js'
import { createRepository } from '../testing/workspace.js'
import type { Proof } from './proof.js'

// Real projects, proven under the test runners that have a module system of their own.
let connectionString: string
let drop: () => Promise<void>

beforeAll(async () => {
  const database = await createTestDatabase()
  ;({ connectionString } = database)
  drop = () => database.drop()
})
afterAll(() => drop())

const APP = `
const pool = new Pool({ connectionString: process.env.APP_DATABASE })
const sql = cancellable(postgres(process.env.APP_DATABASE, { max: 2 }))
const routes = {
  '/bound': (signal) =>
    pool.query({ text: 'SELECT 1', signal }),
  '/bare': () =>
    pool.query('SELECT 2'),
  '/postgres-js': (signal) =>
    signalled(sql, (sql) => sql\`SELECT 3\`, { signal }),
  '/postgres-js/bare': () =>
    sql\`SELECT 4\`,
  '/postgres-js/transaction': (signal) =>
    withSignal(signal, () => sql.begin((sql) => sql\`SELECT 5\`)),
}
const server = createServer((request, response) => {
  const signal = requestSignal(request, response)
  routes[request.url](signal).then(() => response.end(), () => response.writeHead(500).end())
})
const start = () => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const stop = () => { server.closeAllConnections(); server.close(); return Promise.all([pool.end(), sql.end()]) }
const get = async (path) => (await fetch('http://127.0.0.1:' + server.address().port + path)).text()
`
const TESTS = `
beforeAll(start)
afterAll(stop)
for (const path of Object.keys(routes)) test(path, () => get(path))
`

interface Import {
  readonly names: string
  readonly from: string
}
const imports: readonly Import[] = [
  { names: '{ createServer }', from: 'node:http' },
  { names: '{ Pool }', from: 'pg' },
  { names: 'postgres', from: 'postgres' },
  { names: '{ withSignal }', from: '@ctx-fix/runtime' },
  { names: '{ requestSignal }', from: '@ctx-fix/runtime/node' },
  { names: '{ cancellable, signalled }', from: '@ctx-fix/runtime/postgres' },
]
const required = imports.map(({ names, from }) => `const ${names} = require('${from}')`).join('\n')
const imported = imports.map(({ names, from }) => `import ${names} from '${from}'`).join('\n')
const NAMES = '{ routes, start, stop, get }'

const vitestFiles = {
  'package.json': '{"type":"module"}',
  // Else the one of this repository would be found.
  'vitest.config.js': 'export default {}',
  'app.js': `${imported}\nimport '@ctx-fix/runtime/pg'\n${APP}export ${NAMES}`,
  'app.test.js': `import ${NAMES} from './app.js'${TESTS}`,
}

it.each<[string, string, readonly string[], Record<string, string>]>([
  [
    'jest',
    'jest/bin/jest.js',
    [],
    {
      'package.json': '{"jest":{"transform":{}}}',
      'app.js': `${required}\nrequire('@ctx-fix/runtime/pg')\n${APP}module.exports = ${NAMES}`,
      'app.test.js': `const ${NAMES} = require('./app.js')${TESTS}`,
      'other.test.js': `const ${NAMES} = require('./app.js')${TESTS}`,
    },
  ],
  ['vitest', 'vitest/vitest.mjs', ['run', '--globals'], vitestFiles],
  ['vitest in threads', 'vitest/vitest.mjs', ['run', '--globals', '--pool=threads'], vitestFiles],
])(
  'proves what tests under %s reach',
  async (_, script, args, files) => {
    const { root, read } = createRepository(files)
    const command = [process.execPath, locate(script), ...args]
    const output = await prove(root, command)
    const { sites } = JSON.parse(read('ctx-proof.json')) as Proof
    const byStatement = Object.fromEntries(
      sites.map(({ sql = '', status }) => [sql, status] as const),
    )
    expect(byStatement, output).toEqual({
      'SELECT 1': 'proven-cancelled',
      'SELECT 2': 'ran-on',
      'SELECT 3': 'proven-cancelled',
      'SELECT 4': 'ran-on',
      'SELECT 5': 'proven-cancelled',
    })
    const first =
      1 +
      read('app.js')
        .split('\n')
        .findIndex((line) => line.includes('SELECT 1'))
    expect(sites.map(({ file, line }) => `${file}:${line}`)).toEqual(
      [0, 2, 4, 6, 8].map((offset) => `app.js:${first + offset}`),
    )
  },
  200_000,
)

function locate(path: string): string {
  const [name = '', ...rest] = path.split('/')
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
  return join(dirname(manifest), ...rest)
}

async function prove(cwd: string, command: readonly string[]): Promise<string> {
  // Not the environment of the test runner around.
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, APP_DATABASE: connectionString, NO_COLOR: '1' }
  const args = [bin, 'prove', '--runs', '3', '--within', '500', '--', ...command]
  const child = spawn(process.execPath, args, { cwd, env })
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return stdout + stderr
}
