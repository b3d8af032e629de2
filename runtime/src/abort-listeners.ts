/**
 * Many listeners on one signal as a single 'abort' listener, which is there only while it is needed.
 *
 * A signal may outlive a million operations and carry a thousand at once. Listeners of its own for
 * each would draw MaxListenersExceededWarning, `AbortSignal.any` leaks on long-lived signals
 * (https://github.com/nodejs/node/issues/54614), and this costs a few assignments at each end. (A Set of
 * a long life would leave its outgrown tables to the slow garbage collection.)
 */
const lists = new WeakMap<AbortSignal, Subscription>()

/** What can be told of an abort. */
export interface AbortListener {
  signalAborted(signal: AbortSignal): void
}

/** A place in the ring of those who listen to one signal. Made by `listenForAbort`. */
export class Subscription {
  next: Subscription = this
  previous: Subscription = this

  constructor(
    readonly signal: AbortSignal,
    readonly listener: AbortListener | undefined,
  ) {}

  /** Takes the listener away again; harmless when repeated. */
  end(): void {
    const { next, previous } = this
    if (next === this) return
    previous.next = next
    next.previous = previous
    this.next = this
    this.previous = this
    // Only the head is left.
    if (next === previous && next.listener === undefined) {
      this.signal.removeEventListener('abort', announce)
    }
  }
}

/**
 * Tells `listener` once when `signal` aborts. Nothing happens for a signal that has aborted before.
 *
 * @returns what ends it.
 */
export function listenForAbort(signal: AbortSignal, listener: AbortListener): Subscription {
  let head = lists.get(signal)
  if (head === undefined) {
    head = new Subscription(signal, undefined)
    lists.set(signal, head)
  }
  if (head.next === head) signal.addEventListener('abort', announce, { once: true })
  const subscription = new Subscription(signal, listener)
  subscription.previous = head.previous
  subscription.next = head
  head.previous.next = subscription
  head.previous = subscription
  return subscription
}

/**
 * The same for a function.
 *
 * @returns what takes the listener away again; harmless when repeated.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const subscription = listenForAbort(signal, { signalAborted: listener })
  return () => {
    subscription.end()
  }
}

/** By the event's target: signals of polyfills call their listeners with another `this`. */
function announce({ target }: Event): void {
  const head = lists.get(target as AbortSignal)
  if (head === undefined) return
  const due: AbortListener[] = []
  while (head.next.listener !== undefined) {
    due.push(head.next.listener)
    head.next.end()
  }
  for (const listener of due) listener.signalAborted(target as AbortSignal)
}
