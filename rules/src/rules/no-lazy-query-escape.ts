import { createRule } from '../create-rule.js'

/**
 * A query that runs only when it is awaited, and is awaited outside of the function that gives it its signal.
 *
 * Reported: a builder (Knex, Objection, Drizzle, Prisma, postgres.js, Mongoose) that is returned un-awaited out
 * of `detached()` or out of `run` of an AsyncLocalStorage; one in an object or a list that is returned out of
 * these or of `withSignal()`. A suggestion awaits it inside.
 *
 * Not reported: async functions, and a builder that `withSignal()` itself is given: both await inside.
 */
export const noLazyQueryEscape = createRule({
  name: 'no-lazy-query-escape',
  description: 'disallow lazy queries that leave the signal around them',
  recommended: true,
  fixable: false,
  hasSuggestions: true,
})
