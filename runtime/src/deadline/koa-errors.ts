import type { ServerResponse } from 'node:http'
import { isGone } from './client-gone.js'
import { errorResponse, type DeadlineErrorOptions } from './error-response.js'

interface KoaContext {
  readonly res: ServerResponse
  respond?: boolean
  status: number
  body: unknown
  set(headers: Readonly<Record<string, string>>): void
}

/**
 * Middleware, to be used before the others: 504 for a deadline that passed, 503 for a full pool, both with
 * Retry-After; nothing for a client that has gone, whose `res.statusCode` becomes 499 for logs. Other errors, and
 * those after the response has begun, are thrown on.
 */
export function deadlineErrors(
  options: DeadlineErrorOptions = {},
): (context: object, next: () => Promise<unknown>) => Promise<void> {
  return async (context, next) => {
    const ctx = context as KoaContext
    try {
      await next()
    } catch (error) {
      const answer = errorResponse(error, isGone(ctx.res), options)
      const { headersSent } = ctx.res
      if (answer === undefined || (headersSent && answer.status !== 499)) throw error
      if (answer.status === 499) {
        if (!headersSent) ctx.res.statusCode = answer.status
        ctx.respond = false
        return
      }
      ctx.status = answer.status
      ctx.set(answer.headers)
      ctx.body = answer.body
    }
  }
}
