import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lines, sampleProject } from '../../testing/sample-project.js'
import { verifyPlan } from '../verify.js'
import { UnsupportedProjectError } from './compiler.js'

describe('the compiler', () => {
  /** Outside the repository, whose own TypeScript would be found otherwise. */
  const alone = (files: Record<string, string>) => sampleProject(files, tmpdir())

  const LOOSE = lines(
    'export function greet(name) {',
    '  const text: string = null',
    '  return text + name',
    '}',
    'export const wait = (ms: number): Promise<number> => Promise.resolve(ms)',
  )

  /** Without types and libraries of its own: what is checked is how the options are read. */
  function looseProject(version: string, install?: string) {
    const project = alone({
      'package.json': JSON.stringify({ devDependencies: { typescript: version } }),
      'tsconfig.json': JSON.stringify({
        compilerOptions: { target: 'es2020', module: 'commonjs', lib: ['es2020', 'dom'] },
        include: ['src'],
      }),
      'src/index.ts': LOOSE,
    })
    if (install !== undefined) {
      mkdirSync(project.path('node_modules'))
      symlinkSync(install, project.path('node_modules/typescript'))
    }
    const signature = project.step('signature', {
      edits: [['src/index.ts', '(ms: number)', '(ms: number, signal?: AbortSignal)']],
    })
    const bad = project.step('sink', {
      edits: [['src/index.ts', 'Promise.resolve(ms)', 'Promise.resolve(signal)']],
      requires: [signature],
    })
    return { project, signature, bad }
  }

  const repository = (path: string) => join(import.meta.dirname, '../../../../node_modules', path)

  test('is the project’s own TypeScript 5', async () => {
    const { project, signature, bad } = looseProject('^5.9.0', repository('typescript-5'))
    const { kept, rolledBack, notices } = await verifyPlan(project)
    expect(rolledBack).toMatchObject([{ step: bad, diagnostic: { code: 2322 } }])
    expect([...kept]).toEqual([signature])
    expect(notices).toEqual([])
  })

  test('is the bundled one with the defaults of the declared version', async () => {
    const { project, signature, bad } = looseProject('^5.4.0')
    const { kept, rolledBack, notices } = await verifyPlan(project)
    expect(rolledBack).toMatchObject([{ step: bad, diagnostic: { code: 2322 } }])
    expect([...kept]).toEqual([signature])
    expect(notices.map(({ kind }) => kind)).toEqual(['bundled-compiler'])
  })

  test('is the bundled one for TypeScript 7, and errors that it sees alone are mentioned', async () => {
    const { project, bad } = looseProject('^7.0.0')
    const manifest = { name: 'typescript', version: '7.0.2', main: 'lib/version.cjs' }
    mkdirSync(project.path('node_modules/typescript/lib'), { recursive: true })
    writeFileSync(project.path('node_modules/typescript/package.json'), JSON.stringify(manifest))
    writeFileSync(
      project.path('node_modules/typescript/lib/version.cjs'),
      'module.exports = { version: "7.0.2" }',
    )
    const { rolledBack, notices } = await verifyPlan(project)
    expect(rolledBack).toMatchObject([{ step: bad }])
    expect(notices.map(({ kind }) => kind)).toEqual(['bundled-compiler', 'errors-before-edits'])
  })

  test('must be 4.7 or later', async () => {
    const { project } = looseProject('~4.5.0')
    await expect(verifyPlan(project)).rejects.toThrow(UnsupportedProjectError)
    await expect(verifyPlan(project)).rejects.toThrow(/4\.5.*npm install --save-dev typescript/)
  })

  test('must know AbortSignal', async () => {
    const { project } = looseProject('^5.9.0')
    writeFileSync(
      project.tsconfigPath,
      JSON.stringify({ compilerOptions: { lib: ['es2020'], target: 'es2020' }, include: ['src'] }),
    )
    await expect(verifyPlan(project)).rejects.toThrow(/AbortSignal.*@types\/node/)
  })
})
