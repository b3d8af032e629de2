import { statusOf, type DeadlineStatus } from './status-of.js'

export interface DeadlineErrorOptions {
  /**
   * Least number of seconds after which a client may try again; 2 where left out. Each answer gets up
   * to as much again at random, so that those who failed together do not come back together.
   */
  retryAfterSeconds?: number | undefined
  /** Called for each error that is answered here, a client that has gone included: for logs. */
  onError?: ((error: unknown, status: DeadlineStatus) => void) | undefined
}

/** How to answer an error: `undefined` where it is for others to answer. */
export interface ErrorResponse {
  readonly status: DeadlineStatus
  readonly headers: Readonly<Record<string, string>>
  /** RFC 9457; empty when nobody reads it. */
  readonly body: string
}

const TITLES: Record<DeadlineStatus, string> = {
  499: 'Client Closed Request',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** @param isGone the client whose request failed has gone. */
export function errorResponse(
  error: unknown,
  isGone: boolean,
  { retryAfterSeconds = 2, onError }: DeadlineErrorOptions,
): ErrorResponse | undefined {
  const told = statusOf(error)
  // Work that requests share fails for all when the client that began it goes. The others still wait.
  const status = told === 499 && !isGone ? 503 : told
  if (status === undefined) return undefined
  onError?.(error, status)
  if (status === 499) return { status, headers: {}, body: '' }
  // The header takes whole seconds only: rounded up, one second would be two for everybody.
  const least = Math.ceil(retryAfterSeconds)
  const seconds = least + Math.floor(Math.random() * (least + 1))
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'retry-after': String(seconds) },
    body: JSON.stringify({ title: TITLES[status], status }),
  }
}
