import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { sampleProject } from '../testing/sample-project.js'
import { writeFiles, WriteRefusedError } from './write.js'

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

  test('is not UTF-8', async () => {
    const { root, path } = bound(sampleProject({ 'a.ts': '' }))
    writeFileSync(path('a.ts'), Buffer.from([0x2f, 0x2f, 0xe9, 0x0a]))
    const before = readFileSync(path('a.ts'), 'utf8')
    await expect(
      writeFiles(root, new Map([[path('a.ts'), { before, after: '' }]])),
    ).rejects.toThrow('not UTF-8')
  })
})

test('a kill at any moment leaves every file old or new', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `f${index}.ts`)
  const versions = ['a', 'b'].map((letter) => `${letter.repeat(100_000)}\n`)
  const { root, path } = bound(
    sampleProject(Object.fromEntries(names.map((name) => [name, versions[0] ?? '']))),
  )
  const module = join(import.meta.dirname, 'write.ts')
  writeFileSync(
    path('writer.mjs'),
    `const { createServer } = await import('vite')
     const server = await createServer({ configFile: false, server: { middlewareMode: true, ws: false }, logLevel: 'silent' })
     const { writeFiles } = await server.ssrLoadModule(${JSON.stringify(module)})
     const { readFileSync } = await import('node:fs')
     const versions = ['a', 'b'].map((letter) => letter.repeat(100_000) + '\\n')
     console.log('ready')
     for (;;) {
       const files = ${JSON.stringify(names.map(path))}.map((file) => {
         const before = readFileSync(file, 'utf8')
         return [file, { before, after: versions.find((text) => text !== before) }]
       })
       await writeFiles(${JSON.stringify(root)}, new Map(files))
     }`,
  )
  for (let round = 0; round < 6; round++) {
    const child = spawn(process.execPath, [path('writer.mjs')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    await setTimeout(Math.random() * 60)
    child.kill('SIGKILL')
    await once(child, 'exit')
    for (const name of names) expect(versions).toContain(readFileSync(path(name), 'utf8'))
  }
})

function bound(project: ReturnType<typeof sampleProject>) {
  return { root: project.root, path: (name: string) => project.path(name) }
}
