import { statusOf, type DeadlineStatus } from './status-of.js'

export interface DeadlineErrorOptions {
  /**
   * Least number of seconds after which a client may try again; 1 where left out. Each answer gets up
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

export function errorResponse(
  error: unknown,
  { retryAfterSeconds = 1, onError }: DeadlineErrorOptions,
): ErrorResponse | undefined {
  const status = statusOf(error)
  if (status === undefined) return undefined
  onError?.(error, status)
  if (status === 499) return { status, headers: {}, body: '' }
  const seconds = Math.ceil(retryAfterSeconds * (1 + Math.random()))
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'retry-after': String(seconds) },
    body: JSON.stringify({ title: TITLES[status], status }),
  }
}
