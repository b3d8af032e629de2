import { setMaxListeners } from 'node:events'
import { onAbort } from './abort-listeners.js'
import { announceDeadline } from './attribution/on-deadline.js'
import { sharedState } from './shared-state.js'

/** A signal of our own making, and the means to end it. */
export interface LinkedSignal {
  readonly signal: AbortSignal
  /** Aborts at once; without effect when the signal has aborted or been disposed of. */
  abort(reason: unknown): void
  /** Lets go of parents and timer: the signal will not abort any more. */
  dispose(): void
}

// Node shortens a longer delay to 1 ms: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * A signal that aborts with the first of `parents`, or when `timeoutMs` have passed.
 *
 * @param timeoutMs `Infinity` for no deadline of its own; zero or less has passed already.
 * @param name of the deadline, for the message of its error.
 * @throws {RangeError} when `timeoutMs` is not a number.
 */
export function linkSignal(
  parents: readonly AbortSignal[],
  timeoutMs: number,
  name?: string,
): LinkedSignal {
  if (typeof timeoutMs !== 'number' || Number.isNaN(timeoutMs)) {
    throw new RangeError(`timeoutMs must be a number of milliseconds, not ${String(timeoutMs)}`)
  }
  const link = new Link(parents, timeoutMs, name)
  link.start(parents)
  return link
}

/** Whether `signal` is `ancestor` or aborts with it by construction. */
export function followsSignal(signal: AbortSignal, ancestor: AbortSignal): boolean {
  if (signal === ancestor) return true
  const parents = sharedState.parents.get(signal)
  return parents?.some((parent) => followsSignal(parent, ancestor)) ?? false
}

/** Remembers that `signal` is aborting now. */
export function recordAbort(signal: AbortSignal): void {
  sharedState.abortTimes.set(signal, performance.now())
}

class Link implements LinkedSignal {
  readonly #controller = new AbortController()
  readonly #timeoutMs: number
  readonly #name: string | undefined
  readonly #deadline: number
  readonly #own: number
  #unlink: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined
  #over = false

  constructor(parents: readonly AbortSignal[], timeoutMs: number, name: string | undefined) {
    const own = performance.now() + timeoutMs
    let inherited = Infinity
    for (const parent of parents) {
      inherited = Math.min(inherited, sharedState.deadlines.get(parent) ?? Infinity)
    }
    // Whatever takes a signal may listen to this one, as often as it likes: there is nothing to warn of.
    setMaxListeners(0, this.signal)
    this.#timeoutMs = timeoutMs
    this.#name = name
    this.#deadline = Math.min(own, inherited)
    this.#own = own
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  start(parents: readonly AbortSignal[]): void {
    sharedState.parents.set(this.signal, parents)
    if (this.#deadline < Infinity) sharedState.deadlines.set(this.signal, this.#deadline)
    for (const parent of parents) {
      if (parent.aborted) {
        this.abort(parent.reason)
        return
      }
      this.#unlink.push(
        onAbort(parent, () => {
          this.abort(parent.reason)
        }),
      )
    }
    // Also where a parent aborts earlier: one that is disposed of does not any more.
    if (this.#own < Infinity) this.#watchDeadline()
  }

  abort(reason: unknown): void {
    if (this.#over) return
    this.#letGo()
    recordAbort(this.signal)
    this.#controller.abort(reason)
  }

  dispose(): void {
    if (this.#over) return
    this.#letGo()
    sharedState.deadlines.delete(this.signal)
  }

  #watchDeadline(): void {
    const left = this.#own - performance.now()
    if (left <= 0) {
      const limit = `${String(Math.max(0, Math.round(this.#timeoutMs)))} ms`
      const whose = this.#name === undefined ? '' : ` for ${this.#name}`
      const message = `the deadline of ${limit}${whose} has passed`
      const reason = new DOMException(message, 'TimeoutError')
      announceDeadline(this.signal, reason)
      this.abort(reason)
      return
    }
    this.#timer = setTimeout(
      () => {
        this.#watchDeadline()
      },
      Math.min(Math.ceil(left), LONGEST_TIMER_MS),
    )
    this.#timer.unref()
  }

  #letGo(): void {
    this.#over = true
    clearTimeout(this.#timer)
    for (const unlink of this.#unlink) unlink()
    this.#unlink = []
  }
}
