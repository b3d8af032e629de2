import promises from 'node:timers/promises'
import { remainingMs } from '../derive-signal.js'
import { followsSignal } from '../linked-signal.js'
import { isSignal } from '../ambient.js'
import { chainOf, describeLoss } from './ledger/message.js'
import type { LedgerQuery } from './ledger/query.js'
import type { Ledger } from './ledger/ledger.js'
import { hasLeft, type Observer } from './observer.js'
import { openObserver, type DatabaseAddress } from './open-observer.js'
import { assertRealTimers } from './real-timers.js'
import { serverEnd } from './sql-state.js'

// Taken at once, because tests install fake timers later.
const { setTimeout: sleep } = promises
const POLL_MS = 5

/** A call that is under way, or what begins it. */
export type Call = PromiseLike<unknown> | (() => unknown)

/** Whether something holds, and the sentence that says so or the contrary. */
export interface Answer {
  readonly pass: boolean
  readonly message: string
}

/**
 * Whether `call` ends because `signal` aborted, with its statement cancelled by PostgreSQL or never sent, and whether
 * PostgreSQL executes none of its statements any more: it is asked beside the application, over a connection like that
 * of the statement (pg), or to `database`.
 */
export async function isCancelledBy(
  call: Call,
  signal: AbortSignal,
  ledger: Ledger,
  database?: DatabaseAddress,
): Promise<Answer> {
  assertRealTimers('toBeCancelledBy')
  // Those of a promise are under way already.
  const over = new Set(
    ledger.queries.filter(({ phase }) => typeof call === 'function' || phase === 'done'),
  )
  let error: unknown
  try {
    await (typeof call === 'function' ? call() : call)
    return { pass: false, message: 'the call fulfilled: it was not cancelled' }
  } catch (reason) {
    error = reason
  }
  const made = ledger.queries.filter((each) => !over.has(each))
  const own = made.filter((each) => each.signal && followsSignal(each.signal.value, signal))
  if (!signal.aborted) return no('the call failed although the signal has not aborted', error, made)
  const { outcome } = (error ?? {}) as { outcome?: unknown }
  const end = serverEnd(error)
  if (outcome !== 'not-sent' && end !== 'cancelled') {
    return no('the call failed for another reason than the abort', error, made)
  }
  const running = await stillRunning(own.length > 0 ? own : made, ledger, database)
  if (running === 'unknown' && outcome !== 'not-sent') {
    return no(
      'PostgreSQL could not be asked whether the statement has ended: give the database, as in ' +
        'toBeCancelledBy(signal, { pool })',
    )
  }
  if (typeof running === 'object') {
    return no('a statement of the call still runs on the server', undefined, [running])
  }
  return { pass: true, message: 'the call was cancelled by the signal, as PostgreSQL says' }
}

/** How long a statement may still be seen after its call has been rejected; milliseconds. */
const SETTLES_MS = 250

/** The first of `queries` that PostgreSQL executes; `unknown` where nobody tells how to reach it. */
async function stillRunning(
  queries: readonly LedgerQuery[],
  ledger: Ledger,
  database: DatabaseAddress | undefined,
): Promise<LedgerQuery | 'unknown' | undefined> {
  const sent = queries.filter(({ pid }) => pid !== undefined)
  const [first] = sent
  const client = first === undefined ? undefined : ledger.connectBeside(first)
  if (database === undefined && client === undefined) return 'unknown'
  const observer = await openObserver('toBeCancelledBy', database ?? {}, client)
  try {
    for (const query of sent) {
      if (await isExecutedStill(query, observer)) return query
    }
    return undefined
  } finally {
    await observer.end()
  }
}

async function isExecutedStill({ pid = 0 }: LedgerQuery, observer: Observer): Promise<boolean> {
  const seen = await observer.backend(pid)
  if (seen === undefined) return false
  const deadline = performance.now() + SETTLES_MS
  while (performance.now() < deadline) {
    if (hasLeft({ ...seen, pid }, await observer.backend(pid))) return false
    await sleep(POLL_MS)
  }
  return true
}

/** Whether all queries that `subject` makes have a deadline; or, of a signal, whether it has one. */
export async function hasDeadline(subject: Call | AbortSignal, ledger: Ledger): Promise<Answer> {
  if (isSignal(subject)) {
    const left = remainingMs(subject)
    return left === Infinity
      ? no('the signal has no deadline that @ctx-fix/runtime knows')
      : { pass: true, message: `the signal has a deadline, in ${String(Math.round(left))} ms` }
  }
  const before = new Set<LedgerQuery>(ledger.queries)
  await (typeof subject === 'function' ? subject() : subject)
  const made = ledger.queries.filter((each) => typeof subject !== 'function' || !before.has(each))
  if (made.length === 0) return no('the call made no query that was recorded')
  const without = made.find(({ deadline }) => deadline === undefined)
  return without === undefined
    ? { pass: true, message: 'every query of the call has a deadline' }
    : no(`a query has no deadline: ${without.sql}\n  ${chainOf(without).join('\n    → ')}`)
}

function no(message: string, cause?: unknown, [query]: readonly LedgerQuery[] = []): Answer {
  const shown = cause instanceof Error ? `: ${cause.name}: ${cause.message}` : ''
  const way = query === undefined ? '' : `\n${describeLoss(query)}`
  return { pass: false, message: `${message}${shown}${way}` }
}
