import { createRequire } from 'node:module'
import pg from 'pg'
import postgresJs from 'postgres'
import { expect, it } from 'vitest'
import { useDatabase } from '../../test-support/database.js'
import { isInstrumented } from '../../pg/instrument.js'
import type { PgClient, PgQuery } from '../../pg/pg-internals.js'
import { Ledger } from '../ledger/ledger.js'
import { recordProjectsDrivers } from './locate-drivers.js'

const postgres = useDatabase()

function missing(): never {
  throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' })
}

/** A project that has only `name`. */
const has =
  (name: string, module: unknown) =>
  (asked: string): unknown =>
    asked === name ? module : missing()

it.each([
  ['pg', pg],
  ['postgres', postgresJs],
])('takes the copy of %s that the project has, and does with it alone', (name, module) => {
  recordProjectsDrivers(has(name, module)).restore()
})

it('takes both copies of postgres.js that Node has', async () => {
  const prototypeOf = (sql: unknown): unknown =>
    Object.getPrototypeOf((sql as { unsafe(text: string): object }).unsafe('').constructor)
  const cjs = createRequire(import.meta.url)('postgres') as typeof postgresJs
  const { ready, restore } = recordProjectsDrivers()
  await ready
  const clients = [postgresJs(), cjs()]
  expect(clients.map(prototypeOf)).not.toContain(Promise)
  restore()
  expect(clients.map(prototypeOf)).toEqual([Promise, Promise])
})

it('leaves pg, its pools and postgres.js as they were', async () => {
  const parts = (): PropertyDescriptorMap[] => {
    const pool = Object.getPrototypeOf(pg.Pool.prototype) as object
    const query = postgresJs().unsafe('') as unknown as object
    return [
      pg,
      pg.Client,
      pg.Client.prototype,
      pg.Query.prototype,
      pool,
      Object.getPrototypeOf(query),
    ].map((each) => Object.getOwnPropertyDescriptors(each as object))
  }
  recordProjectsDrivers().restore()
  const bare = parts()
  expect(isInstrumented(pg.Client)).toBe(false)
  const { ready, restore } = recordProjectsDrivers()
  await ready
  expect(isInstrumented(pg.Client)).toBe(true)
  expect(parts()).not.toEqual(bare)
  restore()
  expect(parts()).toEqual(bare)
  const { rows } = await postgres.pool().query('SELECT $1::int AS n', [1])
  expect(rows).toEqual([{ n: 1 }])
})

it.each([
  ['is not installed', missing, 'neither pg nor postgres can be found from'],
  ['is mocked', has('pg', { Pool: () => undefined }), 'is it mocked?'],
  [
    'fails to load',
    () => {
      throw new Error('no such symbol')
    },
    'no such symbol',
  ],
])('says so where pg %s', (_, require, message) => {
  expect(() => {
    recordProjectsDrivers(require)
  }).toThrow(message)
})

it('says so where pg is patched by two versions of the runtime', async () => {
  const ledger = new Ledger()
  const client = await postgres.client()
  const query = new pg.Query({ text: 'SELECT 1' }) as unknown as PgQuery
  const announce = (): void => {
    ledger.queued(query, client as unknown as PgClient, [query], announce)
  }
  announce()
  expect(announce).toThrow('pg is patched twice')
})
