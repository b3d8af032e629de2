import { describe, expect, test } from 'vitest'
import { ESM, lines, sampleProject, tsconfig } from '../../testing/sample-project.js'
import { verifyPlan } from '../verify.js'

describe('the runtime', () => {
  const PG = lines(
    'export interface QueryConfig { text: string }',
    'export class Pool { query(config: QueryConfig): Promise<string[]> }',
  )

  function pgProject(compilerOptions: object) {
    const project = sampleProject({
      'package.json': ESM,
      'tsconfig.json': tsconfig(compilerOptions),
      'node_modules/@types/pg/index.d.ts': PG,
      'node_modules/@types/pg/package.json': '{ "name": "@types/pg", "version": "8.0.0" }',
      'src/pool.ts': "import { Pool } from 'pg'\nexport const pool = new Pool()\n",
      'src/user.ts': lines(
        "import { pool } from './pool.js'",
        "export const load = (req: object) => pool.query({ text: 'x' })",
      ),
      // Stands for the package that is not installed, with another copy of pg beside it.
      'elsewhere/node_modules/@types/pg/index.d.ts': PG,
      'elsewhere/package.json': '{ "name": "absent-runtime" }',
      'elsewhere/dist/index.d.ts': "export { requestSignal } from './request.js'\n",
      'elsewhere/dist/request.d.ts':
        'export declare function requestSignal(req: object): AbortSignal\n',
      'elsewhere/dist/pg.d.ts': lines(
        "import 'pg'",
        "declare module 'pg' { interface QueryConfig { signal?: AbortSignal | undefined } }",
      ),
    })
    const setup = project.step('setup', {
      edits: [],
      imports: [{ file: 'src/pool.ts', module: 'absent-runtime/pg' }],
      onlyIfRequired: true,
    })
    const derive = project.step('derive', {
      edits: [['src/user.ts', '=> pool', '=> { const signal = requestSignal(req); return pool']],
      imports: [{ file: 'src/user.ts', module: 'absent-runtime', name: 'requestSignal' }],
      onlyIfRequired: true,
    })
    const sink = project.step('sink', {
      edits: [['src/user.ts', "{ text: 'x' })", "{ text: 'x', signal }) }"]],
      requires: [setup, derive],
    })
    const runtimeTypes = {
      'absent-runtime': project.path('elsewhere/dist/index.d.ts'),
      'absent-runtime/pg': project.path('elsewhere/dist/pg.d.ts'),
    }
    return { project, steps: [setup, derive, sink], runtimeTypes }
  }

  test.each([
    ['nodenext', {}],
    ['bundler', { module: 'esnext', moduleResolution: 'bundler' }],
    ['node10', { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' }],
  ])('that is not installed is read from its own declarations under %s', async (_, options) => {
    const { project, steps, runtimeTypes } = pgProject(options)
    const { plan, sources, tsconfigPaths } = project
    const { kept, rolledBack, files } = await verifyPlan({
      plan,
      sources,
      tsconfigPaths,
      runtimeTypes,
    })
    expect(rolledBack).toEqual([])
    expect([...kept]).toEqual(steps)
    expect(files.get(project.path('src/pool.ts'))?.after).toBe(
      "import { Pool } from 'pg'\nimport 'absent-runtime/pg'\nexport const pool = new Pool()\n",
    )
  })

  test('without declarations nothing that needs it is kept', async () => {
    const { project, steps } = pgProject({})
    const { kept, rolledBack } = await verifyPlan(project)
    expect(rolledBack.map(({ step }) => step).toSorted()).toEqual(steps)
    expect(kept.size).toBe(0)
  })
})
