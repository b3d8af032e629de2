import type { Analysis } from '../graph/analysis.js'
import { expressionFreshness } from '../graph/freshness.js'
import { isShared } from '../graph/shared.js'
import { isSignal } from '../resolve/values.js'
import { backgroundWork } from './background.js'
import { makeFinding, type Found } from './find.js'

/**
 * A caller's signal in a place that outlives the caller.
 *
 * Reported: a signal assigned to a variable of the module, or to a property of what such a variable holds,
 * from inside a function, where the next request overwrites it; a signal passed to work whose promise is kept
 * for other callers; a request's signal passed to work that its handler does not wait for, or puts off.
 * Not reported: a fresh signal or a deadline of its own, module code, work that writes the response.
 */
export function escapeFindings(analysis: Analysis): Found[] {
  return [...storedSignals(analysis), ...sharedWork(analysis), ...backgroundWork(analysis)]
}

function storedSignals(analysis: Analysis): Found[] {
  const r = analysis.resolver
  const found: Found[] = []
  for (const [file, facts] of analysis.reported) {
    if (analysis.isExempt(facts.path)) continue
    facts.exprs.forEach((expr) => {
      if (expr.k !== 'assign') return
      const target = facts.exprs[expr.target]
      const kept = target?.k === 'member' ? facts.exprs[target.object] : target
      if (kept?.k !== 'id' || (target?.k !== 'member' && target?.k !== 'id')) return
      const binding = r.program.lookUp(file, kept.name, kept.scope)
      const here = facts.scopes[kept.scope]?.fn ?? 0
      if (binding?.fn !== 0 || here === 0) return
      if (!r.expr(file, expr.value).some(isSignal)) return
      if (expressionFreshness(r, file, expr.value) === 'unlinked') return
      found.push({
        finding: makeFinding(analysis, {
          rule: 'no-escaping-request-signal',
          reason: 'signal-stored-in-module',
          file,
          span: target,
          fn: here,
          name: target.name,
          safety: 'manual',
          chain: [],
          data: {},
        }),
      })
    })
  }
  return found
}

function sharedWork(analysis: Analysis): Found[] {
  return analysis.judgements.flatMap((judgement): Found[] => {
    const { node, verdict } = judgement
    if (verdict !== 'passed' || node.given.k !== 'signal' || !isShared(analysis.resolver, node))
      return []
    if (expressionFreshness(analysis.resolver, node.file, node.given.expr) === 'unlinked') return []
    return [
      {
        judgement,
        finding: makeFinding(analysis, {
          rule: 'no-escaping-request-signal',
          reason: 'signal-in-shared-work',
          file: node.file,
          span: node.callee,
          fn: node.fn,
          name: node.name,
          safety: 'manual',
          chain: [],
          data: {},
        }),
      },
    ]
  })
}
