import { isGone } from './client-gone.js'
import { errorResponse, type DeadlineErrorOptions } from './error-response.js'

interface HonoContext {
  readonly env?: { readonly outgoing?: object }
  readonly req: { readonly raw: Request }
}

/**
 * Error handler, `app.onError(deadlineErrors())`: 504 for a deadline that passed, 503 for a full pool, both with
 * Retry-After; 499 for a client that has gone, which only logs see. Other errors are answered as hono does where no
 * handler is set: an HTTPException by its own response, the rest by 500, after they were written to the console.
 *
 * @param otherwise answers other errors instead.
 */
export function deadlineErrors<Context extends object>(
  options: DeadlineErrorOptions = {},
  otherwise: (error: Error, context: Context) => Response | Promise<Response> = answerAsHono,
): (error: Error, context: Context) => Response | Promise<Response> {
  return (error, context) => {
    const { env, req } = context as unknown as HonoContext
    const { outgoing } = env ?? {}
    const hasLeft = outgoing === undefined ? req.raw.signal.aborted : isGone(outgoing)
    const answer = errorResponse(error, hasLeft, options)
    if (answer === undefined) return otherwise(error, context)
    const { status, headers, body } = answer
    return new Response(status === 499 ? null : body, { status, headers })
  }
}

function answerAsHono(error: Error): Response {
  const { getResponse } = error as { getResponse?: () => Response }
  if (typeof getResponse === 'function') return getResponse.call(error)
  console.error(error)
  return new Response('Internal Server Error', { status: 500 })
}
