import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sampleProject } from '../testing/sample-project.js'
import { UnsupportedProjectError } from './types/compiler.js'
import { verifyPlan } from './verify.js'

const OPTIONS = {
  strict: true,
  target: 'es2022',
  module: 'nodenext',
  types: ['node'],
  noEmit: true,
}

const tsconfig = (options: object = {}, rest: object = { include: ['src'] }) =>
  JSON.stringify({ compilerOptions: { ...OPTIONS, ...options }, ...rest })

const ESM = '{ "type": "module" }'

const lines = (...text: string[]) => [...text, ''].join('\n')

const DB = lines(
  'declare function send(text: string, signal?: AbortSignal): Promise<string[]>',
  'export async function query(text: string): Promise<string[]> {',
  '  return send(text)',
  '}',
)

/** A project around `query` of db.ts, with the steps that make it take a signal and pass it on. */
function hubProject(files: Record<string, string>, options: object = {}) {
  const project = sampleProject({
    'package.json': ESM,
    'tsconfig.json': tsconfig(options),
    'src/db.ts': DB,
    ...files,
  })
  const hub = project.step('signature', {
    edits: [['src/db.ts', 'query(text: string', 'query(text: string, signal?: AbortSignal']],
    onlyIfRequired: true,
  })
  const sink = project.step('sink', {
    edits: [['src/db.ts', 'send(text)\n', 'send(text, signal)\n']],
    requires: [hub],
  })
  return { project, hub, sink }
}

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

describe('signatures', () => {
  test('a family goes as a whole, with what passes through it', async () => {
    const { project, hub } = hubProject({
      'src/store.ts': lines(
        "import { query } from './db.js'",
        'export interface Store { find(id: string): Promise<string[]> }',
        'export class PgStore implements Store {',
        "  async find(id: string) { return query('find ' + id) }",
        '}',
        'export class OldStore implements Store {',
        '  async find(id: string, limit = 10) { return [id].slice(0, limit) }',
        '}',
      ),
      'src/service.ts': lines(
        "import type { Store } from './store.js'",
        'export const serve = (store: Store, id: string) => store.find(id)',
      ),
    })
    const family = project.step('signature', {
      edits: [
        [
          'src/store.ts',
          'Store { find(id: string): P',
          'Store { find(id: string, signal?: AbortSignal): P',
        ],
        ['src/store.ts', 'find(id: string) {', 'find(id: string, signal?: AbortSignal) {'],
      ],
      onlyIfRequired: true,
    })
    const inside = project.step('call-site', {
      edits: [['src/store.ts', "query('find ' + id)", "query('find ' + id, signal)"]],
      requires: [hub, family],
    })
    const through = project.step('signature', {
      edits: [
        [
          'src/service.ts',
          '(store: Store, id: string)',
          '(store: Store, id: string, signal?: AbortSignal)',
        ],
      ],
      onlyIfRequired: true,
    })
    const outside = project.step('call-site', {
      edits: [['src/service.ts', 'store.find(id)', 'store.find(id, signal)']],
      requires: [family, through],
    })
    const { kept, rolledBack } = await verifyPlan(project)
    expect(rolledBack.map(({ step }) => step)).toEqual([family, inside, through, outside])
    expect(rolledBack[0]?.diagnostic).toMatchObject({ code: 2416, line: 7 })
    expect(kept.size).toBe(2)
  })

  test('a parameter that ends unused is an error under noUnusedParameters', async () => {
    const { project, hub, sink } = hubProject(
      {
        'src/user.ts': lines(
          "import { query } from './db.js'",
          'declare const fixed: (text: string) => Promise<string[]>',
          'export const a = (id: string) => fixed(id)',
          'export const b = (id: string) => query(id)',
        ),
      },
      { noUnusedParameters: true },
    )
    const unused = project.step('signature', {
      edits: [['src/user.ts', 'a = (id: string)', 'a = (id: string, signal?: AbortSignal)']],
    })
    const rejected = project.step('sink', {
      edits: [['src/user.ts', 'fixed(id)', 'fixed(id, signal)']],
      requires: [unused],
    })
    const signature = project.step('signature', {
      edits: [['src/user.ts', 'b = (id: string)', 'b = (id: string, signal?: AbortSignal)']],
    })
    const call = project.step('call-site', {
      edits: [['src/user.ts', 'query(id)', 'query(id, signal)']],
      requires: [hub, signature],
    })
    const { kept, rolledBack } = await verifyPlan(project)
    expect(rolledBack.map(({ step, diagnostic }) => [step, diagnostic.code])).toEqual([
      [rejected, 2554],
      [unused, 6133],
    ])
    expect([...kept]).toEqual([hub, sink, signature, call])
  })

  test('exactOptionalPropertyTypes refuses undefined in a foreign bag', async () => {
    const { project, hub, sink } = hubProject(
      {
        'src/user.ts': lines(
          'declare const client: { get(bag: { id: string; signal?: AbortSignal }): void }',
          'export const a = (id: string) => client.get({ id })',
        ),
      },
      { exactOptionalPropertyTypes: true },
    )
    const signature = project.step('signature', {
      edits: [
        ['src/user.ts', 'a = (id: string)', 'a = (id: string, signal?: AbortSignal | undefined)'],
      ],
      onlyIfRequired: true,
    })
    const bag = project.step('sink', {
      edits: [['src/user.ts', '{ id })', '{ id, signal })']],
      requires: [signature],
    })
    const { kept, rolledBack } = await verifyPlan(project)
    expect(rolledBack.map(({ step }) => step)).toEqual([signature, bag])
    expect(rolledBack[1]?.diagnostic.code).toBe(2379)
    expect([...kept]).toEqual([hub, sink])
  })
})

