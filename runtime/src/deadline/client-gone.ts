const CLIENT_GONE: unique symbol = Symbol.for('@ctx-fix/runtime.client-gone:1')

/** The reason with which a request's signal aborts when its client goes away. */
export function clientGone(): DOMException {
  const reason = new DOMException('the client closed the connection', 'AbortError')
  return Object.defineProperty(reason, CLIENT_GONE, { value: true })
}

/** Whether `reason` says so: an AbortError alone may be anybody's. */
export function isClientGone(reason: object): boolean {
  return CLIENT_GONE in reason
}

/** Whether nobody will read `response`, of HTTP/1 or HTTP/2. */
export function isGone(response: object): boolean {
  const { destroyed, stream } = response as {
    destroyed?: boolean
    stream?: { destroyed?: boolean }
  }
  return destroyed ?? stream?.destroyed ?? true
}
