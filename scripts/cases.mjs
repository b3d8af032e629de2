// Runs a folder of scenario files through the hosts and compares what they say with the verdicts.
// npm run cases -- <folder> [--host typed|untyped|oxlint|check] [--verbose] [--only <part of a name>] [--reports]
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runCheck } from './cases/check-host.mjs'
import { runEslint } from './cases/eslint-host.mjs'
import { judge } from './cases/judge.mjs'
import { runOxlint } from './cases/oxlint-host.mjs'
import { readCases } from './cases/read.mjs'
import { createWorkspace } from './cases/workspace.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    host: { type: 'string', multiple: true },
    only: { type: 'string' },
    reports: { type: 'boolean' },
    verbose: { type: 'boolean' },
  },
})
const [folder] = positionals
if (folder === undefined) {
  console.error('usage: npm run cases -- <folder>')
  process.exit(2)
}

const repository = fileURLToPath(new URL('..', import.meta.url))
const command = join(repository, 'cli/bin/ctx-fix.js')
// Reports alone: each fix is verified, which takes most of the time.
const fix = values.reports !== true
const hosts = {
  typed: (root, cases) => runEslint(root, cases, { typed: true, fix }),
  untyped: (root, cases) => runEslint(root, cases, { typed: false, fix }),
  oxlint: runOxlint,
  check: (root, cases) => runCheck(root, cases, { command, fix }),
}

const cases = readCases(resolve(folder))
  .filter((each) => each.name.includes(values.only ?? ''))
  .map((each) => (fix ? each : withoutFixes(each)))
const tiers = [...new Set(cases.map((each) => each.tier))]
let failures = 0
/** By host, the share of each tier that is answered as its verdicts say. */
const table = new Map()
/** Files of which some host makes the text that is given. */
const asGiven = new Set()
for (const [host, run] of Object.entries(hosts)) {
  if (values.host && !values.host.includes(host)) continue
  const workspace = createWorkspace(cases, join(repository, 'node_modules'))
  try {
    print(host, await run(workspace.root, cases))
  } catch (error) {
    failures += 1
    console.log(`${host}: did not run: ${error instanceof Error ? error.message : String(error)}`)
    if (values.verbose && error instanceof Error) console.log(error.stack)
  } finally {
    workspace.remove()
  }
}
printTable()
printFixedTexts()
process.exitCode = failures === 0 ? 0 : 1

/** A text counts once: what the linter offers within a file, or what the command makes across files. */
function printFixedTexts() {
  const wanted = cases.flatMap(({ name, files }) =>
    files.flatMap((each) => (each.fixed === undefined ? [] : [`${name}/${each.name}`])),
  )
  const left = wanted.filter((each) => !asGiven.has(each))
  if (wanted.length === 0) return
  console.log(
    `\n${wanted.length - left.length} of ${wanted.length} fixed texts as given by some host`,
  )
  for (const each of left) console.log(`  not ${each}`)
}

function printTable() {
  const names = {
    typed: 'ESLint, typed',
    untyped: 'ESLint, untyped',
    oxlint: 'oxlint',
    check: 'ctx-fix check',
  }
  const rows = [...table].map(([host, shares]) => [
    names[host],
    ...tiers.map((tier) => shares.get(tier)),
  ])
  const all = [['', ...tiers], ...rows]
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)))
  console.log('')
  for (const row of all)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
}

function print(host, results) {
  for (const tier of tiers) {
    const judged = cases
      .filter((each) => each.tier === tier)
      .map((each) => ({ name: each.name, ...judge(each, results) }))
    const failed = judged.filter((each) => each.problems.length > 0)
    for (const { fixes } of judged) for (const each of fixes.same) asGiven.add(each)
    const equal = judged.reduce((sum, each) => sum + each.fixes.equal, 0)
    const different = judged.flatMap((each) => each.fixes.different)
    failures += failed.length
    const shares = table.get(host) ?? new Map()
    table.set(host, shares.set(tier, `${judged.length - failed.length}/${judged.length}`))
    console.log(
      `${host} ${tier}: ${judged.length - failed.length} passed, ${failed.length} failed` +
        (equal + different.length > 0
          ? `; fixed text: ${equal} equal, ${different.length} different`
          : ''),
    )
    for (const { name, problems } of failed) console.log([`  ${name}`, ...problems].join('\n    '))
    for (const { file, output } of different)
      console.log(`  fix ${file}${output === undefined ? ' (none offered)' : ''}`)
    if (values.verbose)
      for (const { file, output, expected } of different)
        if (output !== undefined) console.log(`--- ${file}\n${output}\n+++ expected\n${expected}`)
  }
}

function withoutFixes(given) {
  return { ...given, files: given.files.map((file) => ({ ...file, fixed: undefined })) }
}
