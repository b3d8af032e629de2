import type { CallSite, Expr, FileFacts } from '../facts/types.js'
import type { Analysis } from '../graph/analysis.js'
import { expressionFreshness } from '../graph/freshness.js'
import { isLibrary, isSignal } from '../resolve/values.js'
import { makeFinding, type Found } from './make-finding.js'

/**
 * A listener that links a function's own controller to a longer-lived signal, and is left on it.
 *
 * Reported: `signal.addEventListener('abort', () => child.abort())` of a local controller, never removed.
 * Not reported: with `once` or a `signal` in its options, or options that are not written there; a listener
 * that `removeEventListener` takes away; one on a signal that is the function's own; a controller that is
 * returned or kept.
 */
export function listenerFindings(analysis: Analysis): Found[] {
  const found: Found[] = []
  for (const [file, facts] of analysis.reported) {
    if (analysis.isExempt(facts.path)) continue
    for (const site of facts.calls) {
      const listener = listenerOf(analysis, file, facts, site)
      if (!listener || listener.isRemoved) continue
      found.push({
        finding: makeFinding(analysis, {
          rule: 'dispose-deadline',
          reason: 'listener-never-removed',
          file,
          span: listener.callee,
          fn: site.fn,
          name: `${listener.signal}.addEventListener`,
          safety: 'manual',
          chain: [],
          data: { source: listener.controller },
        }),
      })
    }
  }
  return found
}

interface Listener {
  readonly callee: Expr
  readonly signal: string
  readonly controller: string
  readonly isRemoved: boolean
}

function listenerOf(
  { resolver: r }: Analysis,
  file: string,
  facts: FileFacts,
  site: CallSite,
): Listener | undefined {
  const { exprs } = facts
  const call = exprs[site.expr]
  const callee = call?.k === 'call' ? exprs[call.callee] : undefined
  if (call?.k !== 'call' || callee?.k !== 'member' || callee.name !== 'addEventListener')
    return undefined
  const [event, handler, options] = call.args.map((each) => exprs[each])
  const signal = exprs[callee.object]
  if (event?.k !== 'str' || event.value !== 'abort' || signal?.k !== 'id') return undefined
  if (!r.expr(file, callee.object).some(isSignal)) return undefined
  if (expressionFreshness(r, file, callee.object) === 'unlinked') return undefined
  const isBound =
    options !== undefined &&
    !(options.k === 'obj' && options.props.every((each) => each.name === 'passive'))
  if (isBound || handler === undefined) return undefined
  const named = handler.k === 'id' ? r.program.lookUp(file, handler.name, handler.scope) : undefined
  const written = named?.init === undefined ? handler : exprs[named.init]
  if (written?.k !== 'fn') return undefined
  const controller = abortedIn(r, file, facts, written.fn, site.fn)
  if (controller === undefined) return undefined
  const isRemoved =
    handler.k === 'id' &&
    facts.calls.some((each) => {
      const other = exprs[each.expr]
      const remover = other?.k === 'call' ? exprs[other.callee] : undefined
      const gone = other?.k === 'call' ? exprs[other.args[1] ?? -1] : undefined
      return (
        remover?.k === 'member' &&
        remover.name === 'removeEventListener' &&
        gone?.k === 'id' &&
        gone.name === handler.name
      )
    })
  return { callee, signal: signal.name, controller, isRemoved }
}

/** The controller that a function made, and that its listener aborts, where it does not leave the function. */
function abortedIn(
  r: Analysis['resolver'],
  file: string,
  { calls, exprs, functions }: FileFacts,
  listener: number,
  fn: number,
): string | undefined {
  for (const site of calls) {
    const call = site.fn === listener ? exprs[site.expr] : undefined
    const callee = call?.k === 'call' ? exprs[call.callee] : undefined
    const owner =
      callee?.k === 'member' && callee.name === 'abort' ? exprs[callee.object] : undefined
    if (owner?.k !== 'id') continue
    const binding = r.program.lookUp(file, owner.name, owner.scope)
    if (!binding || binding.param || binding.fn !== fn || fn === 0) continue
    if (!r.binding(file, binding).some((each) => isLibrary(each, 'web', 'AbortController')))
      continue
    const isGiven = (functions[fn]?.returns ?? []).some((id) => {
      const whole = exprs[id]
      return exprs.some(
        (each) =>
          each.k === 'id' &&
          each.name === owner.name &&
          whole !== undefined &&
          (whole.k === 'id' || whole.k === 'obj' || whole.k === 'member') &&
          whole.start <= each.start &&
          each.end <= whole.end,
      )
    })
    const isKept = exprs.some((each) => {
      const value = each.k === 'assign' ? exprs[each.value] : undefined
      return value?.k === 'id' && value.name === owner.name
    })
    if (!isGiven && !isKept) return owner.name
  }
  return undefined
}
