import { createRule } from '../create-rule.js'

/**
 * A `catch` that makes an abort look like a success, a failure of the server, or a reason to try again.
 *
 * Reported: a clause around a call that is given a signal, or a `.catch()` of its promise, that throws
 * nothing, gives the error to nothing but a log, and looks neither at the signal nor at what the error is.
 *
 * Not reported: clauses that rethrow, hand the error on or return it; that mention an abort, a cancellation
 * or PostgreSQL's 57014 in any way.
 */
export const noSwallowedAbort = createRule({
  name: 'no-swallowed-abort',
  description: 'disallow a catch that hides an abort',
  recommended: false,
  fixable: false,
  hasSuggestions: false,
})
