import { describe, expect, test } from 'vitest'
import { hubProject } from '../../testing/hub-project.js'
import { ESM, lines, sampleProject, tsconfig } from '../../testing/sample-project.js'
import { verifyPlan } from '../verify.js'

describe('tsconfig', () => {
  const library = lines('export async function load(id: string) {', '  return [id]', '}')

  function twoPackages(solution: string, edge: string) {
    const project = sampleProject({
      'package.json': ESM,
      'tsconfig.json': solution,
      'packages/lib/package.json': '{ "name": "lib", "type": "module" }',
      'packages/lib/tsconfig.json': tsconfig({
        composite: true,
        noEmit: false,
        outDir: 'dist',
        rootDir: 'src',
      }),
      'packages/lib/src/index.ts': library,
      'packages/app/package.json': ESM,
      'packages/app/tsconfig.json': tsconfig(
        { composite: true, noEmit: false, outDir: 'dist', rootDir: 'src' },
        { include: ['src'], references: [{ path: '../lib' }] },
      ),
      'packages/app/src/index.ts': lines("import { load } from '../../lib/dist/index.js'", edge),
    })
    const signature = project.step('signature', {
      edits: [
        ['packages/lib/src/index.ts', 'load(id: string)', 'load(id: string, signal?: AbortSignal)'],
      ],
    })
    return { project, signature }
  }

  const SOLUTION = JSON.stringify({ files: [], references: [{ path: 'packages/app' }] })

  test('an edit shows in the projects that reference its own', async () => {
    const { project, signature } = twoPackages(SOLUTION, "export const all = ['a'].map(load)")
    const { rolledBack } = await verifyPlan(project)
    expect(rolledBack).toMatchObject([
      { step: signature, diagnostic: { file: project.path('packages/app/src/index.ts'), line: 2 } },
    ])
  })

  test('edits in two projects fit together without a build', async () => {
    const { project, signature } = twoPackages(
      SOLUTION,
      'export const one = (signal: AbortSignal) => { signal.throwIfAborted(); return load("a") }',
    )
    const call = project.step('call-site', {
      edits: [['packages/app/src/index.ts', 'load("a")', 'load("a", signal)']],
      requires: [signature],
    })
    const { kept, rolledBack } = await verifyPlan(project)
    expect(rolledBack).toEqual([])
    expect([...kept]).toEqual([signature, call])
  })

  test('extends, and a file that no include covers', async () => {
    const project = sampleProject({
      'package.json': ESM,
      'base.json': tsconfig({}, {}),
      'tsconfig.json': '{ "extends": "./base.json", "include": ["src"] }',
      'src/index.ts': library,
      'scripts/run.ts': "import { load } from '../src/index.js'\nvoid load('a')\n",
    })
    const signature = project.step('signature', {
      edits: [['src/index.ts', 'load(id: string)', 'load(id: string, signal?: AbortSignal)']],
    })
    const bad = project.step('call-site', {
      edits: [['scripts/run.ts', "load('a')", "load('a', 'b')"]],
      requires: [signature],
    })
    const { kept, rolledBack } = await verifyPlan(project)
    expect(rolledBack.map(({ step }) => step)).toEqual([bad])
    expect([...kept]).toEqual([signature])
  })

  test('an unedited error about declarations is not new, an added one is', async () => {
    const { project } = hubProject(
      {
        'src/hidden.ts': lines(
          'class Hidden { private secret = 1; get() { return this.secret } }',
          'export const make = (): { n: number } => ({ n: new Hidden().get() })',
        ),
      },
      { declaration: true, noEmit: false },
    )
    const bad = project.step('sink', {
      edits: [
        [
          'src/hidden.ts',
          'make = (): { n: number } => ({ n: new Hidden().get() })',
          'make = () => class { private n = new Hidden().get() }',
        ],
      ],
    })
    const { rolledBack } = await verifyPlan(project)
    expect(rolledBack).toMatchObject([{ step: bad, diagnostic: { code: 4094 } }])
  })
})
