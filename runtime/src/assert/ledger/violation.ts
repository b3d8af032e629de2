import { classifySql, startOfSql } from '../../pg/sql-class.js'
import type { CallSite } from './call-stack.js'
import { lostAt } from './lost-at.js'
import type { LedgerQuery } from './query.js'
import type { LedgerSettings } from './settings.js'

/** What is wrong with a query. */
export type Violation =
  /** It has neither signal nor deadline. */
  | 'unbound'
  /** It was running, or was made, when its test had ended. */
  | 'outlives-test'
  /** It went through a driver that is not instrumented, so that nothing tells what it was under. */
  | 'unheard'

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
  if (needsNoSignal(query.sql)) return false
  return !isAllowed(query, allow)
}

/** Cancelled by no request's signal anyway, or over before it could be: the linter asks for none there either. */
function needsNoSignal(sql: string): boolean {
  return classifySql(sql) !== undefined || OVER_AT_ONCE.test(sql.slice(startOfSql(sql)))
}

const OVER_AT_ONCE = /^(?:SAVEPOINT|SET|LISTEN|DEALLOCATE|CLOSE)\b/i

function isAllowed(query: LedgerQuery, allow: LedgerSettings['allow']): boolean {
  const { detachedReason: reason, site } = query
  if (
    reason !== undefined &&
    (allow.detached?.some((each) => reason.search(each) !== -1) ?? true)
  ) {
    return true
  }
  if (site !== undefined && allow.files?.some((each) => site.file.search(each) !== -1)) return true
  return allow.query?.(query) ?? false
}

/** Why a query is not in order. */
export interface Diagnosis {
  /** The rule that would have caught it. */
  readonly rule: CatchingRule
  /** Where a signal that the entry point had is not passed on. */
  readonly lostAt?: CallSite
}

/** The place and the rule behind a violation. */
export function diagnose(query: LedgerQuery, violation: Violation): Diagnosis {
  const { entryPoint, signal } = query
  if (violation === 'outlives-test') {
    return { rule: signal === undefined ? 'ctx/require-signal' : 'ctx/no-escaping-request-signal' }
  }
  if (entryPoint === undefined) return { rule: 'ctx/require-signal' }
  return entryPoint.hasSignal ? whereLost(query) : { rule: 'ctx/derive-in-handler' }
}

/** The place and the rule, for a query under something that has a signal. */
export function whereLost({ stack, site: own }: LedgerQuery): Diagnosis {
  const site = lostAt(stack.sites)
  if (site === undefined) return { rule: 'ctx/forward-signal' }
  return { rule: site === own ? 'ctx/require-signal' : 'ctx/forward-signal', lostAt: site }
}
