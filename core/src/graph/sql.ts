/**
 * What the first keyword of a statement says of it. The runtime keeps the same table; a test compares them.
 * Sources: https://www.postgresql.org/docs/current/sql-commands.html
 */
export const sqlClasses = {
  /** Ends a transaction or gives state back: past the point of no return, never bound to the caller's signal. */
  completion: [
    'COMMIT',
    'ROLLBACK',
    'END',
    'ABORT',
    'RELEASE',
    'DISCARD',
    'RESET',
    'UNLISTEN',
    'DEALLOCATE',
    'CLOSE',
  ],
  /** Opens a transaction: nothing runs yet, so that a signal there is allowed and not asked for. */
  opening: ['BEGIN', 'START', 'SAVEPOINT', 'SET', 'LISTEN'],
} as const

export type SqlClass = keyof typeof sqlClasses | 'work'

const cleanupFunctions =
  /^\s*SELECT\s+(?:pg_advisory_unlock|pg_advisory_unlock_all|pg_advisory_unlock_shared|pg_cancel_backend|pg_terminate_backend)\b/i

/** The class of a statement by its first keyword, behind white space and comments. */
export function classifySql(text: string): SqlClass {
  const bare = bareText(text)
  if (cleanupFunctions.test(bare)) return 'completion'
  const keyword = keywordOf(bare)
  // COMMIT PREPARED and ROLLBACK TO end something too; END and ABORT are PostgreSQL's synonyms.
  if ((sqlClasses.completion as readonly string[]).includes(keyword)) return 'completion'
  if ((sqlClasses.opening as readonly string[]).includes(keyword)) return 'opening'
  return 'work'
}

/** `BEGIN`, `START TRANSACTION` */
export function beginsTransaction(text: string): boolean {
  const keyword = keywordOf(bareText(text))
  return keyword === 'BEGIN' || keyword === 'START'
}

/** `COMMIT`, `END` */
export function endsTransaction(text: string): boolean {
  const keyword = keywordOf(bareText(text))
  return keyword === 'COMMIT' || keyword === 'END'
}

function bareText(text: string): string {
  return text.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|[;(])+/, '')
}

function keywordOf(bare: string): string {
  return /^[A-Za-z]+/.exec(bare)?.[0].toUpperCase() ?? ''
}
