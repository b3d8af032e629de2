import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runBin } from '../testing/bin.js'
import { codemodWords } from '../codemod-names.js'
import { shiftBy, transforms } from '../testing/jscodeshift.js'
import { createRepository } from '../testing/workspace.js'

const fixtures = fileURLToPath(new URL('../../../fixtures', import.meta.url))
const situations = join(fixtures, 'before-after')

const shift = (root: string, ...args: readonly string[]) => shiftBy('thread-signal', root, ...args)

/** The files of a folder that are sources, by their names in it. */
function sourcesOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return Object.fromEntries(
    names
      .filter((name) => /\.[cm]?[jt]sx?$|\.json$/.test(name))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  )
}

const options = {
  strict: true,
  target: 'es2022',
  module: 'nodenext',
  types: ['node'],
  noEmit: true,
}

/** A situation as it is before, with what every project has where it does not say otherwise. */
function before(situation: string, folder = situations): Readonly<Record<string, string>> {
  const own = sourcesOf(join(folder, situation, 'before'))
  const isPlain = Object.keys(own).some((name) => name.endsWith('.js'))
  const config = JSON.stringify({ compilerOptions: options, include: ['src'] })
  return {
    'package.json': '{ "type": "module" }',
    ...(isPlain ? {} : { 'tsconfig.json': config }),
    ...own,
  }
}

const within = (folder: string, files: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(files).map(([name, each]) => [`${folder}/${name}`, each]))

const callbacks = before('plain-callbacks')
const afterCallbacks = sourcesOf(join(situations, 'plain-callbacks', 'after'))

describe('the transform of jscodeshift', () => {
  it('gives each before/after project the bytes that the command gives', async () => {
    const names = readdirSync(situations)
    const { root, read } = createRepository(
      Object.assign({}, ...names.map((each) => within(each, before(each)))) as typeof callbacks,
    )
    // That each compiles is tested with the command's own host.
    const all = [
      '--verify=false',
      '--parser=ts',
      '--extensions=ts,tsx,mts,cts,js,jsx,mjs,cjs',
      ...names,
    ]
    const { stdout } = await shift(root, ...all)
    expect(stdout).toContain('\n0 errors\n')
    for (const name of names)
      for (const [file, expected] of Object.entries(sourcesOf(join(situations, name, 'after'))))
        expect(read(`${name}/${file}`), `${name}/${file}`).toBe(expected)
    expect((await shift(root, ...all)).stdout).toContain('\n0 ok\n')
  })

  it.each(['babel', 'ts', 'tsx'])(
    'needs nothing of the parser %s, and with --dry --print only prints',
    async (parser) => {
      const { root, git } = createRepository(callbacks)
      const { stdout, stderr } = await shift(root, '--dry', '--print', `--parser=${parser}`, 'src')
      for (const [file, expected] of Object.entries(afterCallbacks))
        expect(stdout, file).toContain(expected)
      expect(stderr).toContain('src/app.js, src/db.js, src/users.js')
      expect(git('status', '--short', 'src')).toBe('')
    },
  )

  it('has one plan for all workers, made before the first of them writes', async () => {
    const { root, read } = createRepository(callbacks)
    const files = Object.keys(afterCallbacks)
    const runs = await Promise.all(files.map((file) => shift(root, file)))
    for (const [file, expected] of Object.entries(afterCallbacks))
      expect(read(file), file).toBe(expected)
    expect(runs.filter(({ stderr }) => stderr.includes('files to change'))).toHaveLength(1)
    expect(runBin(root, 'check').status).toBe(0)
  })

  it('plans again where a file is neither as it was nor as it was to be', async () => {
    const { root, read, write } = createRepository(callbacks)
    await shift(root, '--dry', 'src')
    const changed = String(callbacks['src/users.js']).replaceAll('users WHERE', 'people WHERE')
    write({ 'src/users.js': changed })
    await shift(root, '--run-in-band', 'src')
    expect(read('src/users.js')).toBe(
      String(afterCallbacks['src/users.js']).replaceAll('users WHERE', 'people WHERE'),
    )
  })

  it('changes what --paths names, and refuses what would leave files out unseen', async () => {
    const elsewhere = `const { pool } = require('../src/db');\n\nmodule.exports = () => pool.query('SELECT 1');\n`
    const { root, read } = createRepository({ ...callbacks, 'bin/seed.js': elsewhere })
    await shift(root, '--paths=src', '.')
    expect(read('src/users.js')).toBe(afterCallbacks['src/users.js'])
    expect(read('bin/seed.js')).toBe(elsewhere)
    const { stdout } = await shift(root, '--ignore-pattern=**/db.js', 'src')
    expect(stdout).toContain('--paths=src,lib in place of --ignore-pattern')
  })
})

describe('the transforms of the other codemods', () => {
  const names = Object.keys(codemodWords)
  const folder = join(fixtures, 'codemods')
  const typescript = ['--parser=ts', '--extensions=ts']

  it('are one for each', () => {
    const files = readdirSync(transforms).map((each) => each.replace(/\.cjs$/, ''))
    expect(files.toSorted()).toEqual([...names, 'thread-signal'].toSorted())
  })

  it.each(names)('%s gives the bytes that the command gives, and then nothing', async (name) => {
    const { root, read } = createRepository(before(name, folder))
    const reason = name === 'detach' ? ['--reason=the audit log outlives the request'] : []
    const run = () => shiftBy(name, root, ...typescript, ...reason, 'src')
    const { stdout, stderr } = await run()
    expect(stdout).toContain('\n0 errors\n')
    if (name === 'to-ambient')
      expect(stderr).toContain("set propagation to 'ambient' in the settings")
    for (const [file, expected] of Object.entries(sourcesOf(join(folder, name, 'after'))))
      expect(read(file), file).toBe(expected)
    expect((await run()).stdout).toContain('\n0 ok\n')
  })

  it.each([
    ['detach without a reason', 'detach', [], 'detach needs --reason'],
    ['a reason without words', 'detach', ['--reason= '], 'detach needs --reason'],
    ['a reason for another', 'release-client', ['--reason=x'], '--reason is for detach'],
  ])('wrong use: %s', async (_situation, name, args, message) => {
    const files = before(name, folder)
    const { root, git } = createRepository(files)
    const { stdout } = await shiftBy(name, root, ...typescript, ...args, 'src')
    expect(stdout).toContain(message)
    expect(git('status', '--short', 'src')).toBe('')
  })
})
