import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { judgedRules } from './judged-rules.mjs'

const rules = fileURLToPath(new URL('../../rules/', import.meta.url))
const require = createRequire(join(rules, 'package.json'))
const oxlint = join(dirname(require.resolve('oxlint/package.json')), 'bin/oxlint')

/** One run applies one fix that adds an import to a file. */
const MAX_PASSES = 6

/**
 * What oxlint reports with the plugin as it is built, and what its fixes make of each file; of a file that none
 * changes, what its suggestions do.
 *
 * @param {string} root
 * @param {import('./read.mjs').Case[]} cases
 */
export function runOxlint(root, cases) {
  const config = {
    plugins: [],
    categories: { correctness: 'off' },
    jsPlugins: [{ name: 'ctx', specifier: join(rules, 'dist/index.js') }],
    rules: judgedRules(),
    ignorePatterns: ['node_modules'],
  }
  writeFileSync(join(root, '.oxlintrc.json'), JSON.stringify(config))
  const before = new Map(
    cases.flatMap(({ name, files }) => files.map((file) => [join(name, file.name), file.text])),
  )
  const results = new Map([...before.keys()].map((path) => [path, { reports: [] }]))
  for (const { code, filename, message, labels } of report(root)) {
    const path = relative(root, resolve(root, filename))
    const [, rule] = /^ctx\((.+)\)$/.exec(code ?? '') ?? []
    if (rule === undefined) throw new Error(`${path}: ${message}`)
    results.get(path)?.reports.push({ line: labels[0].span.line, rule: `ctx/${rule}`, message })
  }
  const read = (path) => readFileSync(join(root, path), 'utf8')
  const changed = () => [...before].filter(([path, text]) => read(path) !== text)
  passes(root, '--fix', [...before.keys()])
  for (const [path] of changed()) results.get(path).output = read(path)
  const unchanged = [...results].filter(([, each]) => each.output === undefined)
  const asked = unchanged.filter(([, each]) => each.reports.length > 0).map(([path]) => path)
  if (asked.length > 0) passes(root, '--fix-suggestions', asked)
  for (const path of asked)
    if (read(path) !== before.get(path)) results.get(path).output = read(path)
  return results
}

function passes(root, flag, paths) {
  const texts = () => paths.map((path) => readFileSync(join(root, path), 'utf8')).join('\0')
  for (let pass = 0, last = ''; pass < MAX_PASSES && last !== (last = texts()); pass += 1)
    run(root, flag, ...paths)
}

function report(root) {
  const { stdout, stderr } = run(root, '-f', 'json', '.')
  if (stdout === '') throw new Error(stderr.trim() || 'oxlint says nothing')
  return JSON.parse(stdout).diagnostics
}

function run(root, ...args) {
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 }
  return spawnSync(process.execPath, [oxlint, ...args], options)
}
