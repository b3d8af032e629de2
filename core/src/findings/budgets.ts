import type { CallSite, Expr, ExprId, Span } from '../facts/types.js'
import type { Analysis } from '../graph/analysis.js'
import { libraryCall } from '../resolve/calls.js'
import { makeFinding, type Found } from './make-finding.js'

/** Milliseconds by name. */
type Budgets = Readonly<Record<string, number>>

type Call = Expr & { k: 'call' | 'new' }

/** A time that is written somewhere, with what it is called there. */
interface Limit {
  readonly span: Span
  readonly name: string
  readonly ms: number
  /** The budget that it is given to; any of them where it has no name. */
  readonly budget?: string
}

/**
 * Deadlines beyond the budgets of the settings.
 *
 * Reported: a time in `defineBudgets` that is longer than the setting of that name, and a name that the settings
 * do not have; `AbortSignal.timeout(ms)`, and `timeoutMs` of the runtime's derivers, longer than the longest.
 * Not reported: times that are computed.
 */
export function budgetFindings(analysis: Analysis, budgets: Budgets): Found[] {
  const found: Found[] = []
  for (const [file, facts] of analysis.reported) {
    if (analysis.isExempt(facts.path)) continue
    for (const site of facts.calls) {
      const call = facts.exprs[site.expr]
      if (call?.k !== 'call') continue
      for (const limit of limitsOf(analysis, file, call)) {
        const finding = judge(analysis, file, site, limit, budgets)
        if (finding) found.push(finding)
      }
    }
  }
  return found
}

function judge(
  analysis: Analysis,
  file: string,
  site: CallSite,
  { span, name, ms, budget }: Limit,
  budgets: Budgets,
): Found | undefined {
  const parts = { file, span, fn: site.fn, name, safety: 'manual', chain: [] } as const
  if (budget !== undefined && !Object.hasOwn(budgets, budget)) {
    const known = Object.keys(budgets).map((each) => `\`${each}\``)
    return {
      finding: makeFinding(analysis, {
        ...parts,
        rule: 'require-deadline',
        reason: 'budget-unknown',
        data: { known: known.join(', ') },
      }),
    }
  }
  const [allowed, most] = budget === undefined ? longest(budgets) : [budget, budgets[budget] ?? 0]
  if (ms <= most) return undefined
  return {
    finding: makeFinding(analysis, {
      ...parts,
      rule: 'require-deadline',
      reason: 'deadline-over-budget',
      data: { count: inWords(ms), budget: `\`${allowed}\``, source: inWords(most) },
    }),
  }
}

function longest(budgets: Budgets): [name: string, ms: number] {
  const [first] = Object.entries(budgets).sort(([, a], [, b]) => b - a)
  return first ?? ['', Infinity]
}

function inWords(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`
}

function limitsOf(analysis: Analysis, file: string, call: Call): Limit[] {
  const r = analysis.resolver
  const { exprs } = r.program.facts(file)
  const callee = exprs[call.callee]
  if (!callee || !mayLimit(callee)) return []
  const called = r.expr(file, call.callee).flatMap((each) => libraryCall(each) ?? [])
  const isDefinition = called.some((each) => each.api === 'DefineBudgets')
  const [first] = call.args
  if (isDefinition && first !== undefined) return definedBudgets(analysis, file, first)
  if (!called.some((each) => each.member.derives !== undefined)) return []
  const written = call.args.flatMap((each) => {
    const expr = exprs[each]
    const value = expr?.k === 'obj' ? propertyOf(expr, 'timeoutMs') : each
    return numberOf(analysis, file, value) ?? []
  })
  const name = callee.k === 'member' ? `AbortSignal.${callee.name}` : nameOf(callee)
  return written.map((ms) => ({ span: callee, name, ms }))
}

/** Names are cheap to look at, and nearly all calls have others. */
function mayLimit(callee: Expr): boolean {
  return callee.k === 'member' ? callee.name === 'timeout' : callee.k === 'id'
}

const nameOf = (expr: Expr) => (expr.k === 'id' ? expr.name : '')

function definedBudgets(analysis: Analysis, file: string, id: ExprId): Limit[] {
  const { exprs } = analysis.resolver.program.facts(file)
  const settings = exprs[id]
  if (settings?.k !== 'obj') return []
  return settings.props.flatMap(({ name, value, start }): Limit[] => {
    const given = exprs[value]
    // `replicaRead({ … })` and `primaryWrite({ … })` complete what they are given.
    const inner = given?.k === 'call' ? exprs[given.args[0] ?? -1] : given
    const timeout = inner?.k === 'obj' ? propertyOf(inner, 'timeoutMs') : undefined
    const ms = numberOf(analysis, file, timeout)
    if (name === undefined || ms === undefined) return []
    return [{ span: { start, end: start + name.length }, name, ms, budget: name }]
  })
}

function propertyOf({ props }: Expr & { k: 'obj' }, name: string): ExprId | undefined {
  return props.find((each) => each.name === name)?.value
}

/** A number that is written out, here or as the value of a constant. */
function numberOf({ resolver: { program } }: Analysis, file: string, id: ExprId | undefined) {
  const expr = id === undefined ? undefined : program.expr(file, id)
  if (expr?.k === 'num') return expr.value
  const binding = expr?.k === 'id' ? program.lookUp(file, expr.name, expr.scope) : undefined
  const init =
    binding?.kind === 'const' && binding.path.length === 0 && binding.init !== undefined
      ? program.expr(file, binding.init)
      : undefined
  return init?.k === 'num' ? init.value : undefined
}
