import type { QueryOutcome } from './ledger/query.js'

/** What is said of a statement that ended, and not by a cancel. */
export const NOT_CANCELLED: Record<Exclude<QueryOutcome, 'cancelled'>, string> = {
  completed: 'it came to its end by itself',
  failed: 'it failed for another reason',
  'timed-out': "a time limit of the server's ended it, as statement_timeout",
  'not-sent': 'it was never sent',
  unknown: 'its driver gave it up before PostgreSQL had answered',
}

/** Why a backend that is gone proves nothing. */
export const CLOSED =
  'the connection was closed instead of going back to the pool: what ended the statement is not its cancellation'

/** Why the end of a statement that was cancelled may prove nothing. */
export const BY_DEADLINE =
  'a deadline of its own had it cancelled, which says nothing of what else would have'
