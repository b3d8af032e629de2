/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const QUERY_CANCELED = '57014'

/** Whether `error`, or what it wraps in the ways that ORMs have, is the server's cancellation. */
export function hasSqlState(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 8) return false
  const { code, sqlState } = error as { code?: unknown; sqlState?: unknown }
  if (code === QUERY_CANCELED || sqlState === QUERY_CANCELED) return true
  const { cause, pgError, original, driverError, parent, nativeError, meta } = error as Record<
    string,
    unknown
  >
  return [cause, pgError, original, driverError, parent, nativeError, meta].some((inner) =>
    hasSqlState(inner, depth + 1),
  )
}
