// CPU seconds that the rules add to a run of ESLint over a real project, beside well-known rules.
//
//   npm run build && node bench/rules.mjs <project> [glob] [rounds] [--only typed|untyped]
//
// The project has its dependencies installed. Every figure is user + system time of a process of its own; the
// variants take turns, so that a noisy moment falls on all of them, and the median of the rounds is printed.
// Rules are set to `error`: ESLint does not run those at `warn` under `--quiet`.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { cpus, loadavg } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const self = fileURLToPath(import.meta.url)
const require = createRequire(join(self, '../../package.json'))

/** What is set beside the parser; the first of a group is what the others are compared with. */
const variants = {
  'typed: no rules': {},
  'typed: an empty rule': { empty: true },
  'typed: ctx recommended': { ctx: 'recommended' },
  'typed: no-floating-promises': { rules: { '@typescript-eslint/no-floating-promises': 'error' } },
  'untyped: no rules': {},
  'untyped: an empty rule': { empty: true },
  'untyped: ctx all': { ctx: 'all' },
  'untyped: eslint:recommended': { eslint: true },
}

async function lint(name, folder, glob) {
  const { ESLint } = require('eslint')
  const typescript = require('typescript-eslint')
  const { ctx, rules, eslint, empty } = variants[name]
  const isTyped = name.startsWith('typed')
  const config = [
    {
      files: ['**/*.{ts,tsx,mts,cts}'],
      languageOptions: {
        parser: typescript.parser,
        parserOptions: isTyped ? { projectService: true, tsconfigRootDir: folder } : {},
      },
      linterOptions: { reportUnusedDisableDirectives: 'off' },
    },
    { plugins: { '@typescript-eslint': typescript.plugin } },
  ]
  if (rules) config.push({ rules })
  // What ESLint itself does as soon as there is a rule at all.
  if (empty)
    config.push({
      plugins: { bench: { rules: { empty: { create: () => ({ Program() {} }) } } } },
      rules: { 'bench/empty': 'error' },
    })
  // The set that this version of ESLint comes with.
  if (eslint)
    config.push(createRequire(require.resolve('eslint'))('@eslint/js').configs.recommended)
  if (ctx) {
    const { default: plugin } = await import('../rules/dist/index.js')
    const { rules: own, ...rest } = plugin.configs[ctx]
    const asErrors = Object.entries(own).map(([rule, level]) => [
      rule,
      Array.isArray(level) ? ['error', ...level.slice(1)] : 'error',
    ])
    config.push({ ...rest, rules: Object.fromEntries(asErrors) })
  }
  const linter = new ESLint({
    cwd: folder,
    overrideConfigFile: true,
    overrideConfig: config,
    allowInlineConfig: false,
  })
  const results = await linter.lintFiles([glob])
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const reports = results.flatMap((each) => each.messages)
  process.stdout.write(
    JSON.stringify({
      cpu: (userCPUTime + systemCPUTime) / 1e6,
      mib: maxRSS / 1024,
      files: results.length,
      reports: reports.length,
      fatal: reports.filter((each) => each.fatal).length,
    }),
  )
}

function runOnce(name, folder, glob) {
  const child = spawnSync(
    process.execPath,
    ['--max-old-space-size=8192', self, '--child', name, folder, glob],
    { encoding: 'utf8', maxBuffer: 1e8 },
  )
  if (child.status !== 0) throw new Error(`${name} failed: ${child.stderr}`)
  return JSON.parse(child.stdout)
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function compare(folder, glob, rounds, group) {
  const names = Object.keys(variants).filter((each) => !group || each.startsWith(`${group}:`))
  const runs = new Map(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++)
    for (const name of names) runs.get(name).push(runOnce(name, folder, glob))
  const { length } = cpus()
  console.log(
    `${folder} ${glob}, Node ${process.version}, ${length} cores, load ${loadavg()[0].toFixed(1)}, median of ${rounds}\n`,
  )
  console.log('| run | CPU s | added to no rules | peak MiB | files | reports |')
  console.log('| --- | --- | --- | --- | --- | --- |')
  for (const name of names) {
    const list = runs.get(name)
    const base = runs.get(`${name.split(':')[0]}: no rules`)
    const cpu = median(list.map((each) => each.cpu))
    // By round: what else the machine did at the time falls on both.
    const added = median(list.map((each, at) => each.cpu / base[at].cpu - 1))
    const { files, reports } = list[0]
    console.log(
      `| ${name} | ${cpu.toFixed(2)} | ${(added * 100).toFixed(1)} % | ${median(list.map((each) => each.mib)).toFixed(0)} | ${files} | ${reports} |`,
    )
  }
}

if (process.argv[2] === '--child') {
  const [name, folder, glob] = process.argv.slice(3)
  await lint(name, folder, glob)
} else {
  const at = process.argv.indexOf('--only')
  const group = at < 0 ? undefined : process.argv[at + 1]
  const [folder, glob = 'src/**/*.ts', rounds = '3'] = process.argv
    .slice(2)
    .filter((_, index) => at < 0 || (index + 2 !== at && index + 2 !== at + 1))
  if (!folder) {
    console.error('Usage: node bench/rules.mjs <project> [glob] [rounds] [--only typed|untyped]')
    process.exit(2)
  }
  compare(resolve(folder), glob, Number(rounds), group)
}
