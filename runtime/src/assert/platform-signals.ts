import { sharedState } from '../shared-state.js'

// What the platform's own signals tell nobody. Kept apart from what the runtime knows of its signals, which must not
// be more in tests than it is in production.
const KEY: unique symbol = Symbol.for('@ctx-fix/runtime.assert.platform-signals:1')

const host = globalThis as { [KEY]?: WeakMap<AbortSignal, number> | undefined }
const deadlines = (host[KEY] ??= new WeakMap())

/** When `signal` aborts by itself, on the `performance.now()` clock; `undefined` where nothing tells. */
export function deadlineOf(signal: AbortSignal): number | undefined {
  return sharedState.deadlines.get(signal) ?? deadlines.get(signal)
}

/**
 * Takes note of the deadlines of `AbortSignal.timeout()`, and of `AbortSignal.any()` of signals that have one.
 *
 * @returns what takes that back.
 */
export function notePlatformDeadlines(): () => void {
  const statics = AbortSignal as Statics
  const { timeout, any } = statics
  const noted: Statics = {
    timeout: (delay) => {
      const signal = timeout.call(AbortSignal, delay)
      deadlines.set(signal, performance.now() + delay)
      return signal
    },
    any: (signals) => {
      const all = [...signals]
      const signal = any.call(AbortSignal, all)
      const first = Math.min(...all.map((each) => deadlineOf(each) ?? Infinity))
      if (first < Infinity) deadlines.set(signal, first)
      return signal
    },
  }
  Object.assign(statics, noted)
  return () => {
    // What a test has put there since is the test's.
    if (statics.timeout === noted.timeout) statics.timeout = timeout
    if (statics.any === noted.any) statics.any = any
  }
}

interface Statics {
  timeout: (delay: number) => AbortSignal
  any: (signals: AbortSignal[]) => AbortSignal
}
