import { assertSignal, currentSignal } from './ambient.js'
import { linkSignal } from './linked-signal.js'
import { sharedState } from './shared-state.js'

// `using` needs Symbol.dispose in the reader's library; without it the type has `dispose()` alone.
type WithDisposeSymbol = SymbolConstructor extends { readonly dispose: infer Key }
  ? Record<Extract<Key, symbol>, () => void>
  : unknown

/** A signal with a deadline. `dispose()`, or `using`, ends its timer when the work is done. */
export type DerivedSignal = AbortSignal & { dispose(): void } & WithDisposeSymbol

/** How long a derived signal lasts at most; milliseconds from now. */
export type DeriveOptions =
  | { timeoutMs: number; budget?: undefined }
  | { timeoutMs?: undefined; budget: { readonly name: string; readonly timeoutMs: number } }

/**
 * A signal that aborts with `parent`, and after `timeoutMs` at the latest; never later than `parent`.
 *
 * The deadline aborts with a DOMException named TimeoutError, like `AbortSignal.timeout`. The timer
 * does not keep the process alive.
 *
 * @param parent `undefined` takes the surrounding signal, `null` none.
 * @param options.timeoutMs milliseconds from now; `Infinity` leaves only the parent's deadline, zero
 *   or less has passed already.
 * @param options.budget one of `defineBudgets`, instead of a time.
 * @throws {RangeError} when `timeoutMs` is not a number.
 * @throws {TypeError} when `parent` is something else.
 */
export function deriveSignal(
  parent: AbortSignal | null | undefined,
  options: DeriveOptions,
): DerivedSignal {
  const source = parent === undefined ? currentSignal() : parent
  if (source !== null && source !== undefined) assertSignal(source)
  const { timeoutMs, name } = options.budget ?? { timeoutMs: options.timeoutMs, name: undefined }
  const link = linkSignal(source ? [source] : [], timeoutMs, name)
  const dispose = {
    value: () => {
      link.dispose()
    },
    configurable: true,
  }
  const disposeSymbol = (Symbol as { dispose?: symbol }).dispose
  Object.defineProperty(link.signal, 'dispose', dispose)
  if (disposeSymbol !== undefined) Object.defineProperty(link.signal, disposeSymbol, dispose)
  return link.signal as DerivedSignal
}

/**
 * Milliseconds until `signal` aborts by itself: 0 once it has aborted, `Infinity` without a deadline
 * or with one that this package did not make.
 *
 * @param signal the surrounding one where left out.
 */
export function remainingMs(signal: AbortSignal | undefined = currentSignal()): number {
  if (signal === undefined) return Infinity
  if (signal.aborted) return 0
  const deadline = sharedState.deadlines.get(signal)
  return deadline === undefined ? Infinity : Math.max(0, deadline - performance.now())
}
