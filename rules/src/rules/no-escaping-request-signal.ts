import { createRule } from '../create-rule.js'

/**
 * One caller's signal is kept where it outlives the caller.
 *
 * Reported: a signal assigned to a variable of the module from inside a function; a signal passed to work
 * whose promise is kept for other callers, in a map, a field or an outer variable; the signal of a request
 * passed to work that its handler does not wait for, or puts off by a timer.
 *
 * Not reported: a fresh signal or deadline of the work's own; module code; a field set in a constructor; work
 * that is given the response, or whose failure is handed to the framework.
 */
export const noEscapingRequestSignal = createRule({
  name: 'no-escaping-request-signal',
  description: "disallow keeping one caller's signal for others",
  recommended: true,
  fixable: false,
  hasSuggestions: false,
})
