import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runNode } from '../processes.mjs'
import { npmOutcome } from './install.mjs'

const ctxFix = fileURLToPath(new URL('../../cli/bin/ctx-fix.js', import.meta.url))

/**
 * Rewrites the application in `folder` by our command, twice.
 *
 * @returns {Promise<{ report: object, isStable: boolean, changed: number }>} what the second run reports,
 *   whether it left everything as it was, and how many files the first one changed
 */
export async function rewrite(folder, propagation) {
  writeFileSync(join(folder, 'ctx-fix.config.json'), JSON.stringify({ propagation }))
  const original = readSources(folder)
  await runCtxFix(folder)
  const first = readSources(folder)
  const report = await runCtxFix(folder)
  const second = readSources(folder)
  return {
    report,
    isStable: differing(first, second).length === 0,
    changed: differing(original, first).length,
  }
}

/** Compiles by the application's own script. Answers what is wrong, or nothing. */
export async function build(folder) {
  const { code, output } = await npmOutcome(folder, ['run', 'build'])
  return code === 0 ? undefined : output.trim()
}

/** Runs the application's own tests on a database of theirs. */
export async function test(folder, connectionString) {
  const { code, output } = await npmOutcome(folder, ['test'], { DATABASE_URL: connectionString })
  const count = (word) => Number(new RegExp(`^. ${word} (\\d+)`, 'm').exec(output)?.[1] ?? 0)
  const [passed, failed] = [count('pass'), count('fail')]
  return { ok: code === 0 && passed > 0 && failed === 0, passed, all: passed + failed, output }
}

/** Exit code 1 means that findings are left; 2 is a failure. */
async function runCtxFix(folder) {
  const args = [ctxFix, '--allow-dirty', '--reporter', 'json']
  const { code, stdout, output } = await runNode(args, { cwd: folder })
  if (code !== 0 && code !== 1) throw new Error(`ctx-fix:\n${output}`)
  return JSON.parse(stdout)
}

function readSources(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes('node_modules') && !file.includes('/dist/'))
  return new Map(files.map((file) => [file, readFileSync(file, 'utf8')]))
}

function differing(before, after) {
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (file) => before.get(file) !== after.get(file),
  )
}
