/**
 * What a statement means for cancellation, told by its first keyword.
 *
 * - `commit`, `rollback`: never cancelled by a request's signal once sent.
 * - `cleanup`: gives something back, so it also runs after the abort.
 * - `begin`: opens a transaction.
 */
export type SqlClass = 'begin' | 'commit' | 'rollback' | 'cleanup'

/** Keywords in lower case; https://www.postgresql.org/docs/current/sql-commands.html */
export const SQL_CLASS_BY_KEYWORD: Readonly<Record<string, SqlClass>> = {
  begin: 'begin',
  start: 'begin',
  commit: 'commit',
  end: 'commit',
  rollback: 'rollback',
  abort: 'rollback',
  release: 'cleanup',
  discard: 'cleanup',
  reset: 'cleanup',
  unlisten: 'cleanup',
}

/** Functions that give something back when they are the first thing a SELECT calls. */
export const CLEANUP_FUNCTIONS: readonly string[] = [
  'pg_advisory_unlock',
  'pg_advisory_unlock_all',
  'pg_advisory_unlock_shared',
  'pg_cancel_backend',
]

// White space, `-- line` and `/* block */` comments, stray semicolons, then a word.
const FIRST_KEYWORD = /^(?:[\s;]+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*([a-z]+)/i
const CLEANUP_CALL = new RegExp(
  String.raw`^\s*(?:pg_catalog\.)?(?:${CLEANUP_FUNCTIONS.join('|')})\s*\(`,
  'i',
)

/** The class of `text`; `undefined` for ordinary work and for text that is not a string. */
export function classifySql(text: unknown): SqlClass | undefined {
  if (typeof text !== 'string') return undefined
  const match = FIRST_KEYWORD.exec(text)
  const keyword = match?.[1]?.toLowerCase()
  if (match === null || keyword === undefined) return undefined
  if (keyword !== 'select') {
    return Object.hasOwn(SQL_CLASS_BY_KEYWORD, keyword) ? SQL_CLASS_BY_KEYWORD[keyword] : undefined
  }
  return CLEANUP_CALL.test(text.slice(match[0].length)) ? 'cleanup' : undefined
}
