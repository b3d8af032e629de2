import type { ServerResponse } from 'node:http'
import { isGone } from './client-gone.js'
import { errorResponse, type DeadlineErrorOptions } from './error-response.js'

/**
 * Error middleware, to be registered after the routes: 504 for a deadline that passed, 503 for a full
 * pool, both with Retry-After; nothing for a client that has gone, whose `statusCode` becomes 499 for
 * logs. Other errors, and those after the response has begun, go on to the next error middleware.
 */
export function deadlineErrors(
  options: DeadlineErrorOptions = {},
): (error: unknown, request: object, response: object, next: (error?: unknown) => void) => void {
  // Express tells error middleware by its four parameters.
  return (error, _request, response, next) => {
    const raw = response as ServerResponse
    const answer = errorResponse(error, isGone(raw), options)
    if (answer === undefined || (raw.headersSent && answer.status !== 499)) {
      next(error)
      return
    }
    if (!raw.headersSent) raw.statusCode = answer.status
    if (answer.status === 499) return
    for (const [name, value] of Object.entries(answer.headers)) raw.setHeader(name, value)
    raw.end(answer.body)
  }
}
