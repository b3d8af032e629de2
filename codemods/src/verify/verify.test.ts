import { describe, expect, test } from 'vitest'
import { sampleProject } from './testing.js'
import { verifyPlan } from './verify.js'

const STRICT = JSON.stringify({
  compilerOptions: {
    strict: true,
    target: 'es2022',
    module: 'nodenext',
    types: ['node'],
    noEmit: true,
    noUnusedParameters: true,
    exactOptionalPropertyTypes: true,
  },
  include: ['src'],
})

const PACKAGE = '{ "type": "module" }'

/** Many modules around one hub, each of which passes the hub a signal. */
function hubProject(callers: Record<string, string>) {
  const project = sampleProject({
    'package.json': PACKAGE,
    'tsconfig.json': STRICT,
    'src/db.ts': [
      'declare function send(text: string, signal?: AbortSignal): Promise<string[]>',
      'export async function query(text: string): Promise<string[]> {',
      '  return send(text)',
      '}',
      '',
    ].join('\n'),
    ...callers,
  })
  const hub = project.step('signature', {
    edits: [
      [
        'src/db.ts',
        '(text: string): Promise<string[]> {',
        '(text: string, signal?: AbortSignal): Promise<string[]> {',
      ],
    ],
    onlyIfRequired: true,
  })
  const sink = project.step('sink', {
    edits: [['src/db.ts', 'send(text)\n', 'send(text, signal)\n']],
    requires: [hub],
  })
  return { project, hub, sink }
}

const caller = (name: string) =>
  `import { query } from './db.js'\nexport async function ${name}() {\n  return query('${name}')\n}\n`

describe('one bad edge in a program with one hub', () => {
  const names = Array.from({ length: 12 }, (_, index) => `caller${index}`)

  function connected(bad: string) {
    const { project, hub, sink } = hubProject({
      ...Object.fromEntries(names.map((name) => [`src/${name}.ts`, caller(name)])),
      'src/bad.ts': bad,
    })
    const edges = names.map((name) => {
      const file = `src/${name}.ts`
      const signature = project.step('signature', {
        edits: [[file, `${name}()`, `${name}(signal?: AbortSignal)`]],
        onlyIfRequired: true,
      })
      return project.step('call-site', {
        edits: [[file, `query('${name}')`, `query('${name}', signal)`]],
        requires: [hub, signature],
      })
    })
    return { project, hub, sink, edges }
  }

  test('on the edit itself', async () => {
    const { project, hub } = connected(
      "import { query } from './db.js'\nexport const read = (signal: string) => query(signal)\n",
    )
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
          message: expect.stringContaining("'string' is not assignable"),
        },
      },
    ])
    expect(kept.size).toBe(project.plan.steps.length - 1)
    expect(notices).toEqual([])
  })
})
