import { createRule } from '../create-rule.js'

/**
 * A handler that leads to I/O derives no signal from its request, or one that does not work.
 *
 * Reported: a call in an entry point (registered with a framework, typed as its handler, taking its request
 * and response) that takes a signal or leads to I/O and gets none, where no nearer signal is in scope: fixed
 * with `requestSignal(request)`; an abort from the request's own `close`, which fires when the body has been
 * read; Fastify's `request.signal` in a route whose method has a body.
 *
 * Not reported: handlers that do no I/O; handlers that pass a signal of any kind; listeners of `close` that
 * abort nothing; the response's `close`.
 */
export const deriveInHandler = createRule({
  name: 'derive-in-handler',
  description: 'require handlers to derive a working signal from their request',
  recommended: true,
  fixable: true,
  hasSuggestions: true,
})
