import { onAbort } from '../abort-listeners.js'
import { currentSignal, withSignal } from '../ambient.js'
import { statusOf } from '../deadline/status-of.js'
import { deriveSignal, remainingMs } from '../derive-signal.js'
import { outcomeOf } from './outcome-of.js'
import { bePatientAfter } from './patience.js'

/** A value, or what makes one from the error. */
export type Fallback<F> = F | ((error: unknown) => F | Promise<F>)

export interface RunOptions<F> {
  /** `undefined` takes the surrounding signal, `null` none. */
  parent?: AbortSignal | null | undefined
  /** In place of the budget's own. */
  fallback?: Fallback<F> | undefined
}

/** Longest pause before the first retry; it doubles with each. Its length is random. */
const PAUSE_MS = 25

export async function runWithin<T, F>(
  budget: { name: string; timeoutMs: number; retries: number },
  fn: (signal: AbortSignal, attempt: number) => T,
  options: RunOptions<F>,
): Promise<Awaited<T> | F> {
  const parent = (options.parent === undefined ? currentSignal() : options.parent) ?? undefined
  for (let attempt = 0; ; attempt++) {
    const signal = deriveSignal(parent ?? null, { budget })
    const patience = bePatientAfter(signal)
    try {
      return await Promise.race([withSignal(signal, () => fn(signal, attempt)), patience.over])
    } catch (error) {
      // Nobody waits for the answer of a request that is over, least of all for a fallback.
      if (parent?.aborted) throw error
      const pauseMs = Math.random() * PAUSE_MS * 2 ** attempt
      const hasTime = parent === undefined || remainingMs(parent) > pauseMs
      if (attempt >= budget.retries || !isSafeToRepeat(error) || !hasTime) {
        return await fallBack(error, options)
      }
      await pause(pauseMs, parent)
      if (parent?.aborted) throw error
    } finally {
      patience.end()
      signal.dispose()
    }
  }
}

/** Until the time is over or the signal aborts. A thousand may wait under one signal. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const stop = signal && onAbort(signal, end)
    const timer = setTimeout(end, ms)
    timer.unref()
    function end(): void {
      clearTimeout(timer)
      stop?.()
      resolve()
    }
  })
}

/** A deadline or a full pool, and not somebody's decision. */
function isForWantOfTime(error: unknown): boolean {
  const status = statusOf(error)
  return status === 503 || status === 504
}

function isSafeToRepeat(error: unknown): boolean {
  const outcome = outcomeOf(error)
  return isForWantOfTime(error) && (outcome === 'not-sent' || outcome === 'cancelled')
}

async function fallBack<F>(error: unknown, options: RunOptions<F>): Promise<F> {
  const hasFallback = 'fallback' in options && options.fallback !== undefined
  if (!hasFallback || !isForWantOfTime(error)) throw error
  const fallback = options.fallback as Fallback<F>
  return typeof fallback === 'function'
    ? await (fallback as (error: unknown) => F | Promise<F>)(error)
    : fallback
}
