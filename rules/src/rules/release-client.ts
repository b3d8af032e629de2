import { createRule } from '../create-rule.js'

/**
 * A client that was checked out of the pool does not come back on every path.
 *
 * Reported: `const client = await pool.connect()` that is never released, or is released only where nothing has
 * been thrown before.
 *
 * Not reported: a client released in `finally` or in a callback; one that is returned, stored, or handed to
 * another function while this one never releases it.
 */
export const releaseClient = createRule({
  name: 'release-client',
  description: 'require checked-out clients to be released on every path',
  recommended: true,
  fixable: false,
  hasSuggestions: true,
})
