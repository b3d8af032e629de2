import { chmodSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runBin, runBinBoundByModes } from './testing/bin.js'
import { sampleApp, sampleManifest, users } from './testing/sample-app.js'
import { createRepository } from './testing/workspace.js'

type Files = Readonly<Record<string, string>>

const broken = 'export const a = (\n'

describe('ends with 2, one line on stderr, nothing on stdout, and nothing written', () => {
  const { 'tsconfig.json': _tsconfig, ...withoutTsconfig } = sampleApp
  const cases: [situation: string, files: Files, args: string[], line: RegExp][] = [
    [
      'a file that was asked for does not parse',
      { 'src/broken.ts': broken },
      ['--no-verify', 'src'],
      /^src\/broken\.ts:2:1 does not parse: .+ Mend it, or leave the file out$/,
    ],
    [
      'an unknown option',
      {},
      ['--dryrun'],
      /^unknown option '--dryrun' \(Did you mean --dry-run\?\)$/,
    ],
    ['a tsconfig that is not there', {}, ['--tsconfig', 'x.json'], /^x\.json: no such file/],
    [
      'a tsconfig that is no JSON',
      { 'tsconfig.json': '{ "include": [src] }' },
      ['check'],
      /^tsconfig\.json:1:15 is not valid JSON$/,
    ],
    [
      'a tsconfig that extends one that is not there',
      { 'tsconfig.json': '{ "extends": "./base.json" }' },
      ['check'],
      /^tsconfig\.json cannot be read: .*base\.json/,
    ],
    ['no source files', { 'docs/a.md': '' }, ['check', 'docs'], /^no source files in docs: /],
    ['a path that is not there', {}, ['check', 'lib'], /^lib: no such file or folder$/],
    [
      'a library in the settings that is not one',
      { 'ctx-fix.config.json': '{ "libraries": [{ "name": "db", "kind": "orm" }] }' },
      ['check'],
      /^ctx-fix\.config\.json: "libraries\[0\]" lacks "modules"$/,
    ],
  ]
  it.each(cases)('%s', (_situation, files, args, line) => {
    const { root, git } = createRepository({ ...sampleApp, ...files })
    const { status, stdout, stderr } = runBin(root, ...args)
    expect(stderr).toMatch(/^ctx-fix: .*\n$/)
    expect(stderr.slice('ctx-fix: '.length, -1)).toMatch(line)
    expect([status, stdout, git('status', '--porcelain')]).toEqual([2, '', ''])
  })

  it('no tsconfig at all', () => {
    const { root } = createRepository(withoutTsconfig)
    expect(runBin(root, 'check')).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'ctx-fix: no tsconfig.json in the folder of src/app.ts or above: add one, or name it with --tsconfig\n',
    })
  })

  it('an uncommitted change in a file that would be changed', () => {
    const { root, write, read } = createRepository(sampleApp)
    write({ 'src/users.ts': `// mine\n${users}` })
    const { status, stdout, stderr } = runBin(root)
    expect(stderr).toMatch(/^ctx-fix: uncommitted changes in src\/users\.ts: .+\n$/)
    expect([status, stdout]).toEqual([2, ''])
    expect(read('src/app.ts')).toBe(sampleApp['src/app.ts'])
    expect(runBin(root, '--allow-dirty').status).toBe(0)
    expect(read('src/users.ts')).toMatch(/^\/\/ mine\n[^]*signal/)
  })

  it('a symbolic link', () => {
    const { root, git } = createRepository(sampleApp)
    symlinkSync(join(root, 'src/users.ts'), join(root, 'linked.ts'))
    const { status, stderr } = runBin(root, 'linked.ts')
    expect(stderr).toBe('ctx-fix: linked.ts is a symbolic link: name what it points to instead\n')
    expect([status, git('diff')]).toEqual([2, ''])
  })

  it('a file without permission to write', () => {
    const { root, git } = createRepository(sampleApp)
    chmodSync(join(root, 'src/users.ts'), 0o444)
    const { status, stderr } = runBinBoundByModes(root, '--no-verify')
    expect(stderr).toBe('ctx-fix: src/users.ts is write-protected; nothing was written\n')
    expect([status, git('diff')]).toEqual([2, ''])
  })
})

it('a file elsewhere that does not parse is left out, and said', () => {
  const { root } = createRepository({ ...sampleApp, 'src/broken.ts': broken })
  const { status, stdout } = runBin(root, 'check', 'src/app.ts')
  expect(stdout).toMatch(/^note {2}src\/broken\.ts:2:1 does not parse and was left out: /m)
  expect(status).toBe(1)
})

it('no call of a database library that is a dependency is no success', () => {
  const { root } = createRepository({
    'package.json': sampleManifest,
    'tsconfig.json': '{}',
    'src/a.ts': "import { db } from '../generated/db.js'\n\nexport const all = () => db.all()\n",
  })
  for (const args of [['check'], []]) {
    const { status, stderr } = runBin(root, ...args)
    expect(stderr).toMatch(
      /^ctx-fix: no database call recognised in 1 file although pg is there: .+\n$/,
    )
    expect(status).toBe(2)
  }
})
