import { hasDeadline, isCancelledBy, type Answer, type Call } from '../expectations.js'
import type { Ledger } from '../ledger/ledger.js'
import type { DatabaseAddress } from '../open-observer.js'

/** What `expect` can do in addition. */
export interface CancellationMatchers {
  /**
   * The call ends because `signal` aborted, and its statement with it, as PostgreSQL says. Of a promise, or of a
   * function that begins the call.
   *
   * @param database which to ask; needed where the statement's own connection does not tell (postgres.js, a driver
   *   that is not instrumented).
   */
  toBeCancelledBy: (signal: AbortSignal, database?: DatabaseAddress) => Promise<void>
  /** Every query that the function makes has a deadline; or, of a signal, it has one itself. */
  toHaveDeadline: () => Promise<void>
}

interface MatcherResult {
  pass: boolean
  message: () => string
}

/** The matchers, as both vitest's and jest's `expect.extend` take them. */
export function matchers(ledger: Ledger): {
  toBeCancelledBy: (
    call: Call,
    signal: AbortSignal,
    database?: DatabaseAddress,
  ) => Promise<MatcherResult>
  toHaveDeadline: (subject: Call | AbortSignal) => Promise<MatcherResult>
} {
  return {
    toBeCancelledBy: async (call, signal, database) =>
      result(await isCancelledBy(call, signal, ledger, database)),
    toHaveDeadline: async (subject) => result(await hasDeadline(subject, ledger)),
  }
}

function result({ pass, message }: Answer): MatcherResult {
  return { pass, message: () => message }
}
