import { createRule } from '../create-rule.js'

/**
 * `// ctx:detached -- reason` says that work is deliberately not bound to the caller.
 *
 * Reported: a marker without a reason; a marker on something that would not be reported without it.
 *
 * Not reported: a marker with a reason before a statement that loses a signal, or before the declaration of
 * a function, method or class that something calls without one.
 */
export const detachedNeedsReason = createRule({
  name: 'detached-needs-reason',
  description: 'require a reason for detached work, and something that it applies to',
  recommended: true,
  fixable: false,
  hasSuggestions: true,
})
