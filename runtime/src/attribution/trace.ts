import { sharedState } from '../shared-state.js'

/** What the code under a signal was waiting for. */
export type SpanKind = 'pool' | 'queue' | 'statement' | 'fetch'

/** One wait, for the reader of an error. */
export interface SpentTime {
  readonly kind: SpanKind
  /** The statement's text, or where the call went. */
  readonly detail: string | undefined
  /** Milliseconds until it ended, or until now. */
  readonly ms: number
  /** Not over when the account was taken. */
  readonly isRunning: boolean
}

/** Where the time under a signal went. Waits side by side count each: their sum may be more. */
export interface TimeAccount {
  /** Milliseconds since the outermost signal was made. */
  readonly totalMs: number
  /** Milliseconds and number of all waits of a kind. */
  readonly totals: Readonly<Partial<Record<SpanKind, { ms: number; count: number }>>>
  /** What is running, and the longest of the rest; the longest first. */
  readonly longest: readonly SpentTime[]
}

/** Finished waits that are kept one by one; a signal may live as long as the process. */
const KEPT = 4
const DETAIL_LENGTH = 200

/** A wait that has begun. */
export class Span {
  readonly startedAt = performance.now()
  endedAt: number | undefined
  readonly #traces: readonly Trace[]

  constructor(
    readonly kind: SpanKind,
    readonly detail: string | undefined,
    traces: readonly Trace[],
  ) {
    this.#traces = traces
    for (const trace of traces) trace.running.add(this)
  }

  get ms(): number {
    return (this.endedAt ?? performance.now()) - this.startedAt
  }

  end(): void {
    if (this.endedAt !== undefined) return
    this.endedAt = performance.now()
    for (const trace of this.#traces) trace.ended(this)
  }
}

class Trace {
  readonly startedAt = performance.now()
  readonly running = new Set<Span>()
  readonly totals = new Map<SpanKind, { ms: number; count: number }>()
  #longest: Span[] = []

  ended(span: Span): void {
    this.running.delete(span)
    const total = this.totals.get(span.kind)
    if (total === undefined) this.totals.set(span.kind, { ms: span.ms, count: 1 })
    else {
      total.ms += span.ms
      total.count += 1
    }
    const shortest = this.#longest.at(-1)
    if (this.#longest.length < KEPT || (shortest !== undefined && span.ms > shortest.ms)) {
      this.#longest = [...this.#longest, span].sort((a, b) => b.ms - a.ms).slice(0, KEPT)
    }
  }

  get account(): TimeAccount {
    const spans = [...this.running, ...this.#longest].sort((a, b) => b.ms - a.ms)
    return {
      totalMs: performance.now() - this.startedAt,
      totals: Object.fromEntries(
        [...this.totals].map(([kind, { ms, count }]) => [kind, { ms, count }]),
      ),
      longest: spans.map(({ kind, detail, ms, endedAt }) => ({
        kind,
        detail: detail?.slice(0, DETAIL_LENGTH),
        ms,
        isRunning: endedAt === undefined,
      })),
    }
  }
}

/**
 * Notes that something under `signals` begins to wait. Only signals with a deadline of ours are
 * accounted for, because nothing else will ask; others cost one look-up.
 */
export function beginSpan(
  signals: readonly (AbortSignal | undefined)[],
  kind: SpanKind,
  detail?: string,
): Span | undefined {
  let traces: Trace[] | undefined
  for (const signal of signals) {
    if (signal === undefined || !sharedState.deadlines.has(signal)) continue
    const trace = traceOf(signal)
    if (traces === undefined) traces = [trace]
    else if (!traces.includes(trace)) traces.push(trace)
  }
  return traces && new Span(kind, detail, traces)
}

/** Where the time under `signal` has gone; `undefined` when nothing under it was accounted for. */
export function timeAccount(signal: AbortSignal): TimeAccount | undefined {
  return traces.get(outermost(signal))?.account
}

const TRACES: unique symbol = Symbol.for('@ctx-fix/runtime.traces:1')
const host = globalThis as { [TRACES]?: WeakMap<AbortSignal, Trace> | undefined }
const traces = (host[TRACES] ??= new WeakMap<AbortSignal, Trace>())

/** Derived signals share the account of the one they come from. */
function traceOf(signal: AbortSignal): Trace {
  const owner = outermost(signal)
  let trace = traces.get(owner)
  if (trace === undefined) {
    trace = new Trace()
    traces.set(owner, trace)
  }
  return trace
}

function outermost(signal: AbortSignal): AbortSignal {
  let current = signal
  for (;;) {
    // A signal without a deadline may live for ever, and is nobody's request.
    const parents = sharedState.parents.get(current)
    const parent = parents?.find((candidate) => sharedState.deadlines.has(candidate))
    if (parent === undefined) return current
    current = parent
  }
}
