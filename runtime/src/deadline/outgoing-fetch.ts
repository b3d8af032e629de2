import { assertSignal, currentSignal } from '../ambient.js'
import { beginSpan } from '../attribution/trace.js'
import { remainingMs } from '../derive-signal.js'
import { abortError, TimeoutError } from '../errors.js'
import { followsSignal, linkSignal } from '../linked-signal.js'
import { millisecondsOf } from './incoming.js'
import type { DeadlineHeader } from './parse-headers.js'

type Fetch = typeof globalThis.fetch

export interface DeadlineFetchOptions {
  /** What is kept of the budget for the way back and the work after it, in milliseconds; 50. */
  reserveMs?: number | undefined
  /** Header that carries the rest; X-Request-Timeout where left out. */
  header?: DeadlineHeader | undefined
  /** What sends the request; the global `fetch` at the time of the call where left out. */
  fetch?: Fetch | undefined
}

const FORMATS: Record<DeadlineHeader, (ms: number) => string> = {
  'x-request-timeout': (ms) => `${ms}ms`,
  // At most eight digits are allowed: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
  'grpc-timeout': (ms) =>
    ms < 1e8 ? `${ms}m` : `${Math.min(Math.floor(ms / 1_000), 99_999_999)}S`,
  'x-envoy-expected-rq-timeout-ms': (ms) => String(ms),
}

/**
 * A `fetch` that aborts with the surrounding signal as well as with its own, and tells the callee how
 * long its answer is worth waiting for: what remains of the deadline, less a reserve. A deadline
 * header that the request has already is only ever shortened. When the budget is spent, nothing is
 * sent: the promise rejects with a `TimeoutError` whose `outcome` is `not-sent`. One that ends later has
 * `unknown`, and tells where the time went. (While the body is read, the error is that of `fetch`.)
 *
 * @throws {RangeError} when `reserveMs` is not a number of milliseconds from zero.
 */
export function deadlineFetch(options: DeadlineFetchOptions = {}): Fetch {
  const { reserveMs = 50, header = 'x-request-timeout' } = options
  if (!Number.isFinite(reserveMs) || reserveMs < 0) {
    throw new RangeError(`reserveMs must be zero or more milliseconds, not ${String(reserveMs)}`)
  }
  return async (input, init) => {
    const signals = signalsOf(input, init)
    const aborted = signals.find((signal) => signal.aborted)
    if (aborted !== undefined) throw abortError(aborted, 'not-sent')
    const leftMs = Math.min(...signals.map((signal) => remainingMs(signal)))
    const budgetMs = Math.floor(leftMs - reserveMs)
    if (budgetMs <= 0) throw spent(leftMs, reserveMs)
    const send = options.fetch ?? globalThis.fetch
    const headers = new Headers(init?.headers ?? (isRequest(input) ? input.headers : []))
    const asked = headers.get(header)
    const askedMs = millisecondsOf(header, asked)
    // A value that cannot be read here may mean something to the callee, and may be the shorter one.
    if (asked === null ? budgetMs < Infinity : askedMs !== undefined && budgetMs < askedMs) {
      headers.set(header, FORMATS[header](budgetMs))
    }
    const span = beginSpan(signals, 'fetch', destinationOf(input))
    try {
      return await sendUnder(signals, (signal) => send(input, { ...init, headers, signal }))
    } catch (error) {
      const by = signals.find((signal) => signal.aborted && signal.reason === error)
      if (by === undefined) throw error
      const consequence = 'whether the request took effect is unknown'
      throw abortError(by, 'unknown', { consequence })
    } finally {
      span?.end()
    }
  }
}

/** By shape, because undici as a package has a class of its own. */
function isRequest(input: Parameters<Fetch>[0]): input is Request {
  return typeof input === 'object' && 'headers' in input && 'url' in input
}

/** Without the query, which may hold what must not be logged. */
function destinationOf(input: Parameters<Fetch>[0]): string | undefined {
  const url = isRequest(input) ? input.url : String(input)
  return url.split(/[?#]/, 1)[0]
}

function signalsOf(
  input: Parameters<Fetch>[0],
  init: Parameters<Fetch>[1],
): readonly AbortSignal[] {
  const explicit = init?.signal
  // As for queries: `null` opts out of the surrounding signal.
  if (explicit === null) return []
  const signals: AbortSignal[] = []
  if (explicit !== undefined) {
    assertSignal(explicit)
    signals.push(explicit)
  } else if (isRequest(input)) signals.push(input.signal)
  const ambient = currentSignal()
  if (ambient === undefined || signals.some((signal) => followsSignal(signal, ambient))) {
    return signals
  }
  return [...signals, ambient]
}

/** Listeners on long-lived signals go when nothing can be aborted any more. */
const ends = new FinalizationRegistry<() => void>((end) => {
  end()
})

async function sendUnder(
  signals: readonly AbortSignal[],
  send: (signal: AbortSignal | null) => Promise<Response>,
): Promise<Response> {
  if (signals.length < 2) return await send(signals[0] ?? null)
  const link = linkSignal(signals, Infinity)
  const end = (): void => {
    link.dispose()
  }
  try {
    const response = await send(link.signal)
    // The body is still to be read, by whoever holds it; nothing tells when that is done.
    if (response.body === null) end()
    else ends.register(response.body, end)
    return response
  } catch (error) {
    end()
    throw error
  }
}

function spent(leftMs: number, reserveMs: number): TimeoutError {
  const rest = `${Math.max(0, Math.round(leftMs))} ms`
  return new TimeoutError(
    `the ${rest} that remain of the deadline are no more than the reserve of ${reserveMs} ms; nothing was sent`,
    { outcome: 'not-sent', cause: undefined },
  )
}
