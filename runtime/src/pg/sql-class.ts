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

const WORD = /[a-z]+/iy
const CLEANUP_CALL = new RegExp(
  String.raw`\s*(?:pg_catalog\.)?(?:${CLEANUP_FUNCTIONS.join('|')})\s*\(`,
  'iy',
)

/** The class of `text`; `undefined` for ordinary work and for text that is not a string. */
export function classifySql(text: unknown): SqlClass | undefined {
  if (typeof text !== 'string') return undefined
  WORD.lastIndex = startOfSql(text)
  const keyword = WORD.exec(text)?.[0].toLowerCase()
  if (keyword === undefined) return undefined
  if (keyword !== 'select') {
    return Object.hasOwn(SQL_CLASS_BY_KEYWORD, keyword) ? SQL_CLASS_BY_KEYWORD[keyword] : undefined
  }
  CLEANUP_CALL.lastIndex = WORD.lastIndex
  return CLEANUP_CALL.test(text) ? 'cleanup' : undefined
}

/**
 * Statements that may commit by themselves before they end, outside of a transaction: procedures and blocks with
 * a COMMIT inside, and maintenance that goes table by table.
 */
const COMMITS_ON_ITS_WAY = /(?:call|do|vacuum|analy[sz]e|cluster|reindex|repack)\b/iy
/**
 * Definitions that leave something behind when they are cancelled: an invalid index, a pending detach, files, a
 * slot on another server, or the line of a configuration file.
 */
const DEFINITION = /(?:create|alter|drop)\b/iy
const LASTING = /\b(?:concurrently|database|tablespace|subscription|system)\b/i
const COMMIT = /\b(?:commit|end|prepare)\b/i

/**
 * Whether some of what `text` does may stay done although it was cancelled. When in doubt it may: that costs no
 * more than a retry.
 */
export function mayCommitOnItsWay(text: unknown, isInTransaction: boolean): boolean {
  if (typeof text !== 'string') return !isInTransaction
  const start = startOfSql(text)
  const next = text.indexOf(';', start)
  if (next !== -1 && (COMMIT.test(text.slice(next)) || classifySql(text) === 'commit')) return true
  COMMITS_ON_ITS_WAY.lastIndex = start
  DEFINITION.lastIndex = start
  const mayCommit = COMMITS_ON_ITS_WAY.test(text) || (DEFINITION.test(text) && LASTING.test(text))
  return !isInTransaction && mayCommit
}

/** Session locks, which outlast the statement that took them, also a cancelled one: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS */
const SESSION_LOCK = /pg_(?:try_)?advisory_lock/i

/** Whether `text` may leave a lock to its session when it is cancelled. */
export function mayKeepLock(text: unknown): boolean {
  return typeof text !== 'string' || SESSION_LOCK.test(text)
}

/**
 * Where the first token is: after white space, empty statements and comments, which nest. A regular
 * expression for this takes exponential time for some texts.
 */
export function startOfSql(text: string): number {
  let index = 0
  for (;;) {
    const start = index
    while (index < text.length && ' \t\n\r\f\v;'.includes(text.charAt(index))) index += 1
    if (text.startsWith('--', index)) {
      const end = text.indexOf('\n', index)
      index = end === -1 ? text.length : end + 1
    } else if (text.startsWith('/*', index)) index = endOfComment(text, index)
    if (index === start) return index
  }
}

function endOfComment(text: string, start: number): number {
  const bracket = /\/\*|\*\//g
  bracket.lastIndex = start
  for (let depth = 0; ;) {
    const match = bracket.exec(text)
    if (match === null) return text.length
    depth += match[0] === '/*' ? 1 : -1
    if (depth === 0) return bracket.lastIndex
  }
}
