import { sharedState } from '../shared-state.js'

/** What the code under a signal was waiting for. */
export type SpanKind = 'pool' | 'connect' | 'queue' | 'statement' | 'fetch'

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

/** What an operation waits for at present: one thing after the other, until it ends. */
export class Span {
  startedAt = performance.now()
  // Private by type: a declaration with `#private` does not compile where the target is ES5.
  private isOver = false
  private readonly traces: readonly Trace[]

  constructor(
    public kind: SpanKind,
    public detail: string | undefined,
    traces: readonly Trace[],
  ) {
    this.traces = traces
    for (const trace of traces) trace.running.add(this)
  }

  /** The wait is over, and another begins. */
  turnTo(kind: SpanKind, detail?: string): void {
    if (this.isOver) return
    const now = performance.now()
    this.account(now)
    this.startedAt = now
    this.kind = kind
    this.detail = detail
  }

  end(): void {
    if (this.isOver) return
    this.isOver = true
    this.account(performance.now())
    for (const trace of this.traces) trace.running.delete(this)
  }

  private account(now: number): void {
    for (const trace of this.traces) trace.ended(this, now - this.startedAt)
  }
}

type FinishedWait = Pick<SpentTime, 'kind' | 'detail' | 'ms'>

class Trace {
  readonly startedAt = performance.now()
  readonly running = new Set<Span>()
  readonly totals = new Map<SpanKind, { ms: number; count: number }>()
  private kept: FinishedWait[] = []

  ended({ kind, detail }: Span, ms: number): void {
    const total = this.totals.get(kind)
    if (total === undefined) this.totals.set(kind, { ms, count: 1 })
    else {
      total.ms += ms
      total.count += 1
    }
    const shortest = this.kept[KEPT - 1]
    if (shortest !== undefined && ms <= shortest.ms) return
    this.kept = [...this.kept, { kind, detail, ms }].sort(longestFirst).slice(0, KEPT)
  }

  get account(): TimeAccount {
    const now = performance.now()
    const running = [...this.running].map(({ kind, detail, startedAt }) => ({
      ...{ kind, detail, ms: now - startedAt },
      isRunning: true,
    }))
    const finished = this.kept.map((wait) => ({ ...wait, isRunning: false }))
    return {
      totalMs: now - this.startedAt,
      totals: Object.fromEntries(
        [...this.totals].map(([kind, { ms, count }]) => [kind, { ms, count }]),
      ),
      longest: [...running, ...finished]
        .sort(longestFirst)
        .map((wait) => ({ ...wait, detail: wait.detail?.slice(0, DETAIL_LENGTH) })),
    }
  }
}

function longestFirst(a: { ms: number }, b: { ms: number }): number {
  return b.ms - a.ms
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
