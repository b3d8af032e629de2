import type { FastifyPluginCallback } from 'fastify'
import { enterSignal } from '../ambient.js'
import { sharedState } from '../shared-state.js'
import {
  isNodeRequest,
  signalOf,
  type NodeRequest,
  type RequestSignalOptions,
} from './request-signal.js'
import { rememberResponses, responseOf } from './response-of.js'

export type { DeadlineErrorOptions } from '../deadline/error-response.js'
export { deadlineErrors } from '../deadline/fastify-errors.js'
export type { RequestSignalOptions } from './request-signal.js'

rememberResponses()

/**
 * The signal of a fastify request: aborts when the client goes away before it has the whole
 * response, and at its deadline. The same signal however often it is asked for. Fastify's own
 * `request.signal` aborts as soon as a body has been read (https://github.com/fastify/fastify/pull/6725).
 *
 * @param request whatever the handler was given, however it is typed.
 * @throws {TypeError} when it is not a fastify request.
 */
export function requestSignal(request: object, options?: RequestSignalOptions): AbortSignal {
  const raw = rawRequestOf(request)
  const response = raw && responseOf(raw)
  if (raw === undefined || response === undefined) {
    throw new TypeError('requestSignal() takes the request that fastify gave to the handler')
  }
  return signalOf(raw, response, options)
}

/**
 * Plugin that puts the request's signal around its handler and the hooks after it, for the instance
 * that registers it and all below: `app.register(ctxSignal, { timeoutMs: 10_000 })`.
 */
export const ctxSignal: FastifyPluginCallback<RequestSignalOptions> = (app, options, done) => {
  app.addHook('onRequest', (request, reply, next) => {
    sharedState.responses.set(request.raw, reply.raw)
    enterSignal(requestSignal(request, options), next)
  })
  // Reading the body leaves the context in which the request came in.
  app.addHook('preValidation', (request, _reply, next) => {
    enterSignal(requestSignal(request), next)
  })
  done()
}

// What `fastify-plugin` does: without it the hooks would apply to this plugin's own routes only.
Object.defineProperty(ctxSignal, Symbol.for('skip-override'), { value: true })

function rawRequestOf(request: object): NodeRequest | undefined {
  const { raw } = request as { raw?: unknown }
  return isNodeRequest(raw) ? raw : undefined
}