describe('errors from before', () => {
  test('neither count against the edits nor hide new ones', async () => {
    const { project, hub, sink } = hubProject({
      'src/old.ts': lines(
        "import { query } from './db.js'",
        'export const wrong: number = query',
        'export const a = (n: number) => query(n)',
        'export const b = (n: number) => query(n + 1)',
      ),
    })
    const good = project.step('call-site', {
      edits: [['src/old.ts', 'query(n)', 'query(n, undefined)']],
      requires: [hub],
    })
    const bad = project.step('call-site', {
      edits: [['src/old.ts', 'query(n + 1)', "query('', n)"]],
      requires: [hub],
    })
    const { kept, rolledBack } = await verifyPlan(project)
    expect(rolledBack.map(({ step }) => step)).toEqual([bad])
    expect([...kept]).toEqual([hub, sink, good])
  })
})

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

  const repository = (path: string) => join(import.meta.dirname, '../../../node_modules', path)

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
    const { plan, sources, tsconfigPath } = project
    const { kept, rolledBack, files } = await verifyPlan({
      plan,
      sources,
      tsconfigPath,
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

describe('plain JavaScript', () => {
  test('an edit has to parse', async () => {
    const project = sampleProject({
      'a.js': "const { query } = require('./db')\nexports.load = (id) => query(id)\n",
    })
    const bad = project.step('sink', { edits: [['a.js', 'query(id)', 'query(id, signal))']] })
    const good = project.step('signature', { edits: [['a.js', '(id) =>', '(id, signal) =>']] })
    const { plan, sources } = project
    const { kept, rolledBack } = await verifyPlan({ plan, sources, tsconfigPath: undefined })
    expect(rolledBack).toMatchObject([{ step: bad, diagnostic: { code: 0, line: 2 } }])
    expect([...kept]).toEqual([good])
  })

  test('in a TypeScript project without allowJs is said to be parsed only', async () => {
    const { project } = hubProject({ 'src/tool.js': 'export const run = (id) => id\n' })
    project.step('signature', { edits: [['src/tool.js', '(id) =>', '(id, signal) =>']] })
    const { rolledBack, notices } = await verifyPlan(project)
    expect(rolledBack).toEqual([])
    expect(notices.map(({ kind }) => kind)).toEqual(['only-parsed'])
  })
})

test('nothing on disk is touched', async () => {
  const { project } = hubProject({})
  await verifyPlan(project)
  expect(readFileSync(project.path('src/db.ts'), 'utf8')).toBe(DB)
})
