import { hasDeadline, isCancelledBy, type Answer, type Call } from '../expectations.js'
import type { Ledger } from '../ledger/ledger.js'

/** What `expect` can do in addition. */
export interface CancellationMatchers {
  /**
   * The call ends because `signal` aborted, and its statement with it. Of a promise, or of a
   * function that begins the call.
   */
  toBeCancelledBy: (signal: AbortSignal) => Promise<void>
  /** Every query that the function makes has a deadline; or, of a signal, it has one itself. */
  toHaveDeadline: () => Promise<void>
}

interface MatcherResult {
  pass: boolean
  message: () => string
}

/** The matchers, as both vitest's and jest's `expect.extend` take them. */
export function matchers(ledger: Ledger): {
  toBeCancelledBy: (call: Call, signal: AbortSignal) => Promise<MatcherResult>
  toHaveDeadline: (subject: Call | AbortSignal) => Promise<MatcherResult>
} {
  return {
    toBeCancelledBy: async (call, signal) => result(await isCancelledBy(call, signal, ledger)),
    toHaveDeadline: async (subject) => result(await hasDeadline(subject, ledger)),
  }
}

function result({ pass, message }: Answer): MatcherResult {
  return { pass, message: () => message }
}
