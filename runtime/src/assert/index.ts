export { expectCancelled } from './expect-cancelled.js'
export type {
  CancellationReport,
  ExpectCancelledOptions,
  ObservedPool,
} from './expect-cancelled.js'
