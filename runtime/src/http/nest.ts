import {
  createParamDecorator,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common'
import { enterSignal } from '../ambient.js'
import { sharedState } from '../shared-state.js'
import { requestSignal as ofFastify } from './fastify.js'
import { signalFrom } from './find-request.js'
import { requestSignal as ofNode } from './node.js'
import { isNodeRequest, type RequestSignalOptions } from './request-signal.js'
import { followRequests } from './served-request.js'
import { surround } from './surround.js'
import { unboundSignal } from './unbound-signal.js'

export type { RequestSignalOptions } from './request-signal.js'
export { JobSignal } from '../jobs/nest-job.js'
export type { JobSignalOptions } from '../jobs/job-signal.js'

followRequests()

/**
 * The signal of a request under NestJS, on the Express and on the Fastify adapter: aborts when the
 * client goes away before it has the whole response, and at its deadline. The same signal however
 * often it is asked for.
 *
 * @param request whatever `@Req()` or `switchToHttp().getRequest()` gave, or what a guard, an interceptor
 *   or a decorator of a parameter is given: the execution context, of a request in GraphQL too.
 * @throws {TypeError} when it is the request of neither platform.
 */
export function requestSignal(request: object, options?: RequestSignalOptions): AbortSignal {
  if (isContext(request)) return signalOfContext(request, options)
  return isNodeRequest(request) ? ofNode(request, options) : ofFastify(request, options)
}

/**
 * Middleware that puts the request's signal around everything after it, guards and pipes too:
 * `app.use(ctxSignal())` on both adapters, before the application is initialised.
 */
export function ctxSignal(
  options?: RequestSignalOptions,
): (request: object, response: object, next: () => void) => void {
  return (request, response, next) => {
    // On the Fastify adapter too, middleware is given what Node gave.
    if (!isNodeRequest(request)) {
      throw new TypeError('ctxSignal() is middleware: app.use(ctxSignal())')
    }
    sharedState.responses.set(request, response)
    surround(request, ofNode(request, response, options), next)
  }
}

/**
 * Parameter of a handler that is the signal of its request: `find(@Signal() signal: AbortSignal)`.
 * For GraphQL it is the signal of the HTTP request, for messages and sockets one with a deadline.
 */
export const Signal: (options?: RequestSignalOptions) => ParameterDecorator = createParamDecorator(
  (options: RequestSignalOptions | undefined, context: ExecutionContext) =>
    signalOfContext(context, options),
)

/**
 * Interceptor that puts the signal around handlers: `app.useGlobalInterceptors(new SignalInterceptor())`.
 * Guards run before it; where these query, use the middleware.
 */
export class SignalInterceptor implements NestInterceptor {
  readonly #options: RequestSignalOptions | undefined

  constructor(options?: RequestSignalOptions) {
    this.#options = options
  }

  intercept(context: ExecutionContext, next: CallHandler): ReturnType<CallHandler['handle']> {
    return enterSignal(signalOfContext(context, this.#options), () => next.handle())
  }
}

function isContext(given: object): given is ExecutionContext {
  return 'switchToHttp' in given && 'getArgByIndex' in given
}

function signalOfContext(
  context: ExecutionContext,
  options: RequestSignalOptions | undefined,
): AbortSignal {
  const type: string = context.getType()
  if (type === 'http') return requestSignal(context.switchToHttp().getRequest<object>(), options)
  // The arguments of a resolver are parent, args, context, info; the context holds what the program puts there.
  if (type === 'graphql') return signalFrom(context.getArgByIndex(2), options)
  // A message or an event of a socket has no request.
  return unboundSignal(options)
}
