import { requestSignal as ofNode } from './node.js'
import {
  isNodeRequest,
  isNodeResponse,
  signalOf,
  type NodeRequest,
  type RequestSignalOptions,
} from './request-signal.js'
import { responseOf } from './response-of.js'
import { servedRequest } from './served-request.js'
import { unboundSignal } from './unbound-signal.js'
import { isWebRequest, webSignalOf } from './web-signal.js'

/** Under which names programs and frameworks keep a request, or what leads to one. */
const PLACES = ['req', 'request', 'raw', 'ctx', 'context', 'event', 'reply'] as const

/**
 * The signal of the request that `value` is or holds, else of the one that is being answered, else one with
 * a deadline alone.
 */
export function signalFrom(value: unknown, options?: RequestSignalOptions): AbortSignal {
  return signalIn(value, options, 0) ?? signalOfServed(options) ?? unboundSignal(options)
}

function signalIn(
  value: unknown,
  options: RequestSignalOptions | undefined,
  depth: number,
): AbortSignal | undefined {
  if (typeof value !== 'object' || value === null || depth > 3) return undefined
  if (isNodeRequest(value)) return ofKnown(value, options)
  const parts = value as Partial<Record<(typeof PLACES)[number] | 'res', unknown>>
  // On Node the response tells when it is over, which the request of the Fetch API does not.
  if (isNodeRequest(parts.req) && isNodeResponse(parts.res)) {
    return ofNode(parts.req, parts.res, options)
  }
  if (isWebRequest(value)) return webSignalOf(value, options)
  for (const place of PLACES) {
    const found = signalIn(parts[place], options, depth + 1)
    if (found) return found
  }
  return undefined
}

function ofKnown(
  request: NodeRequest,
  options: RequestSignalOptions | undefined,
): AbortSignal | undefined {
  const response = responseOf(request)
  return response && signalOf(request, response, options)
}

function signalOfServed(options: RequestSignalOptions | undefined): AbortSignal | undefined {
  const request = servedRequest()
  return request && ofKnown(request, options)
}
