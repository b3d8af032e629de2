import { assertSignal, bindAmbient, currentSignal, isSignal } from '../ambient.js'
import type { GoverningSignals } from './signalled-query.js'

/** The signals of a call with no signal and nothing around it: by far the most frequent answer. */
export const NO_SIGNALS: GoverningSignals = { explicit: undefined, ambient: undefined }

/**
 * What governs a call with `options` as its first argument: its own `signal`, and the surrounding
 * one unless that is `null`.
 *
 * @throws {TypeError} when `signal` is neither an AbortSignal nor nullish.
 */
export function governingSignals(options: unknown): GoverningSignals {
  const ambient = currentSignal()
  const explicit = signalOption(options)
  if (explicit === null) return NO_SIGNALS
  return explicit === undefined && ambient === undefined ? NO_SIGNALS : { explicit, ambient }
}

/** Whether `options` opts out of the surrounding signal. */
export function optsOut(options: unknown): boolean {
  return signalOption(options) === null
}

/** Makes callbacks among `args` run in the caller's context, whichever socket event calls them. */
export function bindCallbacks(args: unknown[]): unknown[] {
  return mapCallbacks(args, bindAmbient)
}

/** `args`, with what `change` makes of the callbacks among them. */
export function mapCallbacks(
  args: unknown[],
  change: (callback: (...args: unknown[]) => void) => unknown,
): unknown[] {
  if (!args.some((arg) => typeof arg === 'function')) return args
  return args.map((arg) =>
    typeof arg === 'function' ? change(arg as (...args: unknown[]) => void) : arg,
  )
}

function signalOption(options: unknown): AbortSignal | null | undefined {
  if (typeof options !== 'object' || options === null) return undefined
  const { signal, submit } = options as { signal?: unknown; submit?: unknown }
  if (signal === undefined || signal === null) return signal
  // A query object of another library may have a property of that name for its own ends.
  if (typeof submit === 'function' && !isSignal(signal)) return undefined
  assertSignal(signal)
  return signal
}
