import { AsyncLocalStorage } from 'node:async_hooks'
import type { StatementTap } from './pg/statement-tap.js'

/** What surrounds the running code: established by `withSignal`, `detached` or a middleware. */
export interface AmbientContext {
  /** `null` after an explicit opting out, which ends inheritance. */
  readonly signal: AbortSignal | null
  /** Why the code is detached from its caller's signal. */
  readonly detachedReason?: string
  /** Where `withSignal` or `detached` was called, as the test ledger keeps it. */
  readonly calledAt?: object
  /** The `pool.query` that is being made, as the test ledger knows it. */
  readonly poolCall?: object
}

/** What applies where a call says nothing of its own; times are in milliseconds. */
export interface RuntimeDefaults {
  /** Deadline of a request signal, from the moment it is made. 30,000 unless set. */
  requestTimeoutMs: number
  /** Deadline of a job's signal, where the library keeps none for the job. 900,000 unless set. */
  jobTimeoutMs: number
  /** How long cleanup after an abort may take in all, per client. 5,000 unless set. */
  cleanupTimeoutMs: number
  /** How long a cancelled statement may take to end before its connection is destroyed. 2,000. */
  cancelGraceMs: number
  /**
   * Set it where a pooler stands between this process and PostgreSQL. The pooler's closing of a cancel
   * connection then proves nothing, so a client is kept after an abort only if one cancel was sent and
   * the statement ended by it; otherwise its connection is closed. Off unless set.
   */
  proxyFence: boolean
}

interface SharedState {
  readonly ambient: AsyncLocalStorage<AmbientContext | undefined>
  /** When a signal aborts by itself, on the `performance.now()` clock. */
  readonly deadlines: WeakMap<AbortSignal, number>
  /** When a signal aborted, on the same clock, for signals that were watched. */
  readonly abortTimes: WeakMap<AbortSignal, number>
  /** The signals that a derived signal follows. */
  readonly parents: WeakMap<AbortSignal, readonly AbortSignal[]>
  /** Signals already made for requests, by the framework's or Node's request object. */
  readonly requestSignals: WeakMap<object, unknown>
  /** Response of a request, where only Node's own diagnostics tell. */
  readonly responses: WeakMap<object, object>
  readonly defaults: RuntimeDefaults
  /** In test mode, what hears of every statement. */
  tap?: StatementTap | undefined
}

// The number is the version of this layout, here and wherever this package has a Symbol.for(): raised by the first
// change of a layout after the release that had it, and so 1 as long as nothing has been released. ESM and CJS
// copies, and several installed versions of this package, meet here; otherwise a signal established through one would
// be unseen by another.
const KEY: unique symbol = Symbol.for('@ctx-fix/runtime.state:1')

const host = globalThis as { [KEY]?: SharedState | undefined }

export const sharedState: SharedState = (host[KEY] ??= {
  ambient: new AsyncLocalStorage(),
  deadlines: new WeakMap(),
  abortTimes: new WeakMap(),
  parents: new WeakMap(),
  requestSignals: new WeakMap(),
  responses: new WeakMap(),
  defaults: {
    requestTimeoutMs: 30_000,
    jobTimeoutMs: 900_000,
    cleanupTimeoutMs: 5_000,
    cancelGraceMs: 2_000,
    proxyFence: false,
  },
})
