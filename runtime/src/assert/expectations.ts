import { remainingMs } from '../derive-signal.js'
import { followsSignal } from '../linked-signal.js'
import { isSignal } from '../ambient.js'
import { chainOf } from './ledger/message.js'
import type { LedgerQuery } from './ledger/query.js'
import type { Ledger } from './ledger/ledger.js'
import { hasSqlState } from './sql-state.js'

/** A call that is under way, or what begins it. */
export type Call = PromiseLike<unknown> | (() => unknown)

/** Whether something holds, and the sentence that says so or the contrary. */
export interface Answer {
  readonly pass: boolean
  readonly message: string
}

/**
 * Whether `call` ends because `signal` aborted, with its statement cancelled by PostgreSQL or never
 * sent, and whether all recorded queries under the signal have ended.
 */
export async function isCancelledBy(
  call: Call,
  signal: AbortSignal,
  ledger: Ledger,
): Promise<Answer> {
  let error: unknown
  try {
    await (typeof call === 'function' ? call() : call)
    return { pass: false, message: 'the call fulfilled: it was not cancelled' }
  } catch (reason) {
    error = reason
  }
  if (!signal.aborted) return no('the call failed although the signal has not aborted', error)
  const { outcome } = (error ?? {}) as { outcome?: unknown }
  if (outcome !== 'not-sent' && !hasSqlState(error)) {
    return no('the call failed for another reason than the abort', error)
  }
  const running = ledger.queries.find(
    (each) => each.phase !== 'done' && each.signal && followsSignal(each.signal.value, signal),
  )
  if (running !== undefined) return no(`a statement of the call still runs: ${running.sql}`)
  return { pass: true, message: 'the call was cancelled by the signal' }
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

function no(message: string, cause?: unknown): Answer {
  const shown = cause instanceof Error ? `: ${cause.name}: ${cause.message}` : ''
  return { pass: false, message: `${message}${shown}` }
}
