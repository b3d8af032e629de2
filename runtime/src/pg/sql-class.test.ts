import { expect, it } from 'vitest'
import { classifySql } from './sql-class.js'

it.each([
  ['BEGIN', 'begin'],
  ['begin;', 'begin'],
  ['START TRANSACTION ISOLATION LEVEL SERIALIZABLE', 'begin'],
  ['\n  COMMIT', 'commit'],
  ['END', 'commit'],
  ['-- done\nCOMMIT', 'commit'],
  ['/* trace */ /* id */ ROLLBACK', 'rollback'],
  ['/* outer /* inner */ still */ ROLLBACK', 'rollback'],
  ['/* COMMIT', undefined],
  ['ROLLBACK TO SAVEPOINT a', 'rollback'],
  ['ABORT', 'rollback'],
  ['; RELEASE SAVEPOINT a', 'cleanup'],
  ['DISCARD ALL', 'cleanup'],
  ['RESET ROLE', 'cleanup'],
  ['UNLISTEN *', 'cleanup'],
  ['SELECT pg_advisory_unlock($1)', 'cleanup'],
  ['select pg_catalog.pg_advisory_unlock_all ()', 'cleanup'],
  ['SELECT pg_cancel_backend($1);', 'cleanup'],
  ['SELECT pg_advisory_lock(1)', undefined],
  ["SELECT 'pg_cancel_backend(1)'", undefined],
  ['SELECT 1 -- COMMIT', undefined],
  ['COMMITTED', undefined],
  ['UPDATE t SET done = true', undefined],
  ['constructor', undefined],
  ['', undefined],
  ['42', undefined],
  [undefined, undefined],
])('%o is %o', (text, expected) => {
  expect(classifySql(text)).toBe(expected)
})

it('takes no time for a long text without a keyword', () => {
  const start = performance.now()
  expect(classifySql(`${'/**/ -- \n'.repeat(20_000)}1`)).toBeUndefined()
  expect(classifySql(`${' '.repeat(100_000)}1`)).toBeUndefined()
  expect(classifySql(`${'/*'.repeat(50_000)}*/`)).toBeUndefined()
  expect(performance.now() - start).toBeLessThan(1_000)
})
