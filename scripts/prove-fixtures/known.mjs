/*
 * Disagreements that are understood: what the database did, and why `check` says something else of that line.
 * By library, by place.
 */
const mikroOrm = {
  'src/express.ts:32':
    'its own stack ends at the caller; check names the statement itself, at src/orders.ts:35, as missing its signal',
  'src/orders.ts:12':
    'what transactional() flushes at its end is sent outside of the signals inside; check does not know it as a call of its own',
}

const kysely = {
  'src/products.ts:24':
    'a stream is sent where it is iterated, a line below the call; check names the call, at src/products.ts:23',
}

export const known = {
  'kysely-0.28': kysely,
  'kysely-0.29': kysely,
  'mikro-orm-6': mikroOrm,
  'mikro-orm-7': mikroOrm,
}
