import { classifySql } from '../../pg/sql-class.js'
import { sharedState } from '../../shared-state.js'
import type { LedgerQuery } from './query.js'
import type { LedgerSettings } from './settings.js'

/** What is wrong with a query. */
export type Violation =
  /** It has neither signal nor deadline. */
  | 'unbound'
  /** It was running, or was made, when its test had ended. */
  | 'outlives-test'

/** The rules of eslint-plugin-ctx that find the cause in the source. */
export type CatchingRule =
  | 'ctx/forward-signal'
  | 'ctx/derive-in-handler'
  | 'ctx/require-signal'
  | 'ctx/no-escaping-request-signal'

/** Whether `query` lacks a signal and a deadline that it should have. */
export function isUnbound(query: LedgerQuery, { mode, allow }: LedgerSettings): boolean {
  if (mode === 'record' || query.isSetUp) return false
  if (mode === 'request' && !query.wasServing) return false
  if (query.signal !== undefined || query.deadline !== undefined) return false
  // Cancelled by no request's signal anyway.
  if (classifySql(query.sql) !== undefined) return false
  return !isAllowed(query, allow)
}

function isAllowed(query: LedgerQuery, allow: LedgerSettings['allow']): boolean {
  const { detachedReason: reason, site } = query
  if (reason !== undefined && (allow.detached?.some((each) => each.test(reason)) ?? true)) {
    return true
  }
  if (site !== undefined && allow.files?.some((each) => each.test(site.file))) return true
  return allow.query?.(query) ?? false
}

/** The rule that would have caught `query`. */
export function catchingRule(query: LedgerQuery, violation: Violation): CatchingRule {
  const { entryPoint, signal } = query
  if (violation === 'outlives-test') {
    return signal === undefined ? 'ctx/require-signal' : 'ctx/no-escaping-request-signal'
  }
  const request = entryPoint?.request
  if (request === undefined) return 'ctx/require-signal'
  const isDerived = sharedState.requestSignals.has(request)
  return isDerived ? 'ctx/forward-signal' : 'ctx/derive-in-handler'
}
