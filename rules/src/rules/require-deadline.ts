import { createRule } from '../create-rule.js'

/**
 * A signal that no deadline ends.
 *
 * Reported: the platform's own signal of a request (`request.signal`, `c.req.raw.signal`), or one joined of
 * such signals alone, where a call is given it. A suggestion takes `requestSignal` of the runtime, which has a
 * deadline. Where the settings have `budgets`: a written deadline that is longer than they allow, and a budget
 * by a name that they do not have.
 *
 * Not reported: signals of the runtime; parameters and fields, of which nothing is known; programs that give
 * the server a `statement_timeout`.
 */
export const requireDeadline = createRule({
  name: 'require-deadline',
  description: 'require a deadline for the signals of requests',
  recommended: false,
  fixable: false,
  hasSuggestions: true,
})
