import { startOfSql } from '../pg/sql-class.js'

/**
 * What PostgreSQL refuses inside of a transaction, which another statement ahead of it in the same round trip makes:
 * https://www.postgresql.org/docs/current/sql-commands.html, each with "cannot be executed inside a transaction block".
 */
const ALONE =
  /^(?:VACUUM|(?:CREATE|DROP)\s+DATABASE|(?:CREATE|DROP)\s+TABLESPACE|ALTER\s+SYSTEM|(?:CREATE\s+(?:UNIQUE\s+)?|DROP\s+)INDEX\s+CONCURRENTLY|REINDEX\b.*\b(?:CONCURRENTLY|DATABASE|SYSTEM|SCHEMA)|ALTER\s+TABLE\b.*\bDETACH\s+PARTITION\b.*\bCONCURRENTLY|(?:CREATE|ALTER|DROP)\s+SUBSCRIPTION)\b/is

/** Why such a statement is not made to hang. */
export const STANDS_ALONE =
  'PostgreSQL takes it outside of transactions only, so that nothing can be sent ahead of it to make it hang'

/** Whether `sql` must be the only statement of its transaction. */
export function standsAlone(sql: string): boolean {
  return ALONE.test(sql.slice(startOfSql(sql)))
}
