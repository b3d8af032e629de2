import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createFakeHost } from './testing/fake-host.js'
import { runIn } from './testing/run-in.js'
import { createFolder, createRepository } from './testing/workspace.js'

const app = {
  'package.json': '{ "dependencies": { "pg": "^8" } }',
  'tsconfig.json': '{ "include": ["src"] }',
  'src/orders.ts': 'export const load = () => query()\n',
  'src/users.ts': 'export const users = () => query()\nexport const all = () => locked.query()\n',
  'src/clean.ts': 'export const one = 1\n',
}

describe('what ends with 2, one line on stderr, and nothing written', () => {
  const cases: [situation: string, args: string[], line: RegExp][] = [
    [
      'an unknown option',
      ['--dryrun'],
      /^ctx-fix: unknown option '--dryrun' \(Did you mean --dry-run\?\)$/,
    ],
    [
      'an unknown reporter',
      ['--reporter', 'xml'],
      /'xml' is invalid\. Allowed choices are stylish, json\.$/,
    ],
    [
      'an option without its value',
      ['--tsconfig'],
      /^ctx-fix: option '--tsconfig <file>' argument missing$/,
    ],
    ['a path that is not there', ['src', 'nope.ts'], /^ctx-fix: nope\.ts: no such file or folder$/],
    ['a missing tsconfig', ['--tsconfig', 'other.json'], /^ctx-fix: other\.json: no such file/],
    ['a missing configuration', ['--config', 'other.js'], /^ctx-fix: other\.js: no such file/],
    ['no source files', ['package.json'], /^ctx-fix: no source files in package\.json/],
    ['a file that does not parse', ['broken'], /^ctx-fix: .*broken\/a\.ts:1:1 does not parse/],
    [
      'uncommitted changes',
      ['src', 'dirty.ts'],
      /^ctx-fix: uncommitted changes in dirty\.ts: commit/,
    ],
  ]
  it.each(cases)('%s', async (_situation, args, line) => {
    const { root, write, read } = createRepository({
      ...app,
      'dirty.ts': 'query()\n',
      'broken/tsconfig.json': '{}',
      'broken/a.ts': '<<<',
    })
    write({ 'dirty.ts': 'query() // changed\n' })
    const outcome = await runIn(root, args, createFakeHost())
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '' })
    expect(outcome.stderr.replace(/\n$/, '')).toMatch(line)
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1)
    expect(read('src/orders.ts')).toBe(app['src/orders.ts'])
    expect(read('dirty.ts')).toBe('query() // changed\n')
  })

  it('TypeScript without any tsconfig.json', async () => {
    const { root } = createFolder({ 'a.ts': 'query()\n' })
    expect(await runIn(root, ['check'], createFakeHost())).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'ctx-fix: no tsconfig.json in the folder of a.ts or above: add one, or name it with --tsconfig\n',
    })
  })

  it('an error that nobody foresaw, with its stack', async () => {
    const { root } = createRepository(app)
    const host = {
      ...createFakeHost(),
      analyzeProject: () => Promise.reject(new TypeError('oops')),
    }
    const outcome = await runIn(root, ['check'], host)
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '' })
    expect(outcome.stderr).toMatch(
      /^ctx-fix: internal error, please report it: TypeError: oops\n +at /,
    )
  })
})

describe('exit codes', () => {
  const cases: [situation: string, args: string[], exitCode: number][] = [
    ['check with findings', ['check'], 1],
    ['check of a file without any', ['check', 'src/clean.ts'], 0],
    ['fix that mends everything', ['src/orders.ts'], 0],
    ['fix that leaves one', ['src'], 1],
    ['dry run of a fix that would mend everything', ['--dry-run', 'src/orders.ts'], 0],
    ['dry run of a fix that would leave one', ['--dry-run', 'src'], 1],
    ['diff of a fix that would leave one', ['--diff', 'src'], 1],
    ['--help', ['--help'], 0],
    ['--version', ['--version'], 0],
  ]
  it.each(cases)('%s: %#', async (_situation, args, exitCode) => {
    const { root } = createRepository(app)
    expect(await runIn(root, args, createFakeHost())).toMatchObject({ exitCode })
  })
})

