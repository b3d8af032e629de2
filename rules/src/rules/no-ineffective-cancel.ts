import { createRule } from '../create-rule.js'

/**
 * A signal or timeout that ends the waiting and leaves the statement running on the server.
 *
 * Reported: a signal in the options of a library that does nothing about the statement unless a further option
 * says so (Kysely's `inflightQueryAbortStrategy`); Knex's `.timeout(ms)` without `{ cancel: true }`; pg's
 * `query_timeout`, `timeout` of Prisma's `$transaction` and `Promise.race` with a timer, where nothing else ends
 * the statement.
 *
 * Not reported: options that cannot be read here, or that name a strategy which ends the statement; timeouts
 * beside a signal or a `statement_timeout`; where a signal surrounds the request (`ambient`).
 */
export const noIneffectiveCancel = createRule({
  name: 'no-ineffective-cancel',
  description: 'disallow signals and timeouts that leave the statement running',
  recommended: true,
  fixable: false,
  hasSuggestions: true,
})
