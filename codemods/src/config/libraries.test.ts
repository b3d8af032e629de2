import { libraries } from '@ctx-fix/core'
import { expect, it } from 'vitest'
import { readLibraries } from './libraries.js'

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
  expect(readLibraries([db])).toEqual([{ ...db, evidence: [] }])
})

it('whatever the catalog itself says can be said here', () => {
  expect(readLibraries(libraries)).toEqual(libraries)
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
    '"libraries[0].entities.Db.members.run" has an unknown key "sinks": known are type,',
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
  expect(() => readLibraries([library])).toThrow(message)
})
