import type { Binding, CallSite, ExprId, FileFacts } from '../facts/types.js'
import type { Analysis } from '../graph/analysis.js'
import { makeFinding, type Found } from './make-finding.js'

/**
 * A client that is checked out of the pool and does not come back on every path.
 *
 * Reported: `const client = await pool.connect()` that is released nowhere, or only where nothing has
 * been thrown before.
 * Not reported: released in `finally` or in a callback; returned or stored, whoever releases it then; handed to
 * a function while this one never releases it.
 */
export function clientFindings(analysis: Analysis): Found[] {
  return analysis.calls.flatMap((node): Found[] => {
    if (node.sink?.api !== 'Pool.connect' || node.sink.library.name !== 'pg') return []
    const facts = analysis.resolver.program.facts(node.file)
    if (analysis.isExempt(facts.path)) return []
    const client = facts.bindings.find((each) => holdsClient(facts, each, node.site))
    if (!client || client.param) return []
    const releases = releasesOf(analysis, facts, client)
    if (releases.some((site) => site.inFinally || site.fn !== client.fn)) return []
    if (
      isHandedOn(analysis, facts, client) ||
      (releases.length === 0 && isGiven(analysis, facts, client))
    )
      return []
    return [
      {
        finding: makeFinding(analysis, {
          rule: 'release-client',
          reason: releases.length === 0 ? 'client-never-released' : 'client-released-on-one-path',
          file: node.file,
          span: node.callee,
          fn: node.fn,
          name: client.name,
          safety: 'manual',
          chain: [],
          data: { client: client.name },
        }),
      },
    ]
  })
}

export function holdsClient(facts: FileFacts, binding: Binding, site: CallSite): boolean {
  // `const { query, release } = await pool.connect()`
  if (binding.path.length > 0) return false
  const init = facts.exprs[binding.init ?? -1]
  if (init?.k === 'await' && init.of === site.expr) return true
  return binding.writes.some((id) => {
    const value = facts.exprs[id]
    return value?.k === 'await' && value.of === site.expr
  })
}

export function releasesOf(
  analysis: Analysis,
  facts: FileFacts,
  client: Binding,
): readonly CallSite[] {
  const own = namesOf(analysis, facts, client)
  return facts.calls.filter((site) => {
    const call = facts.exprs[site.expr]
    const callee = call?.k === 'call' ? facts.exprs[call.callee] : undefined
    return callee?.k === 'member' && callee.name === 'release' && own.has(callee.object)
  })
}

/** The variable itself is returned, assigned or put in a literal. */
function isHandedOn(analysis: Analysis, facts: FileFacts, client: Binding): boolean {
  const own = namesOf(analysis, facts, client)
  return (
    facts.functions.some((fn) => fn.returns.some((each) => own.has(each))) ||
    facts.exprs.some((expr) => {
      if (expr.k === 'assign') return own.has(expr.value)
      if (expr.k === 'obj') return expr.props.some((each) => own.has(each.value))
      return expr.k === 'arr' && expr.of.some((each) => own.has(each))
    })
  )
}

/** The variable itself is an argument. */
function isGiven(analysis: Analysis, facts: FileFacts, client: Binding): boolean {
  const own = namesOf(analysis, facts, client)
  return facts.exprs.some(
    (expr) => (expr.k === 'call' || expr.k === 'new') && expr.args.some((each) => own.has(each)),
  )
}

/** Expressions that name the variable. */
function namesOf(
  { resolver: { program } }: Analysis,
  facts: FileFacts,
  binding: Binding,
): ReadonlySet<ExprId> {
  const own = new Set<ExprId>()
  facts.exprs.forEach((expr, id) => {
    if (expr.k !== 'id' || expr.name !== binding.name) return
    if (program.lookUp(facts.path, expr.name, expr.scope) === binding) own.add(id)
  })
  return own
}
