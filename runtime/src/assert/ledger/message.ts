import { relative, sep } from 'node:path'
import type { CallSite } from './call-stack.js'
import type { LedgerQuery } from './query.js'
import {
  diagnose,
  whereLost,
  type CatchingRule,
  type Diagnosis,
  type Violation,
} from './violation.js'

const LONGEST_SQL = 200

type Judged = Exclude<Violation, 'unheard'>

const CAUSES: Record<Judged, Partial<Record<CatchingRule, string>>> = {
  unbound: {
    'ctx/forward-signal': 'the % has a signal, but it was lost on this way',
    'ctx/derive-in-handler': 'the handler derives no signal from its request',
    'ctx/require-signal': 'nothing on this way has a signal',
  },
  'outlives-test': {
    'ctx/require-signal':
      'nobody awaits it: await it, or mark it with detached(reason, fn) and wait for it in the test',
    'ctx/no-escaping-request-signal':
      'nobody awaits it, and the signal it carries ends with its request: use detached(reason, fn)',
  },
}

const UNHEARD =
  'its driver is not instrumented, as when it is bundled, or loaded anew by jest.resetModules(), so that nothing ' +
  'tells whether it has a signal: call instrument(pool) of @ctx-fix/runtime/pg'

/** Says what is wrong with `query`, and where its signal was lost. */
export function describeViolation(query: LedgerQuery, violation: Violation): string {
  const place = query.site === undefined ? 'a call that no stack shows' : shownSite(query.site)
  if (violation === 'unheard') {
    return [`query that the ledger cannot hear: ${place}`, ...way(query), `  ${UNHEARD}`].join('\n')
  }
  const said = cause(violation, diagnose(query, violation), givenTo(query))
  return [`${headline(query, violation)}: ${place}`, ...way(query), said].join('\n')
}

/**
 * The way to `query`, and where the signal was lost on it, if it was: of its request or job, or the one that a test
 * has handed to the call.
 */
export function describeLoss(query: LedgerQuery): string {
  if (query.signal !== undefined) return way(query).join('\n')
  const found = query.entryPoint === undefined ? whereLost(query) : diagnose(query, 'unbound')
  return [...way(query), cause('unbound', found, givenTo(query))].join('\n')
}

/** What a signal was given to that was lost on the way to `query`. */
function givenTo({ entryPoint }: LedgerQuery): string {
  if (entryPoint === undefined) return 'call'
  return entryPoint.kind === 'job' ? 'job' : 'request'
}

function way(query: LedgerQuery): string[] {
  return [`  ${shortened(query.sql)}`, `  ${chainOf(query).join('\n    → ')}`]
}

function cause(violation: Judged, { rule, lostAt }: Diagnosis, given: string): string {
  const words =
    lostAt === undefined
      ? (CAUSES[violation][rule] ?? '').replace('%', given)
      : `the ${given} has a signal, which is not passed on at ${shownSite(lostAt)}`
  return `  ${words} (${rule})`
}

/** From the entry point to the statement, outermost first. */
export function chainOf({ entryPointName = 'the test', stack }: LedgerQuery): string[] {
  const frames = stack.sites.map(
    (site) => `${site.caller === '' ? '(anonymous)' : site.caller} ${shownSite(site)}`,
  )
  return [entryPointName, ...frames.reverse()]
}

function headline({ tests }: LedgerQuery, violation: Judged): string {
  if (violation === 'unbound') return 'query without signal or deadline'
  const names = tests.map((name) => `"${name}"`)
  // Which of those that ran at the same time sent its request, nothing tells.
  return `query outlives its test ${names.join(' or ')}`.trimEnd()
}

/** A place as messages have it: from the working directory, where it is below. */
export function shownSite({ file, line, column }: CallSite): string {
  const path = relative(process.cwd(), file)
  const shown = path.startsWith('..') ? file : path.split(sep).join('/')
  return `${shown}:${line}:${column}`
}

function shortened(sql: string): string {
  const text = sql.replace(/\s+/g, ' ').trim()
  return text.length > LONGEST_SQL ? `${text.slice(0, LONGEST_SQL)} …` : text
}
