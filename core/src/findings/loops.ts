import type { Analysis } from '../graph/analysis.js'
import { libraryCall } from '../resolve/calls.js'
import { makeFinding, type Found } from './find.js'

/**
 * A signal that is derived again from itself: every turn adds a listener to the chain before it.
 *
 * Reported: `signal = derive(signal, …)` in a loop, or in a function that runs more than once, on a
 * variable declared outside.
 * Not reported: a new variable each turn; a fallback (`signal ??= …`).
 */
export function loopFindings(analysis: Analysis): Found[] {
  const r = analysis.resolver
  const found: Found[] = []
  for (const [file, facts] of analysis.reported) {
    if (analysis.isExempt(facts.path)) continue
    facts.exprs.forEach((expr) => {
      if (expr.k !== 'assign' || expr.op !== '=') return
      const target = facts.exprs[expr.target]
      const value = facts.exprs[expr.value]
      if (target?.k !== 'id' || value?.k !== 'call') return
      const site = facts.calls.find((each) => each.expr === expr.value)
      const binding = r.program.lookUp(file, target.name, target.scope)
      if (!site || !binding || (!site.inLoop && binding.fn === site.fn)) return
      const derives = r
        .expr(file, value.callee)
        .some((each) => libraryCall(each)?.member.derives === 'arguments')
      const mentions = facts.exprs.some(
        (each) =>
          each.k === 'id' &&
          each.name === target.name &&
          each.start > value.start &&
          each.end < value.end,
      )
      if (!derives || !mentions) return
      found.push({
        finding: makeFinding(analysis, {
          rule: 'no-signal-in-loop',
          reason: 'signal-derived-from-itself',
          file,
          span: target,
          fn: site.fn,
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
