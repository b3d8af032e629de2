// What a keystroke costs: one file of a project is linted again and again with another character in it, as an editor
// does it, with no rules and with all of `recommended`, in turns. CPU time (user + system), median of the rounds.
//
//   npm run build && node bench/keystroke.mjs <folder> <file> [--typed] [--rounds 15]
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'
import plugin from '../rules/dist/index.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { typed: { type: 'boolean' }, rounds: { type: 'string', default: '15' } },
})
const [folder, file] = positionals
if (folder === undefined || file === undefined) {
  console.error('usage: node bench/keystroke.mjs <folder> <file> [--typed] [--rounds 15]')
  process.exit(2)
}

const root = resolve(folder)
const path = resolve(root, file)
const text = readFileSync(path, 'utf8')
const rounds = Number(values.rounds)

function linter(rules) {
  return new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ['**/*.{ts,tsx,js}'],
        languageOptions: {
          parser: tseslint.parser,
          parserOptions: values.typed ? { projectService: true, tsconfigRootDir: root } : {},
        },
        linterOptions: { reportUnusedDisableDirectives: 'off' },
        plugins: { ctx: plugin },
        rules,
      },
    ],
  })
}

const variants = { 'no rules': linter({}), recommended: linter(plugin.configs.recommended.rules) }
const times = new Map(Object.keys(variants).map((name) => [name, []]))
let reports = 0

for (let round = 0; round <= rounds; round += 1)
  for (const [name, eslint] of Object.entries(variants)) {
    // Each text is new: a word is being typed at the end of the file, a keystroke for each variant.
    const typed = `${text}\nconst ${'a'.repeat(round + 1)}${name.length} = 1\n`
    const before = process.cpuUsage()
    const [result] = await eslint.lintText(typed, { filePath: path })
    const { user, system } = process.cpuUsage(before)
    if (result.messages.some((each) => each.fatal)) throw new Error(result.messages[0].message)
    reports = result.messages.length
    // The first reads the project.
    if (round > 0) times.get(name).push((user + system) / 1_000)
  }

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]
const [none, all] = [...times.values()].map(median)
console.log(
  `${file} (${text.split('\n').length} lines, ${values.typed ? 'typed' : 'untyped'}, ${reports} reports), ${rounds} keystrokes:`,
)
console.log(`  no rules     ${none.toFixed(1)} ms of CPU`)
console.log(
  `  recommended  ${all.toFixed(1)} ms of CPU, ${(all - none).toFixed(1)} more, ${(all / none).toFixed(2)} times`,
)
