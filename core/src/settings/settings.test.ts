import { describe, expect, it } from 'vitest'
import { libraries } from '../catalog/index.js'
import { configSchema, findConfigProblem, findSettingsProblem, ownLibraries } from './settings.js'

const db = {
  name: 'own-db',
  kind: 'database',
  modules: ['./lib/db.js'],
  exports: { db: 'Db' },
  entities: {
    Db: {
      members: {
        run: { sink: { carriers: [{ kind: 'argument', arg: 1 }], effect: 'cancels' } },
        begin: { returns: 'Promise<Db | pg#PoolClient>' },
      },
    },
  },
}

it('a library in the shape of the catalog needs no evidence', () => {
  const own = [db as never]
  expect(findConfigProblem({ libraries: own })).toBe(undefined)
  expect(ownLibraries(own)).toEqual([{ ...db, evidence: [] }])
  expect(ownLibraries(own)).toBe(ownLibraries(own))
})

it('whatever the catalog itself says can be said here', () => {
  expect(findConfigProblem({ libraries })).toBe(undefined)
})

const member = (value: unknown) => ({ ...db, entities: { Db: { members: { run: value } } } })
const sink = (value: object) => member({ sink: { carriers: [], effect: 'cancels', ...value } })

it.each([
  ['no object', 'pg', '"libraries[0]" must be an object, not "pg"'],
  ['a key left out', { ...db, modules: undefined }, '"libraries[0].modules" must be an array'],
  ['no name', { kind: 'database' }, '"libraries[0]" lacks "name"'],
  ['an unknown kind', { ...db, kind: 'db' }, '"libraries[0].kind" must be "database" or'],
  [
    'an unknown key',
    member({ sinks: {} }),
    '"libraries[0].entities.Db.members.run" has an unknown key "sinks", did you mean "sink"?',
  ],
  [
    'an entity that is not there',
    member({ returns: 'Promise<Connection>' }),
    '"libraries[0].entities.Db.members.run.returns" names "Connection", which is not among the entities of the library: Db',
  ],
  [
    'a carrier without its position',
    sink({ carriers: [{ kind: 'argument' }] }),
    '"libraries[0].entities.Db.members.run.sink.carriers[0]" lacks "arg"',
  ],
  [
    'an unknown carrier',
    sink({ carriers: [{ kind: 'chain' }] }),
    '.carriers[0].kind" must be "option" or "argument" or "wrap" or "none", not "chain"',
  ],
])('%s', (_situation, library, message) => {
  expect(findConfigProblem({ libraries: [library] })).toContain(message)
  expect(findSettingsProblem({ libraries: [library] })).toContain(
    message.replace('"libraries', '"settings.ctx.libraries'),
  )
})

describe('the other settings, as the command and as the linter have them', () => {
  it.each<[settings: object, problem: string]>([
    [{ signalNames: 'abort' }, '"signalNames" must be an array, not "abort"'],
    [{ signalNames: ['a', 1] }, '"signalNames[1]" must be a string, not 1'],
    [{ testGlobs: [null] }, '"testGlobs[0]" must be a string, not null'],
    [{ propagation: 'implicit' }, '"propagation" must be "explicit" or "ambient", not "implicit"'],
    [
      { budgets: { payment: '3 s' } },
      '"budgets.payment" must be a positive number of milliseconds, not "3 s"',
    ],
    [
      { budgets: { payment: 0 } },
      '"budgets.payment" must be a positive number of milliseconds, not 0',
    ],
  ])('%j', (settings, problem) => {
    expect(findConfigProblem(settings)).toBe(problem)
    expect(findSettingsProblem(settings)).toBe(problem.replace('"', '"settings.ctx.'))
  })

  it('a slip in a key names the one that was meant', () => {
    expect(findConfigProblem({ testGlob: [] })).toBe(
      'the configuration has an unknown key "testGlob", did you mean "testGlobs"?',
    )
    expect(findSettingsProblem({ testGlob: [] })).toBe(
      '"settings.ctx" has an unknown key "testGlob", did you mean "testGlobs"?',
    )
  })

  it('what is no object at all', () => {
    expect(findConfigProblem([])).toBe('the configuration must be an object, not an array')
    expect(findSettingsProblem('ambient')).toBe('"settings.ctx" must be an object, not "ambient"')
  })
})

it('the schema has words on every key for the editor', () => {
  const { properties } = configSchema() as { properties: Record<string, object> }
  expect(Object.keys(properties)).toContain('budgets')
  for (const property of Object.values(properties)) expect(property).toHaveProperty('description')
})
