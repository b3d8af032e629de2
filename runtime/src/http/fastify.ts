import { subscribe } from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'
import type { FastifyInstance, FastifyPluginCallback } from 'fastify'
import { enterSignal } from '../ambient.js'
import { sharedState } from '../shared-state.js'
import {
  isNodeRequest,
  signalOf,
  type NodeRequest,
  type NodeResponse,
  type RequestSignalOptions,
} from './request-signal.js'
import { rememberResponses, responseOf } from './response-of.js'

export type { DeadlineErrorOptions } from '../deadline/error-response.js'
export { deadlineErrors } from '../deadline/fastify-errors.js'
export type { RequestSignalOptions } from './request-signal.js'

// https://fastify.dev/docs/latest/Reference/Hooks/#diagnostics-channel-hooks
const CREATED = 'fastify.initialization'
const SUBSCRIBED: unique symbol = Symbol.for('@ctx-fix/runtime.fastify.subscribed:1')

rememberResponses()
rememberInjected()

/**
 * The signal of a fastify request: aborts when the client goes away before it has the whole
 * response, and at its deadline. The same signal however often it is asked for. Fastify's own
 * `request.signal` aborts as soon as a body has been read (https://github.com/fastify/fastify/pull/6725).
 *
 * A request of `app.inject()` has one too. In an application made before this module was loaded, its deadline alone
 * aborts it.
 *
 * @param request whatever the handler was given, however it is typed.
 * @throws {TypeError} when it is not a fastify request.
 */
export function requestSignal(request: object, options?: RequestSignalOptions): AbortSignal {
  const raw = rawRequestOf(request)
  const response = raw && (responseOf(raw) ?? standInFor(raw))
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

/** Node announces no request that comes over no socket. */
function rememberInjected(): void {
  const host = globalThis as typeof globalThis & { [SUBSCRIBED]?: true }
  if (host[SUBSCRIBED]) return
  host[SUBSCRIBED] = true
  subscribe(CREATED, (message) => {
    const { fastify } = message as { fastify: FastifyInstance }
    fastify.addHook('onRequest', (request, reply, next) => {
      if (!sharedState.responses.has(request.raw)) {
        sharedState.responses.set(request.raw, reply.raw)
      }
      next()
    })
  })
}

/** A response that never closes, for an injected request whose own is not known. */
function standInFor(raw: object): NodeResponse | undefined {
  if (!('isLightMyRequest' in raw)) return undefined
  return Object.assign(new EventEmitter(), { writableEnded: false, writableFinished: false })
}

function rawRequestOf(request: object): NodeRequest | undefined {
  const { raw } = request as { raw?: unknown }
  return isNodeRequest(raw) ? raw : undefined
}
