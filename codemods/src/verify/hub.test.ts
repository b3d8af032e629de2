import { describe, expect, test } from 'vitest'
import { hubProject } from '../testing/hub-project.js'
import { lines } from '../testing/sample-project.js'
import { verifyPlan } from './verify.js'

describe('one bad edge in a program with one hub', () => {
  const names = Array.from({ length: 12 }, (_, index) => `caller${index}`)
  const caller = (name: string) =>
    lines(
      "import { query } from './db.js'",
      `export async function ${name}() {`,
      `  return query('${name}')`,
      '}',
    )

  function connected(files: Record<string, string>) {
    const { project, hub, sink } = hubProject({
      ...Object.fromEntries(names.map((name) => [`src/${name}.ts`, caller(name)])),
      ...files,
    })
    for (const name of names) {
      const file = `src/${name}.ts`
      const signature = project.step('signature', {
        edits: [[file, `${name}()`, `${name}(signal?: AbortSignal)`]],
        onlyIfRequired: true,
      })
      project.step('call-site', {
        edits: [[file, `query('${name}')`, `query('${name}', signal)`]],
        requires: [hub, signature],
      })
    }
    return { project, hub, sink }
  }

  test('a complaint on the edit', async () => {
    const { project, hub } = connected({
      'src/bad.ts': lines(
        "import { query } from './db.js'",
        'export const read = (signal: string) => query(signal)',
      ),
    })
    const bad = project.step('call-site', {
      edits: [['src/bad.ts', 'query(signal)', 'query(signal, signal)']],
      requires: [hub],
    })
    const { kept, rolledBack, notices } = await verifyPlan(project)
    expect(rolledBack).toEqual([
      {
        step: bad,
        diagnostic: {
          file: project.path('src/bad.ts'),
          line: 2,
          column: 41,
          code: 2345,
          message:
            "Argument of type 'string' is not assignable to parameter of type 'AbortSignal'.",
        },
      },
    ])
    expect(kept.size).toBe(project.plan.steps.length - 1)
    expect(notices).toEqual([])
  })

  test('a complaint in a file without edits, through an inferred type', async () => {
    const { project, hub } = connected({
      'src/bad.ts': lines(
        "import { query } from './db.js'",
        'export const wrap = (_signal: undefined, fn: () => unknown): unknown => fn()',
        "export const read = () => query('bad')",
      ),
      'src/reader.ts': lines(
        "import { read } from './bad.js'",
        'export const first = async (): Promise<string | undefined> => (await read())[0]',
      ),
    })
    const bad = project.step('call-site', {
      edits: [['src/bad.ts', "query('bad')", "wrap(undefined, () => query('bad'))"]],
      requires: [hub],
    })
    const { kept, rolledBack } = await verifyPlan(project)
    expect(rolledBack.map(({ step, diagnostic }) => [step, diagnostic.file])).toEqual([
      [bad, project.path('src/reader.ts')],
    ])
    expect(kept.size).toBe(project.plan.steps.length - 1)
  })

  test('a complaint that no name leads back from is found by bisection', async () => {
    const { project, hub } = connected({
      'src/bad.ts': lines(
        "import { query } from './db.js'",
        "export const read = () => query('bad')",
        'type Result = Awaited<ReturnType<typeof read>>',
        'export type Row = Result extends string[] ? { id: string } : { key: string }',
        'export interface Rows { rows: Row }',
      ),
      'src/reader.ts': lines(
        "import type { Rows } from './bad.js'",
        'export const first = (all: Rows): string => all.rows.id',
      ),
    })
    const bad = project.step('call-site', {
      edits: [['src/bad.ts', "query('bad')", "query('bad', undefined) as unknown"]],
      requires: [hub],
    })
    const { kept, rolledBack } = await verifyPlan(project)
    expect(rolledBack.map(({ step }) => step)).toEqual([bad])
    expect(kept.size).toBe(project.plan.steps.length - 1)
  })

  test('two bad edges of different kinds', async () => {
    const { project, hub } = connected({
      'src/bad.ts': lines(
        "import { query } from './db.js'",
        'export const read = (signal: string) => query(signal)',
      ),
      'src/worse.ts': lines(
        "import { query } from './db.js'",
        'export class Users {',
        "  load(id: string) { return query('user ' + id) }",
        '}',
        'export interface Loader { load(id: string, fresh?: boolean): Promise<string[]> }',
      ),
      'src/app.ts': lines(
        "import { Users, type Loader } from './worse.js'",
        'export const loader: Loader = new Users()',
      ),
    })
    const bad = project.step('call-site', {
      edits: [['src/bad.ts', 'query(signal)', 'query(signal, signal)']],
      requires: [hub],
    })
    const signature = project.step('signature', {
      edits: [['src/worse.ts', 'load(id: string) {', 'load(id: string, signal?: AbortSignal) {']],
      onlyIfRequired: true,
    })
    const call = project.step('call-site', {
      edits: [['src/worse.ts', "query('user ' + id)", "query('user ' + id, signal)"]],
      requires: [hub, signature],
    })
    const { kept, rolledBack } = await verifyPlan(project)
    expect(rolledBack.map(({ step }) => step)).toEqual([bad, signature, call])
    expect(kept.size).toBe(project.plan.steps.length - 3)
  })
})
