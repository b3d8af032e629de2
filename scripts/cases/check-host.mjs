import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { judgedRules } from './judged-rules.mjs'

/**
 * What `ctx-fix check` reports, and what `ctx-fix` makes of each file.
 *
 * @param {string} root
 * @param {import('./read.mjs').Case[]} cases
 * @param {{ command: string, fix: boolean }} options
 */
export function runCheck(root, cases, { command, fix }) {
  const report = check(root, command)
  if (fix)
    spawnSync(process.execPath, [command, root, '--allow-dirty'], { cwd: root, encoding: 'utf8' })
  const results = new Map()
  for (const { name, files } of cases)
    for (const file of files) {
      const path = join(name, file.name)
      const output = readFileSync(join(root, path), 'utf8')
      results.set(path, { reports: [], output: output === file.text ? undefined : output })
    }
  const judged = judgedRules()
  for (const { file, line, rule, message } of report.findings)
    if (`ctx/${rule.replace(/^ctx\//, '')}` in judged)
      results.get(relative(root, resolve(root, file)))?.reports.push({ line, rule, message })
  return results
}

function check(root, command) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [command, 'check', root, '--reporter', 'json'],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  if (status === 2 || stdout === '') throw new Error(stderr.trim() || `exit code ${status}`)
  return JSON.parse(stdout)
}
