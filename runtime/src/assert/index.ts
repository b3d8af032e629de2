export { anySignal } from './any-signal.js'
export { expectCancelled } from './expect-cancelled.js'
export type { CancellationReport, ExpectCancelledOptions } from './expect-cancelled.js'
export { expectRequestCancelled } from './expect-request-cancelled.js'
export type {
  ExpectRequestCancelledOptions,
  RequestCancellationReport,
} from './expect-request-cancelled.js'
export type { CallSite } from './ledger/call-stack.js'
export { asJob, type EntryPoint } from './ledger/entry-point.js'
export { Ledger } from './ledger/ledger.js'
export { asSetUp } from './ledger/scopes.js'
export type { LedgerQuery, Origin, QueryOutcome, QueryPhase } from './ledger/query.js'
export { configureLedger, type LedgerMode, type LedgerSettings } from './ledger/settings.js'
export { LedgerError } from './ledger/test-watch.js'
export type { TestedApp, TestedRequest } from './listen.js'
export type { DatabaseAddress, ObservedPool } from './open-observer.js'
export { stallQueries, type Stall, type StallOptions } from './stall.js'
