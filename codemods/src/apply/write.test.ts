import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { sampleProject } from '../testing/sample-project.js'
import { prepareWrite, writeFiles, WriteRefusedError } from './write.js'

const change = (after: string, before = 'old\n') => ({ before, after })

test('all files are replaced, modes stay, nothing else is left behind', async () => {
  const { root, path } = bound(sampleProject({ 'a.ts': 'old\n', 'bin/b.js': '\uFEFFold\r\n' }))
  chmodSync(path('bin/b.js'), 0o755)
  await writeFiles(
    root,
    new Map([
      [path('a.ts'), change('new\n')],
      [path('bin/b.js'), change('\uFEFFnew\r\n', '\uFEFFold\r\n')],
    ]),
  )
  expect(readFileSync(path('a.ts'), 'utf8')).toBe('new\n')
  expect(readFileSync(path('bin/b.js'), 'utf8')).toBe('\uFEFFnew\r\n')
  expect(statSync(path('bin/b.js')).mode & 0o777).toBe(0o755)
  expect(readdirSync(root)).toEqual(['a.ts', 'bin'])
  expect(readdirSync(path('bin'))).toEqual(['b.js'])
})

test('what has been prepared can be taken back', async () => {
  const { root, path } = bound(sampleProject({ 'a.ts': 'old\n' }))
  const write = await prepareWrite(root, new Map([[path('a.ts'), change('new\n')]]))
  await write.discard()
  expect(readdirSync(root)).toEqual(['a.ts'])
  expect(readFileSync(path('a.ts'), 'utf8')).toBe('old\n')
})

describe('nothing is written where one file', () => {
  type Project = ReturnType<typeof bound>
  const cases: readonly (readonly [string, (project: Project) => string])[] = [
    [
      'has changed since it was read',
      ({ path }) => {
        writeFileSync(path('b.ts'), 'edited meanwhile\n')
        return path('b.ts')
      },
    ],
    ['is no longer there', ({ path }) => path('gone.ts')],
    [
      'is a symbolic link',
      ({ path }) => {
        symlinkSync(path('b.ts'), path('link.ts'))
        return path('link.ts')
      },
    ],
    ['lies outside the project', () => sampleProject({ 'b.ts': 'old\n' }, tmpdir()).path('b.ts')],
    [
      'lies outside the project',
      ({ path }) => {
        symlinkSync(sampleProject({ 'b.ts': 'old\n' }, tmpdir()).root, path('linked'))
        return path('linked/b.ts')
      },
    ],
    ['is not a regular file', ({ path }) => path('folder')],
  ]

  test.each(cases)('%s', async (why, prepare) => {
    const project = bound(sampleProject({ 'a.ts': 'old\n', 'b.ts': 'old\n', 'folder/c.ts': '' }))
    const files = new Map([
      [project.path('a.ts'), change('new\n')],
      [prepare(project), change('new\n')],
    ])
    const writing = writeFiles(project.root, files)
    await expect(writing).rejects.toThrow(WriteRefusedError)
    await expect(writing).rejects.toThrow(why)
    expect(readFileSync(project.path('a.ts'), 'utf8')).toBe('old\n')
    expect(readFileSync(project.path('b.ts'), 'utf8')).not.toBe('new\n')
  })

  test('cannot be written beside its place: that one has no room, or too long a name', async () => {
    const long = `${'b'.repeat(240)}.ts`
    const { root, path } = bound(sampleProject({ 'a.ts': 'old\n', [long]: 'old\n' }))
    const files = new Map([
      [path('a.ts'), change('new\n')],
      [path(long), change('new\n')],
    ])
    await expect(writeFiles(root, files)).rejects.toThrow(
      /cannot be written \(ENAMETOOLONG\); nothing was written$/,
    )
    expect(readdirSync(root)).toEqual(['a.ts', long])
    expect(readFileSync(path('a.ts'), 'utf8')).toBe('old\n')
  })

  test('is not UTF-8', async () => {
    const { root, path } = bound(sampleProject({ 'a.ts': '' }))
    writeFileSync(path('a.ts'), Buffer.from([0x2f, 0x2f, 0xe9, 0x0a]))
    const before = readFileSync(path('a.ts'), 'utf8')
    await expect(
      writeFiles(root, new Map([[path('a.ts'), { before, after: '' }]])),
    ).rejects.toThrow('not UTF-8')
  })
})

// Large files, so that a good part of the time goes into what a kill could spoil: a file that is written in its
// place instead of being renamed to it is soon found cut off.
test('a kill at any moment leaves every file old or new', { timeout: 120_000 }, async () => {
  const names = Array.from({ length: 8 }, (_, index) => `f${index}.ts`)
  const versions = ['a', 'b'].map((letter) => `${letter.repeat(1_500_000)}\n`)
  const { root, path } = bound(
    sampleProject(Object.fromEntries(names.map((name) => [name, versions[0] ?? '']))),
  )
  const module = join(import.meta.dirname, '../../dist/apply/write.js')
  writeFileSync(
    path('writer.mjs'),
    `import { readFileSync } from 'node:fs'
     import { writeFiles } from ${JSON.stringify(module)}
     const versions = ['a', 'b'].map((letter) => letter.repeat(1_500_000) + '\\n')
     for (;;) {
       const files = ${JSON.stringify(names.map(path))}.map((file) => {
         const before = readFileSync(file, 'utf8')
         return [file, { before, after: versions.find((text) => text !== before) }]
       })
       const start = performance.now()
       await writeFiles(${JSON.stringify(root)}, new Map(files))
       console.log(performance.now() - start)
     }`,
  )
  for (let round = 0; round < 30; round++) {
    const child = spawn(process.execPath, [path('writer.mjs')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    await setTimeout(Math.random() * 2 * Number.parseFloat(line.toString()))
    child.kill('SIGKILL')
    await once(child, 'exit')
    for (const name of names)
      expect(versions.indexOf(readFileSync(path(name), 'utf8'))).not.toBe(-1)
  }
})

function bound(project: ReturnType<typeof sampleProject>) {
  return { root: project.root, path: (name: string) => project.path(name) }
}
