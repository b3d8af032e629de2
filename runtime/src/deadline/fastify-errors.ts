import type { FastifyReply, FastifyRequest } from 'fastify'
import { isGone } from './client-gone.js'
import { errorResponse, type DeadlineErrorOptions } from './error-response.js'

/**
 * Error handler, `app.setErrorHandler(deadlineErrors())`: 504 for a deadline that passed, 503 for a
 * full pool, both with Retry-After; 499 for a client that has gone, which only logs see. Other errors
 * are thrown on, which gives them to the error handler of the instance around this one.
 */
export function deadlineErrors(
  options: DeadlineErrorOptions = {},
): (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  return (error, _request, reply) => {
    const answer = errorResponse(error, isGone(reply.raw), options)
    if (answer === undefined) throw error as Error
    return reply.code(answer.status).headers(answer.headers).send(answer.body)
  }
}
