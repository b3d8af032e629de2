import { currentSignal } from '../ambient.js'
import { describeAccount } from '../attribution/describe-account.js'
import { timeAccount } from '../attribution/trace.js'
import { remainingMs } from '../derive-signal.js'
import { abortError, TimeoutError } from '../errors.js'
import { followsSignal } from '../linked-signal.js'
import { ALL_HEADERS, millisecondsOf } from './incoming.js'
import type { BareUnit, DeadlineHeader } from './parse-headers.js'

export interface OutgoingDeadlineOptions {
  /** What is kept of the budget for the way back and the work after it, in milliseconds; 50. */
  reserveMs?: number | undefined
  /** Header that carries the rest; X-Request-Timeout where left out. */
  header?: DeadlineHeader | undefined
  /** Unit of an X-Request-Timeout without one, where requests have such; without it they are not kept. */
  bareUnit?: BareUnit | undefined
}

/** The names and values of the deadline headers that a request must have instead of its own. */
export type DeadlineHeaders = readonly (readonly [name: DeadlineHeader, value: string])[]

const FORMATS: Record<DeadlineHeader, (ms: number) => string> = {
  'x-request-timeout': (ms) => `${ms}ms`,
  // At most eight digits are allowed: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
  'grpc-timeout': (ms) =>
    ms < 1e8 ? `${ms}m` : `${Math.min(Math.floor(ms / 1_000), 99_999_999)}S`,
  'x-envoy-expected-rq-timeout-ms': (ms) => String(ms),
}

const BARE_NUMBER = /^[\d.]+$/

/** How a process tells those it calls what remains of a deadline. */
export class OutgoingBudget {
  // Private by type: a declaration with `#private` does not compile where the target is ES5.
  private readonly reserveMs: number
  private readonly header: DeadlineHeader
  private readonly bareUnit: BareUnit | undefined

  /** @throws {RangeError} when `reserveMs` is not a number of milliseconds from zero. */
  constructor({ reserveMs = 50, header = 'x-request-timeout', bareUnit }: OutgoingDeadlineOptions) {
    if (!Number.isFinite(reserveMs) || reserveMs < 0) {
      throw new RangeError(`reserveMs must be zero or more milliseconds, not ${String(reserveMs)}`)
    }
    this.reserveMs = reserveMs
    this.header = header
    this.bareUnit = bareUnit
  }

  /**
   * What a call under `signals` may take, in whole milliseconds; `Infinity` without a deadline.
   *
   * @throws {AbortError} with the outcome `not-sent`, when one has aborted or too little time remains.
   */
  left(signals: readonly AbortSignal[]): number {
    let shortest: AbortSignal | undefined
    for (const signal of signals) {
      if (signal.aborted) throw abortError(signal, 'not-sent')
      if (shortest === undefined || remainingMs(signal) < remainingMs(shortest)) shortest = signal
    }
    if (shortest === undefined) return Infinity
    const leftMs = remainingMs(shortest)
    const budgetMs = Math.floor(leftMs - this.reserveMs)
    if (budgetMs <= 0) throw spent(shortest, leftMs, this.reserveMs)
    return budgetMs
  }

  /**
   * The headers with which a request says so: the one that was chosen, and those of its own that say more. One
   * that is shorter is kept; one that cannot be read is not, for it might say more.
   *
   * @param given the value that the request has of a header; `undefined` where it has none.
   */
  headers(budgetMs: number, given: (name: DeadlineHeader) => unknown): DeadlineHeaders {
    if (budgetMs === Infinity) return []
    const changed: [DeadlineHeader, string][] = []
    for (const name of ALL_HEADERS) {
      const value = given(name)
      if (value === undefined && name !== this.header) continue
      const givenMs = millisecondsOf(name, value, this.bareUnit)
      if (givenMs !== undefined && givenMs <= budgetMs) continue
      const isBare = givenMs !== undefined && BARE_NUMBER.test(String(value))
      changed.push([name, isBare ? this.bare(name, budgetMs) : FORMATS[name](budgetMs)])
    }
    return changed
  }

  /** In the form of a number without a unit, for whoever reads no other. */
  private bare(name: DeadlineHeader, ms: number): string {
    return String(name === 'x-request-timeout' && this.bareUnit === 's' ? ms / 1_000 : ms)
  }
}

/** What an error says of a call that was begun. */
export const EFFECT_UNKNOWN = 'whether the request took effect is unknown'

/** What governs a call with `own` as its signal; as for queries, `null` opts out of the surrounding one. */
export function withAmbient(own: AbortSignal | null | undefined): readonly AbortSignal[] {
  if (own === null) return []
  const ambient = currentSignal()
  if (own === undefined) return ambient === undefined ? [] : [ambient]
  return ambient === undefined || followsSignal(own, ambient) ? [own] : [own, ambient]
}

/** Without the query, which may hold what must not be logged. */
export function withoutQuery(url: string): string | undefined {
  return url.split(/[?#]/, 1)[0]
}

function spent(signal: AbortSignal, leftMs: number, reserveMs: number): TimeoutError {
  const rest = `${Math.max(0, Math.round(leftMs))} ms`
  const why = `the ${rest} that remain of the deadline are no more than the reserve of ${reserveMs} ms`
  const account = timeAccount(signal)
  const where = account && describeAccount(account)
  return new TimeoutError(
    [`${why}; nothing was sent`, ...(where === undefined ? [] : [where])].join('; '),
    { outcome: 'not-sent', cause: new DOMException(why, 'TimeoutError'), spent: account },
  )
}
