/**
 * Every database library, proven: its shop is rewritten by `ctx-fix`, and `ctx-fix prove` cuts off its requests
 * at each statement. Then one forward is taken out by hand: the test must fail and name the line, and `ctx-fix
 * check` must name the same one.
 *
 *   npm run prove-fixtures                      all of them
 *   npm run prove-fixtures -- --only pg,knex    these
 *   npm run prove-fixtures -- --keep folder     leaves the rewritten shops and their proofs there
 *
 * Prints the table of docs/assert.md. Exits 1 where something else came of a call than prove-fixtures/expected.json says
 * (which lists every call that is not proven), or than `check` believes, where a missing forward is not named by both, or
 * where the table of the page says something else than that file.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { startPostgres } from '@ctx-fix/fixtures'
import { readApplications } from './matrix/applications.mjs'
import {
  copyApplication,
  generate,
  installPackages,
  npmOutcome,
  packRuntime,
} from './matrix/install.mjs'
import { createShop } from './matrix/measure.mjs'
import { rewrite } from './matrix/rewrite.mjs'
import {
  differences,
  outcomeOf,
  pageFaults,
  readExpected,
  tableHead,
  tableRow,
} from './prove-fixtures/expected.mjs'
import { runNode } from './processes.mjs'

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, keep: { type: 'string' } },
})
/** What a handler passes on. */
const FORWARD = /(await [\w.]+\(Number\(.*), signal\)/
const ctxFix = fileURLToPath(new URL('../cli/bin/ctx-fix.js', import.meta.url))
const requests = fileURLToPath(new URL('prove-fixtures/requests.mjs', import.meta.url))
const expected = readExpected()
const page = new URL('../docs/assert.md', import.meta.url)
const only = options.only?.split(',')
/** Prisma 6 queries by an engine of its own, of whose statements nobody hears. */
const UNHEARD = ['prisma-6']
const applications = readApplications().filter(
  ({ name, folder }) =>
    folder.includes('libraries') && !UNHEARD.includes(name) && (only?.includes(name) ?? true),
)

const folder = options.keep
  ? resolve(options.keep)
  : mkdtempSync(join(realpathSync(tmpdir()), 'ctx-fix-prove-'))
const server = await startPostgres()
let isGood = true
try {
  mkdirSync(join(folder, 'runtime'), { recursive: true })
  const runtime = await packRuntime(join(folder, 'runtime'))
  for (const line of tableHead()) console.log(line)
  for (const application of applications) {
    const { found, faults } = await proveOne(application, runtime).catch((error) => ({
      faults: [error.message],
    }))
    if (found !== undefined) console.log(tableRow(application.name, found))
    for (const fault of faults) console.error(`✖ ${application.name}: ${fault}`)
    if (faults.length > 0) isGood = false
  }
} finally {
  await server.stop()
  if (!options.keep) rmSync(folder, { recursive: true, force: true })
}
for (const fault of pageFaults(readFileSync(page, 'utf8'), expected)) {
  console.error(`✖ docs/assert.md: ${fault}`)
  isGood = false
}
process.exit(isGood ? 0 : 1)

async function proveOne(application, runtime) {
  const { name, sources, copied } = application
  const packages = await installPackages(application)
  const cwd = join(folder, name)
  copyApplication(sources, cwd, { packages, runtime, copied })
  const generated = await generate(cwd)
  if (generated.code !== 0) throw new Error(`cannot be generated here: ${generated.output}`)
  await rewrite(cwd, 'explicit')
  const built = await build(cwd)
  if (built.code !== 0) throw new Error(`does not compile: ${built.output}`)
  cpSync(requests, join(cwd, 'requests.test.mjs'))
  const { connectionString } = await createShop(server)
  const env = { ...process.env, DATABASE_URL: connectionString }

  const proving = await runNode(
    [ctxFix, 'prove', '--runs', '6', '--', process.execPath, '--test', 'requests.test.mjs'],
    { cwd, env },
  )
  if (proving.code === 2) throw new Error(proving.output)
  const { proof } = await check(cwd, '--proof', 'ctx-proof.json')
  const faults = proof
    .filter(({ agreement }) => agreement === 'disagrees')
    .map(
      ({ file, line, believed, proven }) =>
        `${file}:${line}: linter ${believed}, database ${proven}`,
    )
  const { sites } = JSON.parse(readFileSync(join(cwd, 'ctx-proof.json'), 'utf8'))
  const removed = await takeOutForward(cwd, env)
  const found = outcomeOf(sites, removed.place)
  faults.push(...removed.faults, ...differences(expected[name], found))
  if (!options.keep) rmSync(cwd, { recursive: true, force: true })
  return { found, faults }
}

/** Takes the signal out of a handler's call, and asks the test and the linter where it is missing. */
async function takeOutForward(cwd, env) {
  const file = 'src/express.ts'
  const text = readFileSync(join(cwd, file), 'utf8')
  const changed = text.replace(FORWARD, '$1)')
  if (changed === text) return { place: '', faults: ['there is no forward to take out'] }
  const line = text.slice(0, text.search(FORWARD)).split('\n').length
  const place = `${file}:${line}`
  writeFileSync(join(cwd, file), changed)
  // Whose signal nobody uses any more may be called an error, but is compiled.
  await build(cwd)
  const setUp = join(cwd, 'node_modules/@ctx-fix/runtime/dist/assert/setup/node-test.js')
  const { output, code } = await runNode(['--test', 'requests.test.mjs'], {
    cwd,
    env: { ...env, NODE_OPTIONS: `--import ${pathToFileURL(setUp).href}` },
  })
  const { findings } = await check(cwd)
  const faults = []
  if (code === 0 || !output.includes(`not passed on at ${place}:`)) {
    faults.push(`the test does not name ${place}:\n${output}`)
  }
  if (!findings.some((each) => each.file === file && each.line === line)) {
    faults.push(`check does not name ${place}`)
  }
  return { place, faults }
}

async function check(cwd, ...args) {
  const { stdout } = await runNode([ctxFix, 'check', '--reporter', 'json', ...args], { cwd })
  return JSON.parse(stdout)
}

/** With maps, because places are compared with those of the sources. */
function build(cwd) {
  return npmOutcome(cwd, ['run', 'build', '--', '--sourceMap'])
}
