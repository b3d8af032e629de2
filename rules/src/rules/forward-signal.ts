import { createRule } from '../create-rule.js'

/**
 * A call leaves out a signal that is in scope, though what it calls takes one or leads to a call that does.
 *
 * Reported: a callee with a parameter for a signal (optional, of another overload, in an options bag, a
 * destructured bag, under another name) that is left out; a callee that takes none and does I/O below, with
 * the chain; a method reference handed to `map` or `then` that would take one; the signal of an outer object
 * passed where a nearer one is in scope; with type information, a package's function whose types take one.
 * The innermost signal wins, then the most derived. Two that are equally good: both are suggested.
 *
 * Not reported: a signal of any kind is passed; an explicit `undefined` or `null`; spread arguments of unknown
 * length, options from elsewhere; a callee with several parameters for signals; a call of the function itself
 * with its own arguments; a parameter named with a leading underscore; calls in `finally`; what is marked
 * `// ctx:detached -- reason`; a callee that does no I/O and takes no signal.
 */
export const forwardSignal = createRule({
  name: 'forward-signal',
  description: 'require passing on the signal in scope to callees that can use it',
  recommended: true,
  fixable: true,
  hasSuggestions: true,
})
