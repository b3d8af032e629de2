import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runBin } from '../testing/bin.js'
import { createRepository } from '../testing/workspace.js'

let elsewhere: string

beforeAll(() => {
  elsewhere = mkdtempSync(join(tmpdir(), 'ctx-fix-prove-'))
})
afterAll(() => {
  rmSync(elsewhere, { recursive: true })
})

it.each([
  ['tests that send nothing', ['--', process.execPath, '-e', '1'], 'sent no statement'],
  [
    'a command that is not there',
    ['--', './no-such-command'],
    './no-such-command could not be run',
  ],
  [
    'tests that fail by themselves',
    ['--', process.execPath, '-e', 'console.error("no such table"); process.exit(3)'],
    /sent no statement[^]*no such table\s+\(it ended with code 3\)/,
  ],
  [
    'tests that do not end',
    ['--timeout', '1', '--', process.execPath, '-e', 'setInterval(() => 0, 9999)'],
    /stopped after 1 s[^]*mocha --exit/,
  ],
  [
    'tests that do not end, below a shell',
    [
      '--timeout',
      '1',
      '--',
      'sh',
      '-c',
      `"${process.execPath}" -e "setInterval(() => 0, 9999)"; true`,
    ],
    'stopped after 1 s',
  ],
  [
    'no number of seconds',
    ['--timeout', 'long', '--', 'true'],
    '--timeout takes a positive number',
  ],
  ['no number of runs', ['--runs', 'many', '--', 'true'], '--runs takes a positive number'],
])('prove with %s', (_, args, message) => {
  const { root } = createRepository({ 'package.json': '{}' })
  const { status, stderr, stdout } = runBin(root, 'prove', ...args)
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(message)
})

it('prove where the runtime is not installed', () => {
  const { status, stderr } = runBin(elsewhere, 'prove', '--', 'true')
  expect(status).toBe(2)
  expect(stderr).toContain('@ctx-fix/runtime is not installed here')
})

it.each([
  ['that is not there', undefined, 'no such file'],
  ['that is something else', '{}', 'is not what ctx-fix prove writes'],
])('check with a proof %s', (_, content, message) => {
  if (content !== undefined) writeFileSync(join(elsewhere, 'proof.json'), content)
  const { status, stderr } = runBin(elsewhere, 'check', '--proof', 'proof.json')
  expect(status).toBe(2)
  expect(stderr).toContain(message)
})
