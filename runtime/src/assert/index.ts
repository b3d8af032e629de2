export { expectCancelled } from './expect-cancelled.js'
export type {
  CancellationReport,
  ExpectCancelledOptions,
  ObservedPool,
} from './expect-cancelled.js'
export type { CallSite } from './ledger/call-stack.js'
export { asJob, type EntryPoint } from './ledger/entry-point.js'
export { asSetUp, Ledger } from './ledger/ledger.js'
export type { LedgerQuery, Origin, QueryOutcome, QueryPhase } from './ledger/query.js'
export { configureLedger, type LedgerMode, type LedgerSettings } from './ledger/settings.js'
export { LedgerError } from './ledger/test-watch.js'
