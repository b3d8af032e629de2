import { timeAccount, type TimeAccount } from './trace.js'

/** A deadline that has just passed. */
export interface PassedDeadline {
  /** The signal whose deadline it was. */
  readonly signal: AbortSignal
  /** What it aborts with. */
  readonly reason: unknown
  /** Where the time went; `undefined` when nothing that is accounted for happened. */
  readonly spent: TimeAccount | undefined
}

type Listener = (passed: PassedDeadline) => unknown

const LISTENERS: unique symbol = Symbol.for('@ctx-fix/runtime.on-deadline:1')
const host = globalThis as { [LISTENERS]?: Set<Listener> | undefined }
const listeners = (host[LISTENERS] ??= new Set<Listener>())

/**
 * Calls `listener` whenever a deadline made by this package passes, just before the signal aborts:
 * for logs, or to end a CPU profile while the cause is still there. What it throws, or its
 * promise rejects with, becomes a process warning: the abort happens all the same.
 *
 * @returns what takes the listener away again.
 */
export function onDeadline(listener: Listener): () => void {
  // A function of its own, so that one listener can be there twice.
  const own: Listener = (passed) => listener(passed)
  listeners.add(own)
  return () => {
    listeners.delete(own)
  }
}

export function announceDeadline(signal: AbortSignal, reason: unknown): void {
  if (listeners.size === 0) return
  const passed = { signal, reason, spent: timeAccount(signal) }
  for (const listener of listeners) {
    try {
      Promise.resolve(listener(passed)).catch(warn)
    } catch (error) {
      warn(error)
    }
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error))
}
