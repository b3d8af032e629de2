import promises from 'node:timers/promises'
import type { LedgerQuery, QueryOutcome } from '../ledger/query.js'
import { hasLeft, Observer, type BackendState } from '../observer.js'
import type { Statement } from '../statement.js'

// Taken at once, because tests install fake timers later.
const { setTimeout: sleep } = promises
const POLL_MS = 5
/** How long a statement that hangs may take to be seen. */
const UNTIL_HANGING_MS = 5_000
/** How long the answer may take to reach the driver when PostgreSQL has left the statement; a stream's comes last. */
const UNTIL_ANSWERED_MS = 1_000

/** What ended a statement that was to be cancelled. */
export type OtherEnd =
  /** A time limit of the server's, or a deadline of its own. */
  | 'timeout'
  /** Its backend: the connection was closed under it. */
  | 'closed'
  /** An error of another kind. */
  | 'error'
  /** Nothing: it came to its end. */
  | 'completion'
  /** It ended, and its driver was not told why. */
  | 'unknown'

export type ProbeResult =
  | { readonly verdict: 'cancelled'; readonly stoppedAfterMs: number }
  | { readonly verdict: 'ran-on' }
  | { readonly verdict: 'ended-otherwise'; readonly endedBy: OtherEnd }
  | { readonly verdict: 'untested'; readonly why: string }
  /** It ended before it hung, as where its request was cut off at a statement beside it: for a later run. */
  | { readonly verdict: 'seen' }

/**
 * Ends the request or the job that `query` serves, as its client or its queue would, while PostgreSQL executes what
 * makes `query` hang, and looks whether a cancel ends it within `withinMs`: PostgreSQL is asked whether it has left
 * the statement, and must have told the driver that a cancel request was the reason. What runs on is then cancelled
 * from here.
 *
 * @throws what connecting beside the application throws.
 */
export async function probe(
  query: LedgerQuery,
  statement: Statement,
  withinMs: number,
): Promise<ProbeResult> {
  const observer = new Observer(await statement.connectBeside())
  await observer.connect()
  try {
    const hanging = await until(UNTIL_HANGING_MS, async () => {
      const backend = await observer.backend(query.pid ?? 0)
      if (backend !== undefined && isHanging(backend)) return backend
      return query.phase === 'done' ? 'over' : undefined
    })
    if (hanging === undefined) return { verdict: 'untested', why: NOT_HANGING }
    if (hanging === 'over') return { verdict: 'seen' }
    // Its deadline has been faster than this look.
    if (query.isEndedByDeadline()) return { verdict: 'seen' }
    const execution = { ...hanging, pid: query.pid ?? 0 }
    const disconnectedAt = performance.now()
    query.entryPoint?.disconnect()
    const left = await until(withinMs, async () => {
      const backend = await observer.backend(execution.pid)
      return hasLeft(execution, backend) ? { isThere: backend !== undefined } : undefined
    })
    if (left === undefined) {
      await observer.run(`SELECT pg_cancel_backend(${execution.pid})`)
      return { verdict: 'ran-on' }
    }
    const stoppedAfterMs = performance.now() - disconnectedAt
    const outcome = await until(UNTIL_ANSWERED_MS, () => Promise.resolve(answerOf(query)))
    if (outcome === 'cancelled') {
      return query.isEndedByDeadline()
        ? { verdict: 'ended-otherwise', endedBy: 'timeout' }
        : { verdict: 'cancelled', stoppedAfterMs }
    }
    // A pool closes the connection of a statement that failed, so that its word comes first.
    const endedBy = outcome === undefined && !left.isThere ? 'closed' : ENDS[outcome ?? 'unknown']
    return { verdict: 'ended-otherwise', endedBy }
  } finally {
    await observer.end()
  }
}

const NOT_HANGING = `it was not seen hanging within ${UNTIL_HANGING_MS} ms`

const ENDS: Record<Exclude<QueryOutcome, 'cancelled'>, OtherEnd> = {
  'timed-out': 'timeout',
  completed: 'completion',
  failed: 'error',
  'not-sent': 'unknown',
  unknown: 'unknown',
}

/** In the `pg_sleep` that was sent ahead; a statement that is parsed or bound only is active as well. */
function isHanging({ state, waitEvent }: BackendState): boolean {
  return state === 'active' && waitEvent === 'PgSleep'
}

/** The outcome that the server has told, which a stream's caller is too early to know. */
function answerOf({ outcome }: LedgerQuery): QueryOutcome | undefined {
  return outcome === 'unknown' ? undefined : outcome
}

async function until<T>(
  withinMs: number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined || performance.now() > deadline) return found
    await sleep(POLL_MS)
  }
}