describe('what is written', () => {
  it('only files under the given paths', async () => {
    const { root, read } = createRepository(app)
    await runIn(root, ['src/orders.ts'], createFakeHost())
    expect(read('src/orders.ts')).toBe('export const load = () => query(signal)\n')
    expect(read('src/users.ts')).toBe(app['src/users.ts'])
  })

  it.each(['--dry-run', '--diff'])(
    'nothing with %s, even where changes are uncommitted',
    async (option) => {
      const { root, read, write } = createRepository(app)
      write({ 'src/orders.ts': 'query() // changed\n' })
      const outcome = await runIn(root, [option, 'src/orders.ts'], createFakeHost())
      expect(outcome.exitCode).toBe(0)
      expect(read('src/orders.ts')).toBe('query() // changed\n')
    },
  )

  it('a file although others have uncommitted changes', async () => {
    const { root, read, write } = createRepository(app)
    write({ 'src/users.ts': 'query() // changed\n', 'src/clean.ts': 'changed\n' })
    await runIn(root, ['src/orders.ts', 'src/clean.ts'], createFakeHost())
    expect(read('src/orders.ts')).toContain('query(signal)')
  })

  const dirty: [how: string, prepare: (git: (...args: string[]) => void) => void, file: string][] =
    [
      [
        'staged',
        (git) => {
          git('add', '-A')
        },
        'src/orders.ts',
      ],
      ['untracked', () => undefined, 'src/new.ts'],
    ]
  it.each(dirty)(
    'nothing where a file is %s, unless --allow-dirty',
    async (_how, prepare, file) => {
      const { root, read, write, git } = createRepository(app)
      write({ [file]: 'query() // new\n' })
      prepare(git)
      expect(await runIn(root, ['src/orders.ts', file], createFakeHost())).toMatchObject({
        exitCode: 2,
      })
      expect([read('src/orders.ts'), read(file)].join()).not.toContain('signal')
      await runIn(root, ['--allow-dirty', file], createFakeHost())
      expect(read(file)).toBe('query(signal) // new\n')
    },
  )

  it('outside git too, with a notice', async () => {
    const { root, read } = createFolder(app)
    const outcome = await runIn(root, ['src/orders.ts'], createFakeHost())
    expect(outcome).toMatchObject({
      exitCode: 0,
      stderr: 'ctx-fix: these files are not in git, which therefore cannot undo the changes\n',
    })
    expect(read('src/orders.ts')).toContain('query(signal)')
  })
})

