import promises from 'node:timers/promises'
import { isSignal } from '../ambient.js'
import { chainOf, describeLoss } from './ledger/message.js'
import type { LedgerQuery } from './ledger/query.js'
import type { Ledger } from './ledger/ledger.js'
import { collecting } from './ledger/scopes.js'
import { hasLeft, type Observer } from './observer.js'
import { openObserver, type DatabaseAddress } from './open-observer.js'
import { deadlineOf } from './platform-signals.js'
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
  const made: LedgerQuery[] = []
  // Those of a promise are under way already.
  const over = new Set(
    ledger.queries.filter(({ phase }) => typeof call === 'function' || phase === 'done'),
  )
  let error: unknown
  try {
    await (typeof call === 'function' ? collecting(made, call) : call)
    return { pass: false, message: 'the call fulfilled: it was not cancelled' }
  } catch (reason) {
    error = reason
  }
  const isSure = made.length > 0
  const candidates = isSure ? made : ledger.queries.filter((each) => !over.has(each))
  if (!signal.aborted)
    return no('the call failed although the signal has not aborted', error, candidates)
  const { outcome } = (error ?? {}) as { outcome?: unknown }
  const end = serverEnd(error)
  if (outcome !== 'not-sent' && end !== 'cancelled') {
    return no('the call failed for another reason than the abort', error, candidates)
  }
  const own = candidates.filter((each) => each.isEndedBy(signal))
  if (own.length === 0 && (candidates.length > 0 || !isCauseOf(signal, error))) {
    return no('no statement of the call was ended by this signal', undefined, candidates)
  }
  // Of tests that run at the same time, nothing tells whose the others are.
  const meant = isSure || ledger.runningTests.length <= 1 ? candidates : own
  const running = await stillRunning([...new Set([...own, ...meant])], ledger, database)
  if (running === 'unknown' && outcome !== 'not-sent') {
    return no(
      'PostgreSQL could not be asked whether the statement has ended: give the database, as in ' +
        'toBeCancelledBy(signal, { pool })',
    )
  }
  if (typeof running === 'object') {
    const hint =
      isSure || own.includes(running)
        ? ''
        : '. If it is of another call, give the function that makes this one: expect(() => …)'
    return no(`a statement of the call still runs on the server${hint}`, undefined, [running])
  }
  return { pass: true, message: 'the call was cancelled by the signal, as PostgreSQL says' }
}

/** Whether `error`, or what it wraps, does not name another signal's reason for the end of its call. */
function isCauseOf(signal: AbortSignal, error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    if ((at as { code?: unknown }).code === 'ABORT_ERR') return at.cause === signal.reason
  }
  return true
}

/** How long a statement may still be seen after its call has been rejected; milliseconds. */
const SETTLES_MS = 250

/** The first of `queries` that PostgreSQL executes; `unknown` where nobody tells how to reach it. */
async function stillRunning(
  queries: readonly LedgerQuery[],
  ledger: Ledger,
  database: DatabaseAddress | undefined,
): Promise<LedgerQuery | 'unknown' | undefined> {
  const sent = queries.filter(
    ({ pid, isSetUp, detachedReason }) =>
      pid !== undefined && !isSetUp && detachedReason === undefined,
  )
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
    const at = deadlineOf(subject)
    if (at === undefined) return no('the signal has no deadline that is known')
    const left = Math.round(at - performance.now())
    return { pass: true, message: `the signal has a deadline, in ${String(left)} ms` }
  }
  const made: LedgerQuery[] = []
  const before = new Set<LedgerQuery>(typeof subject === 'function' ? ledger.queries : [])
  await (typeof subject === 'function' ? collecting(made, subject) : subject)
  if (made.length === 0) made.push(...ledger.queries.filter((each) => !before.has(each)))
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
