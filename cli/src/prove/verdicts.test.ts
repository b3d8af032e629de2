import { createTestDatabase } from '@ctx-fix/fixtures/test-database'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runProve } from '../testing/run-prove.js'

// Each verdict but the plain ones, from a script that sends its requests by supertest to a koa application, and calls
// process.exit at the first that fails.
let connectionString: string
let limited: string
let drop: () => Promise<void>

beforeAll(async () => {
  const database = await createTestDatabase()
  ;({ connectionString } = database)
  const role = `${database.name}_one`
  const address = new URL(connectionString)
  address.username = role
  address.password = 'one'
  limited = address.href
  const client = new pg.Client({ connectionString })
  await client.connect()
  await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'one' CONNECTION LIMIT 1`)
  drop = async () => {
    await client.query(`DROP ROLE ${role}`)
    await client.end()
    await database.drop()
  }
})
afterAll(() => drop())

const SCRIPT = `
import Koa from 'koa'
import pg from 'pg'
import supertest from 'supertest'
import '@ctx-fix/runtime/pg'
import { requestSignal } from '@ctx-fix/runtime/koa'

const { APP_DATABASE, LIMITED_DATABASE } = process.env
const pool = new pg.Pool({ connectionString: APP_DATABASE })
const impatient = new pg.Pool({ connectionString: APP_DATABASE, statement_timeout: 300 })
const single = new pg.Pool({ connectionString: LIMITED_DATABASE, max: 1 })

const run = (text, signal, on = pool) =>
  on.query({ text, signal })
const routes = {
  '/through/bound': (signal) => run('SELECT 1', signal),
  '/through/bare': () => run('SELECT 2'),
  '/both': async (signal) => {
    await run('SELECT 3', signal)
    await run('SELECT 4')
  },
  '/values': async (signal) => {
    await run("SELECT 'a', 1", signal)
    await run("SELECT 'b', 2", signal)
  },
  '/alone': (signal) => run('VACUUM', signal),
  '/limited': () => run('SELECT 5', undefined, impatient),
  '/again': (signal) => run('SELECT 7', signal).catch(() => run('SELECT 8')),
  '/single': (signal) => run('SELECT 6', signal, single),
}
const app = new Koa()
app.silent = true
app.use(async (context) => {
  await routes[context.path](requestSignal(context))
  context.body = ''
})
const [, , only] = process.argv
for (const path of only === undefined ? Object.keys(routes) : [only]) {
  await supertest(app.callback()).get(path).expect(200).catch(() => process.exit(1))
}
process.exit(0)
`

async function prove(script: string, runs: number, only: string[] = []) {
  const { sites, status, output } = await runProve({
    files: { 'package.json': '{"type":"module"}', 'requests.js': script },
    command: ['requests.js', ...only],
    env: { APP_DATABASE: connectionString, LIMITED_DATABASE: limited },
    runs,
    withinMs: 400,
  })
  const found = sites.flatMap(({ entryPoints }) =>
    entryPoints.map(({ name, sql, status: verdict, endedBy, why }) => [
      name,
      sql,
      verdict,
      endedBy ?? why,
    ]),
  )
  return { sites, found, status, output }
}

it('tells the statements through one line of a wrapper apart, and what ended them', async () => {
  const { sites, found, status, output } = await prove(SCRIPT, 12)
  expect(found.sort(), output).toEqual([
    ['GET /again', 'SELECT 7', 'proven-cancelled', undefined],
    // Sent for a client that had left.
    ['GET /again', 'SELECT 8', 'ran-on', undefined],
    ['GET /alone', 'VACUUM', 'untested', expect.stringContaining('outside of transactions only')],
    ['GET /both', 'SELECT 3', 'proven-cancelled', undefined],
    ['GET /both', 'SELECT 4', 'ran-on', undefined],
    ['GET /limited', 'SELECT 5', 'ended-otherwise', 'timeout'],
    ['GET /single', 'SELECT 6', 'untested', expect.stringMatching(/cannot be asked.*too many/)],
    ['GET /through/bare', 'SELECT 2', 'ran-on', undefined],
    ['GET /through/bound', 'SELECT 1', 'proven-cancelled', undefined],
    ['GET /values', "SELECT 'a', 1", 'proven-cancelled', undefined],
    ['GET /values', "SELECT 'b', 2", 'proven-cancelled', undefined],
  ])
  // One line, which is as good as the worst of them.
  expect(sites.filter(({ sql }) => sql !== undefined)).toMatchObject([{ status: 'ran-on' }])
  expect(status).toBe(1)
}, 120_000)

it('tries a run again that came to nothing, and says what it printed', async () => {
  const flaky = `
import { existsSync, writeFileSync } from 'node:fs'
const isSecond = existsSync('first') && !existsSync('second')
writeFileSync(existsSync('first') ? 'second' : 'first', '')
if (isSecond) throw new Error('the database is being dropped')
${SCRIPT}`
  const { found, output } = await prove(flaky, 6, ['/both'])
  expect(output).toMatch(/run 2: the tests sent no statement[^]*the database is being dropped/)
  expect(found).toEqual([
    ['GET /both', 'SELECT 3', 'proven-cancelled', undefined],
    ['GET /both', 'SELECT 4', 'ran-on', undefined],
  ])
}, 60_000)

it('catches a runtime that is broken: the caller is refused, and no cancel is sent', async () => {
  // Whichever copy has instrumented pg.
  const broken = ['cjs/dist', 'dist'].map((folder, index) => {
    const file = new URL(`../../../runtime/${folder}/pg/internals.js`, import.meta.url).href
    return `import * as copy${index} from '${file}'\ncopy${index}.guarantees.sendCancel = false\n`
  })
  const { found } = await prove([...broken, SCRIPT].join(''), 3, ['/through/bound'])
  expect(found).toEqual([['GET /through/bound', 'SELECT 1', 'ran-on', undefined]])
}, 60_000)
