import type { AbortError } from '../../errors.js'
import { followsSignal } from '../../linked-signal.js'
import { serverEnd } from '../sql-state.js'
import type { CallSite, CallStack } from './call-stack.js'
import type { EntryPoint } from './entry-point.js'
import type { TestRun } from './test-run.js'

/** Where a signal or a deadline of a query comes from. */
export type Origin =
  /** The call's own `signal`. */
  | 'call'
  /** `withSignal` or a middleware around the call. */
  | 'surroundings'

/** How far a query has come. */
export type QueryPhase =
  /** `pool.query` waits for a client. */
  | 'waiting'
  /** Behind other statements of its client. */
  | 'queued'
  /** PostgreSQL has it. */
  | 'sent'
  | 'done'

export type QueryOutcome =
  | 'completed'
  | 'failed'
  /** PostgreSQL was asked to cancel it, and did: SQLSTATE 57014, "due to user request". */
  | 'cancelled'
  /** A limit of the server's own ended it, as `statement_timeout`: SQLSTATE 57014 as well. */
  | 'timed-out'
  /** Its signal aborted before it was sent. */
  | 'not-sent'
  /** The connection was given up before an answer came. */
  | 'unknown'

export interface QueryFacts {
  readonly sql: string
  readonly stack: CallStack
  readonly entryPoint: EntryPoint | undefined
  readonly signal: { readonly from: Origin; readonly value: AbortSignal } | undefined
  readonly deadline: { readonly from: Origin; readonly at: number } | undefined
  readonly detachedReason: string | undefined
  readonly isSetUp: boolean
}

/** What a query is under. */
export interface QuerySignals extends Pick<QueryFacts, 'signal' | 'deadline'> {
  /** Each of which ends it. */
  readonly all: readonly AbortSignal[]
}

/** One query as the ledger saw it. */
export class LedgerQuery implements QueryFacts {
  declare readonly sql: string
  /** The request or job that it was made for. */
  declare readonly entryPoint: EntryPoint | undefined
  declare readonly signal: QueryFacts['signal']
  /** `at` is on the `performance.now()` clock. */
  declare readonly deadline: QueryFacts['deadline']
  /** Why the code around it is detached from its caller, where it is. */
  declare readonly detachedReason: string | undefined
  /** Made inside `asSetUp`. */
  declare readonly isSetUp: boolean
  declare readonly stack: CallStack
  /** Whether the request or job was still being served. */
  readonly wasServing: boolean
  /** Whether it was made when its tests had ended. */
  readonly isLate: boolean
  /** The name of the entry point, as far as it was known when the query was made. */
  readonly entryPointName: string | undefined
  phase: QueryPhase
  /** Set once the phase is `done`. */
  outcome: QueryOutcome | undefined
  /** When it was sent, on the `performance.now()` clock. */
  sentAt: number | undefined
  /** The server process that executes it, once it is sent. */
  pid: number | undefined

  readonly #signals: readonly AbortSignal[]
  readonly #tests: readonly TestRun[]

  /** @internal */
  constructor(
    { tests, ...facts }: Omit<QueryFacts, 'signal' | 'deadline'> & { tests: readonly TestRun[] },
    { all, ...signals }: QuerySignals,
    phase: QueryPhase,
  ) {
    Object.assign(this, facts, signals)
    this.#signals = all
    this.#tests = facts.entryPoint?.tests ?? tests
    this.isLate = this.#tests.length > 0 && this.#tests.every(({ isOver }) => isOver)
    this.wasServing = facts.entryPoint?.isOver === false
    this.entryPointName = facts.entryPoint?.name
    this.phase = phase
  }

  /** The first frame in the user's code; `undefined` where the stack shows none. */
  get site(): CallSite | undefined {
    return this.stack.sites[0]
  }

  /** Those that were running when it was made, or when its request or job began: of concurrent ones, all. */
  get tests(): readonly string[] {
    return this.#tests.map(({ name }) => name)
  }

  /** Whether an abort of `signal` is what has ended it, as far as its own signals tell. */
  isEndedBy(signal: AbortSignal): boolean {
    return this.#signals.some((own) => {
      if (own === signal) return own.aborted
      if (!own.aborted || own.reason !== signal.reason) return false
      // Two that were aborted with the same word have nothing else in common.
      return typeof own.reason === 'object' || followsSignal(own, signal)
    })
  }

  /** Whether deadlines of its own are all that has aborted its signals. */
  isEndedByDeadline(): boolean {
    const aborted = this.#signals.filter((own) => own.aborted)
    return aborted.length > 0 && aborted.every(({ reason }) => isTimeout(reason))
  }

  sent(pid: number | null): void {
    this.phase = 'sent'
    this.sentAt = performance.now()
    this.pid = pid ?? undefined
  }

  completed(): void {
    this.#end('completed')
  }

  failed(error: unknown): void {
    // By shape: the class may be from another copy of the runtime.
    const { code, outcome } = (error ?? {}) as Partial<Omit<AbortError, 'code'>> & {
      code?: unknown
    }
    const end = serverEnd(error)
    // What the server said counts for more than what the runtime makes of it.
    if (end === 'cancelled' || end === 'timed-out') this.#end(end)
    else if (code === 'ABORT_ERR' && outcome !== undefined) this.#end(outcome)
    else this.#end(end === 'closed' ? 'unknown' : 'failed')
  }

  /** What ended it on the server becomes known, when its caller had been refused already. */
  answered(error: unknown): void {
    const end = serverEnd(error)
    if (this.outcome === 'unknown' && end !== undefined && end !== 'closed') this.outcome = end
  }

  #end(outcome: QueryOutcome): void {
    this.phase = 'done'
    this.outcome ??= outcome
  }
}

/** As deadlines of this package and `AbortSignal.timeout` call their reason. */
function isTimeout(reason: unknown): boolean {
  return (reason as { name?: unknown } | null | undefined)?.name === 'TimeoutError'
}
