/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const QUERY_CANCELED = '57014'

/** What ended a statement, as its driver was told. */
export type ServerEnd =
  /** A cancel request: SQLSTATE 57014, "due to user request". */
  | 'cancelled'
  /** 57014 for another reason, which is `statement_timeout`. */
  | 'timed-out'
  /** The connection: terminated by an administrator, or lost. */
  | 'closed'

/** ADMIN SHUTDOWN and its like, and class 08; then what Node says of a socket. */
const CLOSED = /^(?:57P0[1-5]|08...|ECONNRESET|EPIPE|CONNECTION_(?:CLOSED|ENDED|DESTROYED))$/
/** pg says it without a code. */
const LOST = /^Connection terminated/

/**
 * What `error`, or what it wraps in the ways that ORMs have, says of the end of a statement; `undefined` where it
 * says something else. A server whose messages are translated does not say "user request": 57014 from it counts as
 * a timeout, because the two cannot be told apart.
 */
export function serverEnd(error: unknown, depth = 0): ServerEnd | undefined {
  if (typeof error !== 'object' || error === null || depth > 8) return undefined
  const found = error as Record<string, unknown>
  const { code, sqlState, originalCode, message, originalMessage } = found
  // Its cause is why the signal aborted, which may be the end of another statement.
  if (code === 'ABORT_ERR') return serverEnd(found['pgError'], depth + 1)
  const codes = [code, sqlState, originalCode]
  if (codes.includes(QUERY_CANCELED)) {
    const text = [message, originalMessage].map(String).join(' ')
    return text.includes('user request') ? 'cancelled' : 'timed-out'
  }
  const isClosed =
    codes.some((each) => typeof each === 'string' && CLOSED.test(each)) ||
    (typeof message === 'string' && LOST.test(message))
  if (isClosed) return 'closed'
  for (const wrapper of WRAPPERS) {
    const inner = serverEnd(found[wrapper], depth + 1)
    if (inner !== undefined) return inner
  }
  return undefined
}

const WRAPPERS = [
  'cause',
  'original',
  'driverError',
  'parent',
  'nativeError',
  'meta',
  'driverAdapterError',
] as const
