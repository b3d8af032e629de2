import { createRule } from '../create-rule.js'

/**
 * A statement on the pool, client or repository outside, inside of a transaction.
 *
 * Reported: in the callback of a transaction, a call of the same library that names nothing of what the
 * callback was given, nor what was made of that; between BEGIN and COMMIT on a client of pg, a query on its
 * pool; in either, the call of a helper that is given nothing of the transaction and sends statements on a client
 * that stands outside for certain. A suggestion puts the transaction's own client in the place of the outer one,
 * where it has the same members.
 *
 * Not reported: helpers that may find the transaction by themselves, or that nobody waits for; MikroORM, Sequelize
 * with `useCLS` and `typeorm-transactional`, which carry the transaction along; statements that open, end or clean
 * up.
 */
export const noOuterClientInTransaction = createRule({
  name: 'no-outer-client-in-transaction',
  description: 'disallow the outer client inside of a transaction',
  recommended: true,
  fixable: false,
  hasSuggestions: true,
})
