import { createRule } from '../create-rule.js'

/**
 * A query that runs only when it is awaited, and is awaited outside of the function that gives it its signal.
 *
 * Reported: a builder (Knex, Objection, Drizzle, Prisma, postgres.js, Mongoose) that is returned un-awaited out
 * of `run` of an AsyncLocalStorage, where a suggestion awaits it inside; one in an object or a list that is
 * returned out of that, of `withSignal()` or of `detached()`.
 *
 * Not reported: async functions, and a builder that `withSignal()` or `detached()` is given: all await inside.
 */
export const noLazyQueryEscape = createRule({
  name: 'no-lazy-query-escape',
  description: 'disallow lazy queries that leave the signal around them',
  recommended: true,
  fixable: false,
  hasSuggestions: true,
})
