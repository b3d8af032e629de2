import type { Binding, FileFacts } from '../facts/types.js'
import type { Analysis } from '../graph/analysis.js'
import { expressionFreshness } from '../graph/freshness.js'
import { isShared } from '../graph/shared.js'
import { isSignal } from '../resolve/values.js'
import { backgroundWork } from './background.js'
import { makeFinding, type Found } from './make-finding.js'

/**
 * A caller's signal in a place that outlives the caller.
 *
 * Reported: a signal assigned to a variable of the module, or to a property of what such a variable holds,
 * from inside a function, where the next request overwrites it; one put into a collection of the module that
 * nothing is ever taken out of; a signal passed to work whose promise is kept
 * for other callers; a request's signal passed to work that its handler does not wait for, or puts off.
 * Not reported: a fresh signal or a deadline of its own, module code, work that writes the response.
 */
export function escapeFindings(analysis: Analysis): Found[] {
  return [
    ...storedSignals(analysis),
    ...collectedSignals(analysis),
    ...sharedWork(analysis),
    ...backgroundWork(analysis),
  ]
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

const puts = new Set(['set', 'add', 'push'])
const takes = new Set(['delete', 'clear', 'splice', 'pop', 'shift'])
const collections = new Set(['Map', 'Set', 'Array'])

/** `latest.set(user, signal)` */
function collectedSignals(analysis: Analysis): Found[] {
  const r = analysis.resolver
  const found: Found[] = []
  for (const [file, facts] of analysis.reported) {
    if (analysis.isExempt(facts.path)) continue
    for (const site of facts.calls) {
      const call = facts.exprs[site.expr]
      const callee = call?.k === 'call' ? facts.exprs[call.callee] : undefined
      if (call?.k !== 'call' || callee?.k !== 'member' || !puts.has(callee.name)) continue
      const kept = facts.exprs[callee.object]
      const binding = kept?.k === 'id' ? r.program.lookUp(file, kept.name, kept.scope) : undefined
      const value = call.args.at(-1)
      if (binding?.fn !== 0 || site.fn === 0 || value === undefined) continue
      if (!isEverGrowing(facts, binding)) continue
      if (!r.expr(file, value).some(isSignal)) continue
      if (expressionFreshness(r, file, value) === 'unlinked') continue
      found.push({
        finding: makeFinding(analysis, {
          rule: 'no-escaping-request-signal',
          reason: 'signal-stored-in-module',
          file,
          span: callee,
          fn: site.fn,
          name: binding.name,
          safety: 'manual',
          chain: [],
          data: {},
        }),
      })
    }
  }
  return found
}

/** A map, set or list made here, of whose members none is ever taken out. */
function isEverGrowing({ exprs }: FileFacts, { name, init }: Binding): boolean {
  const made = exprs[init ?? -1]
  const type = made?.k === 'new' ? exprs[made.callee] : undefined
  const isCollection = made?.k === 'arr' || (type?.k === 'id' && collections.has(type.name))
  return (
    isCollection &&
    !exprs.some((each) => {
      const owner = each.k === 'member' && takes.has(each.name) ? exprs[each.object] : undefined
      return owner?.k === 'id' && owner.name === name
    })
  )
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
