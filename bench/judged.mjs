// Draws reports of the recommended rules at random, to be judged by hand: the same seed draws the same.
// npm run build && node bench/judged.mjs <checkout> <folder of sources>… [--tsconfig <path> | --untyped]
//   [--count 40] [--seed 1] [--keep <file>]
// and, to draw over several that were kept: node bench/judged.mjs --from <file> --from <file>…
import { readFileSync, writeFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ESLint } from 'eslint'
import plugin from 'eslint-plugin-ctx'
import tseslint from 'typescript-eslint'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tsconfig: { type: 'string' },
    untyped: { type: 'boolean' },
    keep: { type: 'string' },
    from: { type: 'string', multiple: true },
    count: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
  },
})
const [checkout, ...folders] = positionals
if (!values.from && (checkout === undefined || folders.length === 0)) {
  console.error(
    'usage: node bench/judged.mjs <checkout> <folder>… [--tsconfig <path> | --untyped], or --from <file>…',
  )
  process.exit(2)
}

const reports = values.from
  ? values.from.flatMap((each) => JSON.parse(readFileSync(each, 'utf8')))
  : await reportsOf(resolve(checkout))
if (values.keep) writeFileSync(values.keep, JSON.stringify(reports, undefined, 2))
const byRule = {}
for (const { rule } of reports) byRule[rule] = (byRule[rule] ?? 0) + 1
console.log(JSON.stringify({ reports: reports.length, byRule }, undefined, 2))
for (const each of drawn(reports, Number(values.count), Number(values.seed))) {
  const lines = readFileSync(resolve(each.root, each.file), 'utf8').split('\n')
  console.log(`\n${each.file}:${each.line} ${each.rule}\n  ${each.message}`)
  for (let at = Math.max(0, each.line - 4); at < Math.min(lines.length, each.line + 2); at += 1)
    console.log(`${at + 1 === each.line ? '>' : ' '} ${lines[at].slice(0, 140)}`)
}

async function reportsOf(root) {
  const eslint = new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: [
      { ignores: ['**/*.test.ts', '**/node_modules/**', '**/dist/**'] },
      {
        files: ['**/*.{ts,tsx,js,cjs,mjs}'],
        languageOptions: {
          parser: tseslint.parser,
          parserOptions: { ...typesOf(values), tsconfigRootDir: root },
        },
        linterOptions: { reportUnusedDisableDirectives: 'off' },
        plugins: { ctx: plugin },
        rules: plugin.configs.recommended.rules,
      },
    ],
  })
  const results = await eslint.lintFiles(folders.map((each) => `${each}/**/*.{ts,tsx,js,cjs,mjs}`))
  const unread = results.filter((each) => each.messages.some(({ fatal }) => fatal)).length
  console.log(JSON.stringify({ files: results.length, unread }))
  return results.flatMap(({ filePath, messages }) =>
    messages
      .filter(({ ruleId }) => ruleId?.startsWith('ctx/'))
      .map(({ line, ruleId: rule, message }) => {
        return { root, file: relative(root, filePath), line, rule, message }
      }),
  )
}

function typesOf({ untyped, tsconfig }) {
  if (untyped) return {}
  return tsconfig ? { project: [tsconfig] } : { projectService: true }
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
