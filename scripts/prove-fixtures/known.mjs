/**
 * Disagreements that are understood: what the database did, and why `check` says something else of that line.
 *
 * @type {Record<string, Record<string, string>>} by library, by place
 */
const mikroOrm = {
  'src/express.ts:32':
    'its own stack ends at the caller; check names the statement itself, at src/orders.ts:35, as missing its signal',
  'src/orders.ts:12':
    'what transactional() flushes at its end is sent outside of the signals inside; check does not know it as a call of its own',
}

export const known = { 'mikro-orm-6': mikroOrm, 'mikro-orm-7': mikroOrm }
