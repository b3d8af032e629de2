import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { bin, runBin } from './testing/bin.js'

it.each([
  [['--version'], 0, /^\d+\.\d+\.\d+\n$/, /^$/],
  [['check', '--bogus'], 2, /^$/, /^ctx-fix: unknown option '--bogus'\n$/],
])('%j exits with %i', (args, status, stdout, stderr) => {
  const result = runBin('.', ...args)
  expect(result.stderr).toMatch(stderr)
  expect(result.stdout).toMatch(stdout)
  expect(result.status).toBe(status)
})

it('a reader that stops reading is no failure', () => {
  const command = `"${process.execPath}" "${bin}" --help | head -n 1`
  const result = spawnSync('sh', ['-c', command], { encoding: 'utf8' })
  expect(result.stdout).toMatch(/^Usage: ctx-fix/)
  expect(result.stderr).toBe('')
})
