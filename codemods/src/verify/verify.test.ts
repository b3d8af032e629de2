import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DB, hubProject } from '../testing/hub-project.js'
import { lines, sampleProject } from '../testing/sample-project.js'
import { verifyPlan } from './verify.js'

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

describe('plain JavaScript', () => {
  test('an edit has to parse', async () => {
    const project = sampleProject({
      'a.js': "const { query } = require('./db')\nexports.load = (id) => query(id)\n",
    })
    const bad = project.step('sink', { edits: [['a.js', 'query(id)', 'query(id, signal))']] })
    const good = project.step('signature', { edits: [['a.js', '(id) =>', '(id, signal) =>']] })
    const { plan, sources } = project
    const { kept, rolledBack } = await verifyPlan({ plan, sources, tsconfigPaths: [] })
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
