import type { AbortError } from '../../errors.js'
import { serverEnd } from '../sql-state.js'
import type { CallSite, CallStack } from './call-stack.js'
import type { EntryPoint } from './entry-point.js'

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
  readonly test: string | undefined
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
  /** The test that was running. With concurrent tests, the one that began last. */
  declare readonly test: string | undefined
  declare readonly stack: CallStack
  /** Whether the request or job was still being served. */
  readonly wasServing: boolean
  /** The name of the entry point, as far as it was known when the query was made. */
  readonly entryPointName: string | undefined
  phase: QueryPhase
  /** Set once the phase is `done`. */
  outcome: QueryOutcome | undefined
  /** When it was sent, on the `performance.now()` clock. */
  sentAt: number | undefined
  /** The server process that executes it, once it is sent. */
  pid: number | undefined

  constructor(facts: QueryFacts, phase: QueryPhase) {
    Object.assign(this, facts)
    this.wasServing = facts.entryPoint?.isOver === false
    this.entryPointName = facts.entryPoint?.name
    this.phase = phase
  }

  /** The first frame in the user's code; `undefined` where the stack shows none. */
  get site(): CallSite | undefined {
    return this.stack.sites[0]
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
