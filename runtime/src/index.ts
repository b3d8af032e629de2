export { currentSignal, detached, withSignal } from './ambient.js'
export { defineBudgets, primaryWrite, replicaRead } from './budget/define-budgets.js'
export type { Budget, BudgetSettings } from './budget/define-budgets.js'
export type { Fallback, RunOptions } from './budget/run-within.js'
export { configure } from './configure.js'
export type { DeadlineHeaderOptions } from './deadline/incoming.js'
export { deadlineFetch } from './deadline/outgoing-fetch.js'
export type { DeadlineFetchOptions } from './deadline/outgoing-fetch.js'
export {
  parseEnvoyTimeout,
  parseGrpcTimeout,
  parseRequestTimeout,
} from './deadline/parse-headers.js'
export type { BareUnit, DeadlineHeader } from './deadline/parse-headers.js'
export { statusOf } from './deadline/status-of.js'
export type { DeadlineStatus } from './deadline/status-of.js'
export { deriveSignal, remainingMs } from './derive-signal.js'
export type { DerivedSignal, DeriveOptions } from './derive-signal.js'
export { AbortError, TimeoutError, UnsupportedError } from './errors.js'
export type { Outcome, Phase } from './errors.js'
export type { RuntimeDefaults } from './shared-state.js'
