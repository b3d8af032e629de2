// How many of the database calls of an open repository ctx-fix finds, and how many of those that it
// reports are none. The lists in bench/recall were made with the types of the libraries, as a checker
// resolves them, and read through by hand where there are no types to go by.
//
//   npm run recall -- bench/recall/<owner>-<repository>.json <folder of a checkout at that commit>
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listedSinks, without } from './sinks.mjs'

const [listPath, folder] = process.argv.slice(2)
if (listPath === undefined || folder === undefined) {
  console.error('usage: npm run recall -- <list> <checkout folder>')
  process.exit(2)
}
const list = JSON.parse(readFileSync(listPath, 'utf8'))
const checkout = resolve(folder)
const project = join(checkout, list.project)
const cli = fileURLToPath(new URL('../cli/bin/ctx-fix.js', import.meta.url))
const { stdout, stderr, status } = spawnSync(
  process.execPath,
  [cli, 'check', '--reporter', 'json'],
  { cwd: project, encoding: 'utf8', maxBuffer: 1 << 30 },
)
if (status !== 0 && status !== 1) {
  console.error(stderr)
  process.exit(2)
}
const reported = listedSinks(JSON.parse(stdout), list, checkout, project)

const misses = without(list.sinks, reported)
const extras = without(reported, list.sinks)
const percent = (part, whole) => `${((100 * part) / whole).toFixed(1)} % (${part} of ${whole})`
console.log(`${list.repository} at ${list.commit.slice(0, 10)}`)
console.log(`recall     ${percent(list.sinks.length - misses.length, list.sinks.length)}`)
console.log(`precision  ${percent(reported.length - extras.length, reported.length)}`)
const reached = reported.filter((each) => each.entryPoints.length > 0)
console.log(`reached by an entry point: ${percent(reached.length, reported.length)}`)
for (const { file, line, library, call } of misses)
  console.log(`missed  ${file}:${line} ${library} ${call}`)
for (const { file, line, library, api } of extras)
  console.log(`extra   ${file}:${line} ${library} ${api}`)
process.exit(misses.length + extras.length === 0 ? 0 : 1)
