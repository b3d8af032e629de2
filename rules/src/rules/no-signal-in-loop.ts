import { createRule } from '../create-rule.js'

/**
 * A signal is derived again and again from itself, and every turn leaves a listener on the one before.
 *
 * Reported: `signal = AbortSignal.any([signal, …])`, or the runtime's `deriveSignal`, in a loop or in a function
 * inside, on a variable declared outside.
 *
 * Not reported: a new constant each turn; a fallback (`signal ??= …`).
 */
export const noSignalInLoop = createRule({
  name: 'no-signal-in-loop',
  description: 'disallow deriving a signal from itself in a loop or closure',
  recommended: true,
  fixable: false,
  hasSuggestions: false,
})
