import { onAbort } from '../abort-listeners.js'
import { isSignal } from '../ambient.js'
import { clientGone } from '../deadline/client-gone.js'
import { linkSignal, type LinkedSignal } from '../linked-signal.js'
import { sharedState } from '../shared-state.js'
import { timeoutOf, type RequestSignalOptions } from './request-signal.js'
import { responseOf } from './response-of.js'
import { servedRequest } from './served-request.js'

/** The part of the Fetch API's Request that matters here. */
export interface WebRequest {
  readonly signal: AbortSignal
  readonly headers?: Iterable<[string, string]>
}

/**
 * The signal of a request of the Fetch API: aborts with the request's own, which tells when the
 * client goes away, and at its deadline. Nothing tells when the response has been sent, so that the
 * deadline passes also for requests that are over; its timer does not keep the process alive.
 *
 * @param key what the signal is remembered by, where the request itself is not at hand everywhere.
 */
export function webSignalOf(
  request: WebRequest,
  options: RequestSignalOptions = {},
  key: object = request,
): AbortSignal {
  const timeoutMs = timeoutOf({ headers: headersOf(request) }, options)
  const known = sharedState.requestSignals.get(key) as LinkedSignal | undefined
  if (known !== undefined) {
    if (timeoutMs === undefined) return known.signal
    const deadline = sharedState.deadlines.get(known.signal) ?? Infinity
    if (deadline <= performance.now() + timeoutMs) return known.signal
    return linkSignal([known.signal], timeoutMs).signal
  }
  const ownMs = options.timeoutMs ?? sharedState.defaults.requestTimeoutMs
  const link = linkSignal([], Math.min(ownMs, timeoutMs ?? Infinity))
  sharedState.requestSignals.set(key, link)
  sharedState.parents.set(link.signal, [request.signal])
  const served = servedRequest()
  const response = served && responseOf(served)
  // Each platform has a reason of its own for the same event, some a bare string, and some (the listener
  // of React Router) abort behind a finished response as well.
  const close = (): void => {
    if (response?.writableFinished === true) link.dispose()
    else link.abort(clientGone())
  }
  if (request.signal.aborted) close()
  else onAbort(request.signal, close)
  return link.signal
}

function headersOf({ headers }: WebRequest): Record<string, string> | undefined {
  return headers === undefined ? undefined : Object.fromEntries(headers)
}

/** Whether `value` has the shape of the Fetch API's Request. */
export function isWebRequest(value: unknown): value is WebRequest {
  return typeof value === 'object' && value !== null && isSignal((value as WebRequest).signal)
}
