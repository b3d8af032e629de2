import { createRule } from '../create-rule.js'

/**
 * A call gets a fresh signal, which nothing but its own timer or controller aborts, though a signal of the
 * caller is in scope.
 *
 * Reported: `AbortSignal.timeout(ms)` or a controller's signal, passed directly or by way of a variable; one
 * branch of a conditional that is fresh while the other is not.
 *
 * Not reported: a fallback for a missing signal (`signal ?? …`, `if (!signal)`); a signal joined with the
 * caller's; a controller that a listener of the caller's signal aborts; cleanup behind an abort, in `catch`
 * or in `finally`; handlers, whose request is not yet a signal.
 */
export const noDetachedSignal = createRule({
  name: 'no-detached-signal',
  description: 'disallow fresh signals where a signal of the caller is in scope',
  recommended: true,
  fixable: false,
  hasSuggestions: true,
})
