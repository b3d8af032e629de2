/**
 * Many listeners on one signal as a single 'abort' listener, which is there only while it is needed.
 *
 * A signal may outlive a million operations and carry a thousand at once. Listeners of its own for
 * each would draw MaxListenersExceededWarning, `AbortSignal.any` leaks on long-lived signals
 * (https://github.com/nodejs/node/issues/54614), and this costs one Set operation at each end.
 */
const listeners = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls `listener` once when `signal` aborts. Nothing happens for a signal that has aborted before.
 *
 * @returns what takes the listener away again; harmless when repeated.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  let set = listeners.get(signal)
  if (set === undefined) {
    set = new Set()
    listeners.set(signal, set)
  }
  if (set.size === 0) signal.addEventListener('abort', announce, { once: true })
  set.add(listener)
  return () => {
    if (set.delete(listener) && set.size === 0) signal.removeEventListener('abort', announce)
  }
}

/** By the event's target: signals of polyfills call their listeners with another `this`. */
function announce({ target }: Event): void {
  const set = listeners.get(target as AbortSignal)
  if (set === undefined) return
  const due = [...set]
  set.clear()
  for (const listener of due) listener()
}
