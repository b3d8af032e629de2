import pg from 'pg'
import { expect, it } from 'vitest'
import { useDatabase } from '../../test-support/database.js'
import type { PgClient, PgQuery } from '../../pg/pg-internals.js'
import { Ledger } from '../ledger/ledger.js'
import { instrumentProjectsPg } from './locate-pg.js'

const postgres = useDatabase()

function missing(): never {
  throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' })
}

it('takes the copy of pg that the project has', () => {
  expect(() => {
    instrumentProjectsPg(() => pg)
  }).not.toThrow()
})

it.each([
  ['is not installed', missing, 'pg cannot be found from'],
  ['is mocked', () => ({ Pool: () => undefined }), 'is it mocked?'],
])('says so where pg %s', (_, require, message) => {
  expect(() => {
    instrumentProjectsPg(require)
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
