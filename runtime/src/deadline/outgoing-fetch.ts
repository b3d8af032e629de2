import { assertSignal } from '../ambient.js'
import { beginSpan } from '../attribution/trace.js'
import { abortError } from '../errors.js'
import { linkSignal } from '../linked-signal.js'
import {
  EFFECT_UNKNOWN,
  OutgoingBudget,
  withAmbient,
  withoutQuery,
  type OutgoingDeadlineOptions,
} from './outgoing-budget.js'

type Fetch = typeof globalThis.fetch

export interface DeadlineFetchOptions extends OutgoingDeadlineOptions {
  /** What sends the request; the global `fetch` at the time of the call where left out. */
  fetch?: Fetch | undefined
}

/**
 * A `fetch` that aborts with the surrounding signal as well as with its own, and tells the callee how
 * long its answer is worth waiting for: what remains of the deadline, less a reserve. No deadline
 * header that the request has already says more than that. When the budget is spent, nothing is
 * sent: the promise rejects with a `TimeoutError` whose `outcome` is `not-sent`. One that ends later has
 * `unknown`; both tell where the time went. (While the body is read, the error is that of `fetch`.)
 *
 * @throws {RangeError} when `reserveMs` is not a number of milliseconds from zero.
 */
export function deadlineFetch(options: DeadlineFetchOptions = {}): Fetch {
  const budget = new OutgoingBudget(options)
  return async (input, init) => {
    const signals = signalsOf(input, init)
    const budgetMs = budget.left(signals)
    const send = options.fetch ?? globalThis.fetch
    const headers = new Headers(init?.headers ?? (isRequest(input) ? input.headers : []))
    const changes = budget.headers(budgetMs, (name) => headers.get(name) ?? undefined)
    for (const [name, value] of changes) headers.set(name, value)
    const span = beginSpan(signals, 'fetch', destinationOf(input))
    try {
      return await sendUnder(signals, (signal) => send(input, { ...init, headers, signal }))
    } catch (error) {
      const by = signals.find((signal) => signal.aborted && signal.reason === error)
      if (by === undefined) throw error
      throw abortError(by, 'unknown', { consequence: EFFECT_UNKNOWN })
    } finally {
      span?.end()
    }
  }
}

/** By shape, because undici as a package has a class of its own. */
function isRequest(input: Parameters<Fetch>[0]): input is Request {
  return typeof input === 'object' && 'headers' in input && 'url' in input
}

function destinationOf(input: Parameters<Fetch>[0]): string | undefined {
  return withoutQuery(isRequest(input) ? input.url : String(input))
}

function signalsOf(
  input: Parameters<Fetch>[0],
  init: Parameters<Fetch>[1],
): readonly AbortSignal[] {
  const own = init?.signal
  if (own !== undefined && own !== null) assertSignal(own)
  return withAmbient(own === undefined && isRequest(input) ? input.signal : own)
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
