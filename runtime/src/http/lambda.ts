import { enterSignal } from '../ambient.js'
import { linkSignal } from '../linked-signal.js'
import { sharedState } from '../shared-state.js'

export interface DeadlineSignalOptions {
  /** How long before AWS ends the function the signal aborts, so that it can still answer. 500 unless set. */
  marginMs?: number | undefined
}

const MARGIN_MS = 500

/**
 * The signal of an invocation of AWS Lambda: aborts shortly before the function is ended, or at the
 * configured `requestTimeoutMs` where that is earlier. Lambda does not tell when a client goes away.
 *
 * @param context the handler's second argument.
 * @throws {TypeError} when it is not a context of Lambda.
 */
export function deadlineSignal(context: object, options: DeadlineSignalOptions = {}): AbortSignal {
  const known = sharedState.requestSignals.get(context) as AbortSignal | undefined
  if (known !== undefined) return known
  const remaining = remainingOf(context) - (options.marginMs ?? MARGIN_MS)
  const timeoutMs = Math.min(remaining, sharedState.defaults.requestTimeoutMs)
  const { signal } = linkSignal([], timeoutMs)
  sharedState.requestSignals.set(context, signal)
  return signal
}

/** `handler` with its invocation's signal around it, so that its queries need not be given one. */
export function withDeadlineSignal<Event, Context extends object, Rest extends unknown[], Result>(
  handler: (event: Event, context: Context, ...rest: Rest) => Result,
  options?: DeadlineSignalOptions,
): (event: Event, context: Context, ...rest: Rest) => Result {
  return (event, context, ...rest) =>
    enterSignal(deadlineSignal(context, options), () => handler(event, context, ...rest))
}

// What the codemod derives a signal with has one name for all frameworks.
export { deadlineSignal as requestSignal }

function remainingOf(context: object): number {
  const { getRemainingTimeInMillis } = context as { getRemainingTimeInMillis?: unknown }
  if (typeof getRemainingTimeInMillis !== 'function') {
    throw new TypeError('deadlineSignal() takes the context that AWS Lambda gave to the handler')
  }
  return (getRemainingTimeInMillis as () => number).call(context)
}