describe('what is printed', () => {
  it('a diff that git applies, alone on stdout', async () => {
    const { root, read, write, git } = createRepository({
      ...app,
      'src/crlf.ts': 'const a = 1\r\nquery()\r\n',
      'src/no-end.ts': 'query()',
    })
    const { stdout, stderr } = await runIn(root, ['--diff', 'src'], createFakeHost())
    expect(stderr).toContain('✖ 1 finding left, 4 fixed, nothing was written')
    write({ 'all.patch': stdout })
    git('apply', 'all.patch')
    expect(read('src/crlf.ts')).toBe('const a = 1\r\nquery(signal)\r\n')
    expect(read('src/no-end.ts')).toBe('query(signal)')
    expect(read('src/orders.ts')).toBe('export const load = () => query(signal)\n')
  })

  it('JSON alone on stdout, with paths from where the command was called', async () => {
    const { root } = createRepository(app)
    const { stdout } = await runIn(
      join(root, 'src'),
      ['check', '--reporter', 'json', '.'],
      createFakeHost(),
    )
    const report = JSON.parse(stdout) as { summary: object; findings: { file: string }[] }
    expect(report.summary).toMatchObject({ files: 3, sinks: 3, findings: 3 })
    expect(report.findings.map(({ file }) => file)).toEqual(['orders.ts', 'users.ts', 'users.ts'])
  })

  it('the install line after the changes', async () => {
    const { root } = createRepository(app)
    const host = createFakeHost({ installHint: 'now run: npm install @ctx-fix/runtime' })
    const { stderr } = await runIn(root, ['src/orders.ts'], host)
    expect(stderr).toBe('ctx-fix: now run: npm install @ctx-fix/runtime\n')
  })

  it('every option in the help of its command', async () => {
    const { stdout } = await runIn('.', ['--help'])
    for (const option of [
      '--dry-run',
      '--diff',
      '--tsconfig',
      '--allow-dirty',
      '--no-verify',
      '--reporter',
      '--config',
      '--quiet',
      '--no-signal-in-scope',
    ]) {
      expect(stdout).toContain(option)
    }
    expect(stdout).toContain('$ ctx-fix check')
  })

  it('the version of the package', async () => {
    const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
    const { version } = JSON.parse(manifest) as { version: string }
    expect((await runIn('.', ['--version'])).stdout).toBe(`${version}\n`)
  })
})

describe('a run without one sink never looks like success', () => {
  const cases: [situation: string, manifest: string, exitCode: number, warning: RegExp][] = [
    [
      'no database library',
      '{}',
      0,
      /^ctx-fix: no database call recognised in 1 file: package\.json depends on no/,
    ],
    [
      'pg is a dependency',
      '{ "dependencies": { "pg": "8" } }',
      2,
      /^ctx-fix: no database call .* although pg is there/,
    ],
    ['knex for development', '{ "devDependencies": { "knex": "3" } }', 2, /although knex is there/],
  ]
  it.each(cases)('%s', async (_situation, manifest, exitCode, warning) => {
    const { root } = createRepository({
      'package.json': manifest,
      'tsconfig.json': '{}',
      'a.ts': '',
    })
    for (const args of [['check', '--quiet'], ['--dry-run'], []]) {
      const outcome = await runIn(root, args, createFakeHost())
      expect(outcome.exitCode).toBe(exitCode)
      expect(outcome.stderr).toMatch(warning)
    }
  })

  it('a library that the host saw imported', async () => {
    const { root } = createRepository({ 'package.json': '{}', 'tsconfig.json': '{}', 'a.ts': '' })
    const notices = [
      { code: 'unsupported-library', message: 'massive is imported and not supported' },
    ]
    const outcome = await runIn(root, ['check'], createFakeHost({ notices }))
    expect(outcome.exitCode).toBe(2)
    expect(outcome.stdout).toContain('massive is imported and not supported')
  })
})

describe('what reaches the host', () => {
  it.each([
    [['src'], true],
    [['--no-verify', 'src'], false],
  ])('%j: verify is %s', async (args, verify) => {
    const host = createFakeHost()
    await runIn(createRepository(app).root, [...args, '--dry-run'], host)
    expect(host.verified).toEqual([verify])
  })

  it.each([
    ['as written', ['check'], { noSignalInScope: 'report', signalNames: ['abort'] }],
    [
      'under the option',
      ['check', '--no-signal-in-scope', 'off'],
      { noSignalInScope: 'off', signalNames: ['abort'] },
    ],
    [
      'under the option before the command',
      ['--no-signal-in-scope', 'off', 'check'],
      { noSignalInScope: 'off', signalNames: ['abort'] },
    ],
  ])('the configuration, %s', async (_situation, args, config) => {
    const { root } = createRepository({
      ...app,
      'ctx-fix.config.json': '{ "noSignalInScope": "report", "signalNames": ["abort"] }',
    })
    const host = createFakeHost()
    await runIn(root, args, host)
    expect(host.inputs.map((input) => input.config)).toEqual([config])
  })
})
