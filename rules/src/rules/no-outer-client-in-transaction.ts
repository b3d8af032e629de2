import { createRule } from '../create-rule.js'

/**
 * A statement on the pool, client or repository outside, inside of a transaction.
 *
 * Reported: in the callback of a transaction, a call of the same library that names nothing of what the
 * callback was given, nor what was made of that; between BEGIN and COMMIT on a client of pg, a query on its
 * pool. A suggestion puts the transaction's own client in its place, where it has the same members.
 *
 * Not reported: functions that the callback calls; MikroORM, and Sequelize with `useCLS`, which carry the
 * transaction along; statements that open, end or clean up.
 */
export const noOuterClientInTransaction = createRule({
  name: 'no-outer-client-in-transaction',
  description: 'disallow the outer client inside of a transaction',
  recommended: true,
  fixable: false,
  hasSuggestions: true,
})
