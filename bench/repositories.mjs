// A row of docs/repositories.md: what the command does to an open repository. It rewrites the checkout, so
// give it a copy, with its dependencies where they can be installed; what it wrote is there afterwards,
// for the repository's own tests. The packed runtime is put into the project's node_modules first, so
// that what the type checker says is about the code.
//
//   node bench/repositories.mjs bench/recall/<owner>-<repository>.json <copy of a checkout> [folder …] [-- <flag> …]
//
// Folders are what to rewrite, within the project of the list; flags go to the command as they are.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listedSinks, without } from './sinks.mjs'

const args = process.argv.slice(2)
const flags = args.includes('--') ? args.splice(args.indexOf('--')).slice(1) : []
const [listPath, folder, ...paths] = args
if (listPath === undefined || folder === undefined) {
  console.error(
    'usage: node bench/repositories.mjs <list> <copy of a checkout> [folder …] [-- <flag> …]',
  )
  process.exit(2)
}
const root = fileURLToPath(new URL('..', import.meta.url))
const list = JSON.parse(readFileSync(listPath, 'utf8'))
const checkout = resolve(folder)
const project = join(checkout, list.project)

function run(command, given, cwd = project) {
  return spawnSync(command, given, { cwd, encoding: 'utf8', maxBuffer: 1 << 30 })
}

function rewrite(given) {
  const { stdout, stderr, status } = run(process.execPath, [
    join(root, 'cli/bin/ctx-fix.js'),
    ...given,
    ...flags,
    '--reporter',
    'json',
  ])
  if (status !== 0 && status !== 1) {
    console.error(stderr)
    process.exit(2)
  }
  return JSON.parse(stdout)
}

/** As installed from the registry: a link would bring this workspace's types of pg and express. */
function installRuntime() {
  const folder = mkdtempSync(join(tmpdir(), 'ctx-fix-runtime-'))
  const packed = run('npm', ['pack', '--json', '--pack-destination', folder], join(root, 'runtime'))
  const [{ filename }] = JSON.parse(packed.stdout)
  const target = join(project, 'node_modules/@ctx-fix/runtime')
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  run('tar', ['-xzf', join(folder, filename), '--strip-components=1', '-C', target])
  rmSync(folder, { recursive: true })
}

/** The nearest TypeScript upward, as the project would run it, or nothing without a tsconfig. */
function typeErrors() {
  if (!existsSync(join(project, 'tsconfig.json'))) return undefined
  let from = project
  while (!existsSync(join(from, 'node_modules/typescript/bin/tsc')) && from !== dirname(from))
    from = dirname(from)
  const tsc = join(from, 'node_modules/typescript/bin/tsc')
  if (!existsSync(tsc)) return undefined
  const { stdout } = run(process.execPath, [tsc, '--noEmit', '--pretty', 'false', '-p', '.'])
  // Lines move, so an error is known by its file, its code and its words.
  return [...stdout.matchAll(/^(.+?)(?:\(\d+,\d+\))?: (error TS\d+: .*)$/gm)].map(
    ([, file, text]) => `${file}: ${text}`,
  )
}

installRuntime()
const found = listedSinks(rewrite(['check']), list, checkout, project)
const before = typeErrors()
const first = rewrite([...paths, '--allow-dirty'])
const after = typeErrors()
const second = rewrite([...paths, '--allow-dirty', '--dry-run'])

const reachedAt = new Set(
  first.sinks.flatMap((each) =>
    each.entryPoints.length > 0 ? [`${each.file}:${each.line}:${each.column}`] : [],
  ),
)
const isReached = (each) =>
  each.rule === 'derive-in-handler' ||
  (each.refusal !== undefined && !['no-entry-point', 'handed-on'].includes(each.refusal)) ||
  reachedAt.has(`${each.file}:${each.line}:${each.column}`)
const reached = first.findings.filter((each) => each.fixed || isReached(each))
const left = new Map()
for (const each of first.findings)
  if (!each.fixed) {
    const reason = each.refusal ?? each.reason
    left.set(reason, [...(left.get(reason) ?? []), each])
  }
const missing = without(list.sinks, found).length
const added = without(after ?? [], before ?? [], (each) => each)
const { findings, fixed, rolledBack } = first.summary

const cells = [
  `${list.repository} @${list.commit.slice(0, 7)}`,
  `${list.sinks.length} / ${list.sinks.length - missing}`,
  findings,
  reached.length,
  fixed,
  rolledBack,
  [...left].map(([reason, all]) => `\`${reason}\` ${all.length}`).join(', '),
  before === undefined ? 'no tsc' : `${before.length} → ${after.length}, ${added.length} new`,
  second.summary.fixed === 0 ? 'empty' : `${second.summary.fixed} more`,
]
console.log(`| ${cells.join(' | ')} |`)
for (const each of added) console.log(`new      ${each}`)
for (const [reason, all] of left)
  for (const each of all)
    console.log(
      `${isReached(each) ? 'left    ' : 'unreached'} ${reason} ${each.file}:${each.line} ${each.message.slice(0, 120)}`,
    )
for (const each of first.notices ?? []) console.log('notice  ', JSON.stringify(each).slice(0, 300))
