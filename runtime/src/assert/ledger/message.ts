import { relative, sep } from 'node:path'
import type { CallSite } from './call-stack.js'
import type { LedgerQuery } from './query.js'
import { diagnose, type CatchingRule, type Violation } from './violation.js'

const LONGEST_SQL = 200

const CAUSES: Record<Violation, Partial<Record<CatchingRule, string>>> = {
  unbound: {
    'ctx/forward-signal': 'the request has a signal, but it was lost on this way',
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

/** Says what is wrong with `query`, and where its signal was lost. */
export function describeViolation(query: LedgerQuery, violation: Violation): string {
  const place = query.site === undefined ? 'a call that no stack shows' : shownSite(query.site)
  const lines = [`${headline(query, violation)}: ${place}`, `  ${shortened(query.sql)}`]
  lines.push(`  ${chainOf(query).join('\n    → ')}`)
  const { rule, lostAt } = diagnose(query, violation)
  const cause =
    lostAt === undefined
      ? (CAUSES[violation][rule] ?? '')
      : `the request has a signal, which is not passed on at ${shownSite(lostAt)}`
  lines.push(`  ${cause} (${rule})`)
  return lines.join('\n')
}

/** From the entry point to the statement, outermost first. */
export function chainOf({ entryPointName = 'the test', stack }: LedgerQuery): string[] {
  const frames = stack.sites.map(
    (site) => `${site.caller === '' ? '(anonymous)' : site.caller} ${shownSite(site)}`,
  )
  return [entryPointName, ...frames.reverse()]
}

function headline({ test }: LedgerQuery, violation: Violation): string {
  if (violation === 'unbound') return 'query without signal or deadline'
  return `query outlives its test ${test === undefined ? '' : `"${test}"`}`.trimEnd()
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
