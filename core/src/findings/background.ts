import type { ExprId, FnId } from '../facts/types.js'
import type { Analysis, Judgement } from '../graph/analysis.js'
import { expressionFreshness } from '../graph/freshness.js'
import { fnKey } from '../graph/model.js'
import { isDeferred, isRepeated } from '../graph/placement.js'
import { makeFinding, type Found } from './make-finding.js'
import { awaitedCall } from './raced.js'

/**
 * Work that a handler starts and does not wait for, with the signal of its request: the client hangs up, or
 * the request's deadline passes, and what was to outlive the answer is cancelled.
 */
export function backgroundWork(analysis: Analysis): Found[] {
  return analysis.judgements.flatMap((judgement): Found[] => {
    const { node, verdict } = judgement
    if (verdict !== 'passed' || node.given.k !== 'signal') return []
    const { handler, isPutOff } = placeOf(analysis, judgement)
    const isKept = isPutOff || outlivesAnswer(analysis, judgement)
    if (handler === undefined || !(node.unawaited || isKept)) return []
    if (!isOfRequest(analysis, node.file, node.given.expr, handler)) return []
    if (answers(analysis, judgement, handler)) return []
    return [
      {
        judgement,
        finding: makeFinding(analysis, {
          rule: 'no-escaping-request-signal',
          reason: 'signal-in-background-work',
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

/** The handler around a call, and whether a timer or a microtask lies between. */
function placeOf(
  { resolver: r, entries }: Analysis,
  { node }: Judgement,
): { handler: FnId | undefined; isPutOff: boolean } {
  let isPutOff = false
  for (let fn: FnId | undefined = node.fn; fn !== undefined && fn !== 0;) {
    if (entries.has(fnKey({ file: node.file, fn }))) return { handler: fn, isPutOff }
    isPutOff ||= isDeferred(r, node.file, fn) || isRepeated(r, node.file, fn)
    fn = r.program.fn(node.file, fn).parent
  }
  return { handler: undefined, isPutOff }
}

/** `ctx.waitUntil(work(signal))`: the platform waits for it when the answer is sent. */
function outlivesAnswer({ resolver: r }: Analysis, { node }: Judgement): boolean {
  const facts = r.program.facts(node.file)
  return facts.exprs.some((each) => {
    const callee = each.k === 'call' ? facts.exprs[each.callee] : undefined
    return (
      each.k === 'call' &&
      (callee?.k === 'member' || callee?.k === 'id') &&
      callee.name === 'waitUntil' &&
      each.args.some((arg) => awaitedCall(facts, arg) === node.expr)
    )
  })
}

/** The signal comes of the handler's own parameters or variables, not of a callback's within. */
function isOfRequest(
  { resolver: r }: Analysis,
  file: string,
  given: ExprId,
  handler: FnId,
): boolean {
  if (expressionFreshness(r, file, given) === 'unlinked') return false
  const { exprs } = r.program.facts(file)
  const whole = exprs[given]
  return exprs.some((each) => {
    if (each.k !== 'id' || !whole || each.start < whole.start || whole.end < each.end) return false
    return r.program.lookUp(file, each.name, each.scope)?.fn === handler
  })
}

/** `stream(res, signal)`, `work(signal).catch(next)`: the answer waits for it. */
function answers({ resolver: r }: Analysis, { node }: Judgement, handler: FnId): boolean {
  const { exprs } = r.program.facts(node.file)
  const call = exprs[node.expr]
  const isParameter = (id: ExprId): boolean => {
    const expr = exprs[id]
    if (expr?.k === 'obj') return expr.props.some((each) => isParameter(each.value))
    if (expr?.k !== 'id') return false
    const binding = r.program.lookUp(node.file, expr.name, expr.scope)
    return binding?.param?.fn === handler
  }
  const own = call?.k === 'call' || call?.k === 'new' ? call.args : []
  const behind = exprs.flatMap((each) => {
    const callee = each.k === 'call' ? exprs[each.callee] : undefined
    const isChained = callee?.k === 'member' && callee.object === node.expr
    return each.k === 'call' && isChained ? each.args : []
  })
  const given = node.given.k === 'signal' ? node.given.expr : undefined
  return [...own, ...behind].some((id) => id !== given && isParameter(id))
}
