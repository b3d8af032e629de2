import { listenForAbort, type AbortListener } from '../abort-listeners.js'
import { isSignal } from '../ambient.js'
import { beginSpan } from '../attribution/trace.js'
import { abortError } from '../errors.js'
import {
  EFFECT_UNKNOWN,
  OutgoingBudget,
  withAmbient,
  withoutQuery,
  type DeadlineHeaders,
  type OutgoingDeadlineOptions,
} from './outgoing-budget.js'
import type { DeadlineHeader } from './parse-headers.js'

/** What `compose` of a dispatcher of undici takes, whichever its version. */
export type DeadlineInterceptor = <Dispatch extends (options: never, handler: never) => boolean>(
  dispatch: Dispatch,
) => Dispatch

interface DispatchOptions {
  readonly origin?: string | URL
  readonly path: string
  readonly headers?: unknown
  readonly signal?: unknown
}

type Handler = Partial<Record<string, (...args: unknown[]) => unknown>>

/**
 * For undici: `request`, `stream`, `pipeline` and `fetch` over a dispatcher with it abort with the surrounding signal as
 * well as with their own, and tell the callee what remains, as `deadlineFetch` does:
 *
 *     setGlobalDispatcher(new Agent().compose(deadlineInterceptor()))
 *
 * When the budget is spent, nothing is sent: the call fails with a `TimeoutError` whose `outcome` is `not-sent`.
 * One that ends later has `unknown`, also while the body is read; both tell where the time went.
 *
 * @throws {RangeError} when `reserveMs` is not a number of milliseconds from zero.
 */
export function deadlineInterceptor(options: OutgoingDeadlineOptions = {}): DeadlineInterceptor {
  const budget = new OutgoingBudget(options)
  return ((dispatch: (options: DispatchOptions, handler: Handler) => boolean) =>
    (call: DispatchOptions, handler: Handler) => {
      const signals = withAmbient(ownSignalOf(call))
      if (signals.length === 0) return dispatch(call, handler)
      const changes = budget.headers(budget.left(signals), (name) => headerOf(call.headers, name))
      const headers = changes.length === 0 ? call.headers : changedHeaders(call.headers, changes)
      const { bound, end } = bindHandler(handler, signals, destinationOf(call))
      try {
        return dispatch({ ...call, headers }, bound)
      } catch (error) {
        end()
        throw error
      }
    }) as unknown as DeadlineInterceptor
}

/** undici takes an EventEmitter too, which tells nothing. */
function ownSignalOf({ signal }: DispatchOptions): AbortSignal | null | undefined {
  return signal === null || isSignal(signal) ? signal : undefined
}

function destinationOf({ origin, path }: DispatchOptions): string | undefined {
  return withoutQuery(`${String(origin ?? '')}${path}`)
}

/** Names and values in turn, pairs, or an object: https://undici.nodejs.org/#/docs/api/Dispatcher, UndiciHeaders. */
function pairsOf(headers: unknown): (readonly [string, unknown])[] {
  if (typeof headers !== 'object' || headers === null) return []
  if (Array.isArray(headers) && !Array.isArray(headers[0])) {
    const flat = headers as readonly string[]
    return flat.flatMap((name, n) => (n % 2 === 0 ? [[name, flat[n + 1]] as const] : []))
  }
  if (Symbol.iterator in headers) return [...(headers as Iterable<readonly [string, unknown]>)]
  return Object.entries(headers)
}

function headerOf(headers: unknown, wanted: DeadlineHeader): unknown {
  const values = pairsOf(headers).flatMap(([name, value]) =>
    isNamed(name, wanted) && value !== undefined ? [value].flat() : [],
  )
  return values.length > 1 ? values : values[0]
}

/** As names and values in turn, which every version of undici takes; a value may be a list in all of them too. */
function changedHeaders(headers: unknown, changes: DeadlineHeaders): unknown[] {
  const kept = pairsOf(headers).filter(
    ([name, value]) => value !== undefined && !changes.some(([changed]) => isNamed(name, changed)),
  )
  return [...kept, ...changes].flat()
}

function isNamed(name: string, wanted: DeadlineHeader): boolean {
  return name.toLowerCase() === wanted
}

/** What a dispatcher calls: up to version 6 of undici, and since. */
const STARTS = ['onConnect', 'onRequestStart']
const ENDS = [
  ...['onComplete', 'onError', 'onUpgrade'],
  ...['onResponseEnd', 'onResponseError', 'onRequestUpgrade'],
]
const BETWEEN = [
  ...['onBodySent', 'onRequestSent', 'onResponseStarted', 'onHeaders', 'onData'],
  ...['onResponseStart', 'onResponseData'],
]

/** `handler`, in whose place the signals may end the call; `end` lets go of them. */
function bindHandler(
  handler: Handler,
  signals: readonly AbortSignal[],
  destination: string | undefined,
): { bound: Handler; end: () => void } {
  const span = beginSpan(signals, 'fetch', destination)
  let abort: ((error: Error) => void) | undefined
  let refusal: Error | undefined
  const listener: AbortListener = {
    signalAborted(signal) {
      const error = abortError(signal, abort === undefined ? 'not-sent' : 'unknown', {
        ...(abort !== undefined && { consequence: EFFECT_UNKNOWN }),
      })
      end()
      if (abort !== undefined) {
        abort(error)
        return
      }
      // The connection is still being made, and nothing can end that: its caller need not wait.
      refusal = error
      if (handler['onResponseError'] === undefined) handler['onError']?.(error)
      else handler['onResponseError'](endedController(error), error)
    },
  }
  const subscriptions = signals.map((signal) => listenForAbort(signal, listener))
  const end = (): void => {
    span?.end()
    for (const subscription of subscriptions) subscription.end()
  }
  const bound: Handler = {}
  const bind = (names: readonly string[], before: (control: unknown) => void): void => {
    for (const name of names) {
      if (typeof handler[name] !== 'function') continue
      bound[name] = (...args) => {
        before(args[0])
        return refusal === undefined ? handler[name]?.(...args) : undefined
      }
    }
  }
  bind(STARTS, (control) => {
    abort =
      typeof control === 'function'
        ? (control as (error: Error) => void)
        : (error) => {
            ;(control as { abort(error: Error): void }).abort(error)
          }
    if (refusal !== undefined) abort(refusal)
  })
  bind(BETWEEN, () => undefined)
  bind(ENDS, end)
  return { bound, end }
}

/** For a handler that is told of an error before there is a request that could be controlled. */
function endedController(reason: Error): object {
  const nothing = (): void => undefined
  const state = { aborted: true, paused: false, reason, rawHeaders: null, rawTrailers: null }
  return { ...state, abort: nothing, pause: nothing, resume: nothing }
}
