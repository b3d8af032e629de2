// What all rules cost in one file of many thousand lines, against an empty rule: functions of five lines, each
// with a query, each calling the one before. `clean` hands the signal on; in `broken` every query is reported.
//
//   npm run build && node bench/large-file.mjs [lines]
//
// Prints CPU seconds, without types.
import { parser } from 'typescript-eslint'
import { Linter } from 'eslint'
import plugin from 'eslint-plugin-ctx'

const functions = Number(process.argv[2] ?? 50_000) / 5

const shapes = {
  clean: (n) => `export async function load${n}(id: string, signal?: AbortSignal) {
  const { rows } = await pool.query({ text: 'SELECT ${n}', values: [id], signal })
  const first = rows[0]
  return first ?? load${n - 1}(id, signal)
}`,
  broken: (n) => `export async function load${n}(id: string) {
  const { rows } = await pool.query('SELECT ${n} WHERE id = $1', [id])
  const first = rows[0]
  return first ?? load${n - 1}(id)
}`,
}
const empty = { plugins: { bench: { rules: { empty: { create: () => ({ Program() {} }) } } } } }
const configs = {
  'an empty rule': { ...empty, rules: { 'bench/empty': 'error' } },
  'all rules': { plugins: { ctx: plugin }, rules: plugin.configs.all.rules },
}

for (const [shape, write] of Object.entries(shapes)) {
  const body = Array.from({ length: functions }, (_, n) => write(n)).join('\n')
  const text = `import { Pool } from 'pg'\nconst pool = new Pool()\n${body}\n`
  for (const [name, config] of Object.entries(configs)) {
    const before = process.cpuUsage()
    const reports = new Linter().verify(
      text,
      { files: ['**/*.ts'], languageOptions: { parser }, ...config },
      { filename: 'large.ts' },
    )
    const { user, system } = process.cpuUsage(before)
    const seconds = Math.round((user + system) / 1e5) / 10
    console.log(JSON.stringify({ shape, name, seconds, reports: reports.length }))
  }
}
