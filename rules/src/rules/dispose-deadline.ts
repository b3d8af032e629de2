import { createRule } from '../create-rule.js'

/**
 * A timer that aborts a controller goes on after the work that it bounds.
 *
 * Reported: `setTimeout(() => controller.abort(), ms)` whose timer is never cleared, or is cleared only
 * where nothing has been thrown before, or not where the function returns before the `try`; a listener that
 * aborts a controller of the function and is left on the signal that it listens to.
 *
 * Not reported: a timer cleared in `finally` or in a callback; a timer or controller that is returned, kept in
 * a field or put in a variable of an outer function; a controller that came as a parameter.
 */
export const disposeDeadline = createRule({
  name: 'dispose-deadline',
  description: 'require abort timers and listeners to be cleared on every path',
  recommended: true,
  fixable: false,
  hasSuggestions: true,
})
