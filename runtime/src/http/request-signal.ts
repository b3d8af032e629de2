import type { EventEmitter } from 'node:events'
import { clientGone } from '../deadline/client-gone.js'
import { deadlineFromHeaders, type DeadlineHeaderOptions } from '../deadline/incoming.js'
import { linkSignal, type LinkedSignal } from '../linked-signal.js'
import { sharedState } from '../shared-state.js'

export interface RequestSignalOptions {
  /**
   * Deadline in milliseconds from now; the configured `requestTimeoutMs` (30,000) where left out.
   * Where the request has a signal already, an earlier deadline wins.
   */
  timeoutMs?: number | undefined
  /**
   * Heeds the deadline that the caller sends (X-Request-Timeout, grpc-timeout,
   * x-envoy-expected-rq-timeout-ms), where it is the shorter one. Off unless set: only a proxy or a
   * service that you trust should be able to cut requests short.
   */
  trustDeadlineHeaders?: boolean | DeadlineHeaderOptions | undefined
}

/** The parts of Node's request that matter here. */
export interface NodeRequest extends Pick<EventEmitter, 'emit'> {
  readonly httpVersionMajor: number
  readonly aborted?: boolean
  readonly headers?: unknown
}

/** The parts of Node's ServerHttp2Stream that matter here: it is request and response at once. */
export interface Http2Stream extends NodeResponse {
  readonly aborted: boolean
}

/** The parts of Node's ServerResponse and Http2ServerResponse that matter here. */
export interface NodeResponse extends EventEmitter {
  readonly writableEnded: boolean
  readonly writableFinished: boolean
  readonly destroyed?: boolean
  readonly closed?: boolean
}

interface Entry {
  readonly link: LinkedSignal
  /** Signals with earlier deadlines that were asked for later. */
  readonly stricter: Map<number, LinkedSignal>
}

/**
 * The signal of a request: aborted when the client goes away before it has the whole response, or
 * when the deadline passes. After a finished response it never aborts.
 *
 * It listens to the response. The request's 'close' comes as soon as its body has been read, so that
 * it would cancel healthy POSTs (https://nodejs.org/api/http.html#class-httpincomingmessage, event
 * 'close', changed in v16.0.0). While a body larger than the socket's buffers is left unread, Node
 * does not notice that the client goes; then only the deadline ends the work.
 */
export function signalOf(
  request: NodeRequest | Http2Stream,
  response: NodeResponse,
  options: RequestSignalOptions = {},
  headers: unknown = 'headers' in request ? request.headers : undefined,
): AbortSignal {
  const timeoutMs = timeoutOf({ headers }, options)
  const known = sharedState.requestSignals.get(request) as Entry | undefined
  if (known !== undefined) {
    return timeoutMs === undefined ? known.link.signal : stricterSignal(known, timeoutMs)
  }
  const ownMs = options.timeoutMs ?? sharedState.defaults.requestTimeoutMs
  const link = linkSignal([], Math.min(ownMs, timeoutMs ?? Infinity))
  const entry: Entry = { link, stricter: new Map() }
  sharedState.requestSignals.set(request, entry)
  const closed = (): void => {
    if (isFinished(request, response)) {
      link.dispose()
      for (const stricter of entry.stricter.values()) stricter.dispose()
    } else {
      link.abort(clientGone())
    }
  }
  if (response.closed || response.destroyed) closed()
  else response.once('close', closed)
  return link.signal
}

/** The deadline that the call and, where they are trusted, the headers ask for. */
export function timeoutOf(
  { headers }: { readonly headers?: unknown },
  { timeoutMs, trustDeadlineHeaders }: RequestSignalOptions,
): number | undefined {
  if (!trustDeadlineHeaders) return timeoutMs
  const options = trustDeadlineHeaders === true ? undefined : trustDeadlineHeaders
  const callerMs = deadlineFromHeaders(headers, options)
  if (callerMs === Infinity) return timeoutMs
  return timeoutMs === undefined ? callerMs : Math.min(timeoutMs, callerMs)
}

function stricterSignal({ link, stricter }: Entry, timeoutMs: number): AbortSignal {
  const deadline = sharedState.deadlines.get(link.signal)
  if (deadline === undefined || deadline <= performance.now() + timeoutMs) return link.signal
  let known = stricter.get(timeoutMs)
  if (known === undefined) {
    known = linkSignal([link.signal], timeoutMs)
    stricter.set(timeoutMs, known)
  }
  return known.signal
}

/** Whether the client has, or could have, the whole response. */
function isFinished(request: NodeRequest | Http2Stream, response: NodeResponse): boolean {
  // What is ended when its socket is gone counts as written: with HTTP/2 a stream that the client resets,
  // with HTTP/1 the response that hapi ends as soon as it hears that the client has gone.
  if (request.aborted === true) return false
  const isHttp1 = 'httpVersionMajor' in request && request.httpVersionMajor < 2
  // Nothing is written to a socket for an injected request, and so nothing is ever written out.
  if ('isLightMyRequest' in response) return response.writableEnded
  return !isHttp1 || response.writableFinished
}

/** Whether `value` has the shape of Node's request. */
export function isNodeRequest(value: unknown): value is NodeRequest {
  return hasNumber(value, 'httpVersionMajor')
}

/** Whether `value` has the shape of a stream that a server of `node:http2` answers. */
export function isHttp2Stream(value: unknown): value is Http2Stream {
  return (
    isNodeResponse(value) &&
    typeof (value as Partial<Http2Stream>).aborted === 'boolean' &&
    hasFunction(value, 'respond')
  )
}

/** Whether `value` has the shape of Node's response. */
export function isNodeResponse(value: unknown): value is NodeResponse {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as NodeResponse).writableEnded === 'boolean' &&
    typeof (value as NodeResponse).once === 'function' &&
    !('httpVersionMajor' in value)
  )
}

function hasFunction(value: object, key: string): boolean {
  return typeof (value as never)[key] === 'function'
}

function hasNumber(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && typeof (value as never)[key] === 'number'
}
