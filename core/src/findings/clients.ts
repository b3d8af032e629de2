import type { Binding, CallSite, FileFacts } from '../facts/types.js'
import type { Analysis } from '../graph/analysis.js'
import { makeFinding, type Found } from './find.js'

/**
 * A client that is checked out of the pool and does not come back on every path.
 *
 * Reported: `const client = await pool.connect()` that is released nowhere, or only where nothing has
 * been thrown before.
 * Not reported: released in `finally` or in a callback; returned, stored, or handed to a function
 * while this one never releases it.
 */
export function clientFindings(analysis: Analysis): Found[] {
  return analysis.calls.flatMap((node): Found[] => {
    if (node.sink?.api !== 'Pool.connect' || node.sink.library.name !== 'pg') return []
    const facts = analysis.resolver.program.facts(node.file)
    if (analysis.isExempt(facts.path)) return []
    const client = facts.bindings.find((each) => holds(facts, each, node.site))
    if (!client || client.param) return []
    const releases = facts.calls.filter((site) => isRelease(facts, site, client))
    if (releases.some((site) => site.inFinally || site.fn !== client.fn)) return []
    if (releases.length === 0 && leaves(facts, client)) return []
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

function holds(facts: FileFacts, binding: Binding, site: CallSite): boolean {
  const init = facts.exprs[binding.init ?? -1]
  if (init?.k === 'await' && init.of === site.expr) return true
  return binding.writes.some((id) => {
    const value = facts.exprs[id]
    return value?.k === 'await' && value.of === site.expr
  })
}

function isRelease(facts: FileFacts, site: CallSite, client: Binding): boolean {
  const call = facts.exprs[site.expr]
  const callee = call?.k === 'call' ? facts.exprs[call.callee] : undefined
  if (callee?.k !== 'member' || callee.name !== 'release') return false
  const owner = facts.exprs[callee.object]
  return owner?.k === 'id' && owner.name === client.name
}

/** The variable itself is returned, assigned, put in a literal or given to a call. */
function leaves(facts: FileFacts, client: Binding): boolean {
  const own = new Set<number>()
  facts.exprs.forEach((expr, id) => {
    if (expr.k === 'id' && expr.name === client.name) own.add(id)
  })
  return (
    facts.functions.some((fn) => fn.returns.some((each) => own.has(each))) ||
    facts.exprs.some((expr) => {
      if (expr.k === 'call' || expr.k === 'new') return expr.args.some((each) => own.has(each))
      if (expr.k === 'assign') return own.has(expr.value)
      if (expr.k === 'obj') return expr.props.some((each) => own.has(each.value))
      return expr.k === 'arr' && expr.of.some((each) => own.has(each))
    })
  )
}
