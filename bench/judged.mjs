// Draws reports of the recommended rules at random, to be judged by hand: the same seed draws the same.
// npm run build && node bench/judged.mjs <checkout> <folder of sources>… [--tsconfig <path>] [--count 40] [--seed 1]
import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ESLint } from 'eslint'
import plugin from 'eslint-plugin-ctx'
import tseslint from 'typescript-eslint'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tsconfig: { type: 'string' },
    count: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
  },
})
const [checkout, ...folders] = positionals
if (checkout === undefined || folders.length === 0) {
  console.error('usage: node bench/judged.mjs <checkout> <folder>… [--tsconfig <path>]')
  process.exit(2)
}

const root = resolve(checkout)
const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: [
    { ignores: ['**/*.test.ts', '**/node_modules/**', '**/dist/**'] },
    {
      files: ['**/*.{ts,tsx,js,cjs,mjs}'],
      languageOptions: {
        parser: tseslint.parser,
        parserOptions: values.tsconfig
          ? { project: [values.tsconfig], tsconfigRootDir: root }
          : { projectService: true, tsconfigRootDir: root },
      },
      linterOptions: { reportUnusedDisableDirectives: 'off' },
      plugins: { ctx: plugin },
      rules: plugin.configs.recommended.rules,
    },
  ],
})

const results = await eslint.lintFiles(folders.map((each) => `${each}/**/*.{ts,tsx,js,cjs,mjs}`))
const reports = results.flatMap(({ filePath, messages }) =>
  messages
    .filter(({ ruleId }) => ruleId?.startsWith('ctx/'))
    .map(({ line, ruleId, message }) => ({
      file: relative(root, filePath),
      line,
      rule: ruleId,
      message,
    })),
)
const unread = results.filter((each) => each.messages.some(({ fatal }) => fatal)).length
const byRule = {}
for (const { rule } of reports) byRule[rule] = (byRule[rule] ?? 0) + 1
console.log(
  JSON.stringify({ files: results.length, unread, reports: reports.length, byRule }, undefined, 2),
)
for (const each of drawn(reports, Number(values.count), Number(values.seed))) {
  const lines = readFileSync(resolve(root, each.file), 'utf8').split('\n')
  console.log(`\n${each.file}:${each.line} ${each.rule}\n  ${each.message}`)
  for (let at = Math.max(0, each.line - 4); at < Math.min(lines.length, each.line + 2); at += 1)
    console.log(`${at + 1 === each.line ? '>' : ' '} ${lines[at].slice(0, 140)}`)
}

/** Fisher–Yates over a small linear congruential generator. */
function drawn(list, count, seed) {
  const left = [...list]
  let state = seed
  const next = (below) => {
    state = (state * 1103515245 + 12345) % 2147483648
    return Math.floor((state / 2147483648) * below)
  }
  return Array.from(
    { length: Math.min(count, left.length) },
    () => left.splice(next(left.length), 1)[0],
  )
}
