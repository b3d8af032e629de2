import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import type { NodeRequest } from './request-signal.js'
import { rememberResponses } from './response-of.js'

const KEY: unique symbol = Symbol.for('@ctx-fix/runtime.http.served:1')

type Served = AsyncLocalStorage<NodeRequest>

/**
 * From now on, knows which HTTP request of Node each piece of code runs for, where nothing else tells:
 * a resolver whose context holds no request, a server action. Requests that are being answered already
 * stay unknown, and so does what a listener of another request does.
 */
export function followRequests(): void {
  const host = globalThis as typeof globalThis & { [KEY]?: Served }
  if (host[KEY]) return
  const served = (host[KEY] = new AsyncLocalStorage())
  // The response must be known by the time that the request is asked for.
  rememberResponses()
  // The channel is told in the context in which the server's listeners are then called.
  subscribe('http.server.request.start', (message) => {
    served.enterWith((message as { request: NodeRequest }).request)
  })
}

/** The request that is being answered, where that is known. */
export function servedRequest(): NodeRequest | undefined {
  return (globalThis as typeof globalThis & { [KEY]?: Served })[KEY]?.getStore()
}
