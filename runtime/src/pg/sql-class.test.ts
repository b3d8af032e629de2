import { expect, it } from 'vitest'
import { classifySql, mayCommitOnItsWay } from './sql-class.js'

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

it.each([
  ['CALL archive()', true],
  ['/* job */ do $$ BEGIN COMMIT; END $$', true],
  ['VACUUM', true],
  ['CREATE UNIQUE INDEX CONCURRENTLY i ON t (n)', true],
  ['drop index /* soon */ concurrently i', true],
  ['ALTER TABLE m DETACH PARTITION m1 CONCURRENTLY', true],
  ['ALTER TABLE m DETACH PARTITION m1', false],
  ['REINDEX TABLE t', true],
  ['ANALYZE', true],
  ['DROP DATABASE old', true],
  ["ALTER SYSTEM SET work_mem = '1MB'", true],
  ['REFRESH MATERIALIZED VIEW CONCURRENTLY v', false],
  ['INSERT INTO t VALUES (1); COMMIT; SELECT 1', true],
  ['COMMIT; SELECT 1', true],
  ['INSERT INTO t VALUES (1); SELECT 1', false],
  ['SELECT CASE WHEN a THEN 1 END FROM t;', false],
  ['CREATE INDEX i ON t (n)', false],
  ['SELECT calls FROM t', false],
  [undefined, true],
])('%o may commit before it ends: %o', (text, expected) => {
  expect(mayCommitOnItsWay(text, false)).toBe(expected)
})

it('inside a transaction only a COMMIT commits', () => {
  expect(mayCommitOnItsWay('CALL archive()', true)).toBe(false)
  expect(mayCommitOnItsWay('ALTER TABLE t ADD COLUMN system text', true)).toBe(false)
  expect(mayCommitOnItsWay('SELECT 1; COMMIT; SELECT 2', true)).toBe(true)
})
