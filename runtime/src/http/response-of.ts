import { subscribe } from 'node:diagnostics_channel'
import { sharedState } from '../shared-state.js'
import { isNodeResponse, type NodeRequest, type NodeResponse } from './request-signal.js'

// Node's request does not know its response; only the channel that announces both does.
// https://nodejs.org/api/diagnostics_channel.html#http
const CHANNEL = 'http.server.request.start'
const SUBSCRIBED: unique symbol = Symbol.for('@ctx-fix/runtime.http.subscribed:1')

/** From now on, remembers the response of every request that this process receives. */
export function rememberResponses(): void {
  const host = globalThis as typeof globalThis & { [SUBSCRIBED]?: true }
  if (host[SUBSCRIBED]) return
  host[SUBSCRIBED] = true
  subscribe(CHANNEL, (message) => {
    const { request, response } = message as { request: object; response: object }
    sharedState.responses.set(request, response)
  })
}

/**
 * The response that belongs to `request`, where express or Node has told; the stream of both with
 * HTTP/2 (https://nodejs.org/api/http2.html#requeststream).
 */
export function responseOf(request: NodeRequest): NodeResponse | undefined {
  const { res, stream } = request as { res?: unknown; stream?: unknown }
  const response = res ?? sharedState.responses.get(request) ?? stream
  return isNodeResponse(response) ? response : undefined
}
