import type { Binding, ExprId, FileFacts } from '../facts/types.js'
import { exprsWithin } from '../facts/within.js'
import type { Analysis, Judgement } from '../graph/analysis.js'
import { expressionFreshness } from '../graph/freshness.js'
import type { SignalSource } from '../graph/model.js'
import type { Resolver } from '../resolve/resolver.js'
import { oncePer } from '../once-per.js'
import { isSignal } from '../resolve/values.js'
import { makeFinding, type Found } from './make-finding.js'
import type { Reason } from './reasons.js'

/**
 * A call that passes a signal which nothing but a timer or a controller of its own aborts, although a
 * signal of the caller is in scope.
 *
 * Reported: a fresh signal passed directly or by way of a variable; one branch of a conditional that is
 * fresh; a variable that held the caller's signal, overwritten with a fresh one; the object's own signal
 * where the method was given one.
 * Not reported: a fallback for a signal that is missing (`signal ?? …`, `if (!signal)`), a joined signal,
 * a controller that a listener aborts, cleanup behind an abort, in `catch` or in `finally`.
 */
export function detachedFindings(analysis: Analysis): Found[] {
  return [...passedFresh(analysis), ...overwritten(analysis)]
}

/** `signal = AbortSignal.timeout(100)`: from here on nothing of the caller's is left. */
function overwritten(analysis: Analysis): Found[] {
  const r = analysis.resolver
  return [...analysis.reported].flatMap(([file, facts]) => {
    if (analysis.isExempt(facts.path)) return []
    return facts.exprs.flatMap((expr): Found[] => {
      const target = expr.k === 'assign' && expr.op === '=' ? facts.exprs[expr.target] : undefined
      if (expr.k !== 'assign' || target?.k !== 'id') return []
      const binding = r.program.lookUp(file, target.name, target.scope)
      if (!binding || !heldCallers(r, file, binding)) return []
      if (expressionFreshness(r, file, expr.value) !== 'unlinked') return []
      const site = facts.calls.find((each) => each.expr === expr.value)
      if (!site || site.inCatch || site.inFinally || site.inAbort) return []
      if (site.guards.some((guard) => namesIn(r, file, guard).has(target.name))) return []
      return [
        {
          finding: makeFinding(analysis, {
            rule: 'no-detached-signal',
            reason: 'fresh-signal-unlinked',
            file,
            span: facts.exprs[expr.value] ?? expr,
            fn: site.fn,
            name: target.name,
            safety: 'manual',
            chain: [],
            data: { source: target.name },
          }),
        },
      ]
    })
  })
}

function heldCallers(r: Resolver, file: string, binding: Binding): boolean {
  if (binding.param) return r.binding(file, binding).some(isSignal)
  if (binding.init === undefined || !r.expr(file, binding.init).some(isSignal)) return false
  return expressionFreshness(r, file, binding.init) !== 'unlinked'
}

function passedFresh(analysis: Analysis): Found[] {
  const seen = new Set<string>()
  return analysis.judgements.flatMap((judgement): Found[] => {
    const { node, verdict } = judgement
    if (verdict !== 'passed' || node.given.k !== 'signal') return []
    const callers = judgement.sources.filter(
      (each) => each.kind !== 'request' && each.kind !== 'callback',
    )
    const [source] = callers
    if (!source || node.site.inCatch || node.site.inFinally) return []
    if (
      isGuarded(analysis.resolver, judgement, callers) ||
      isAfterAbort(analysis.resolver, judgement)
    )
      return []
    const problem = problemOf(analysis.resolver, judgement, node.given.expr, callers)
    if (!problem) return []
    const key = `${node.file}:${problem.at}`
    if (seen.has(key)) return []
    seen.add(key)
    const expr = analysis.resolver.program.expr(node.file, problem.at)
    return [
      {
        judgement,
        finding: makeFinding(analysis, {
          rule:
            problem.reason === 'outer-signal-shadowed' ? 'forward-signal' : 'no-detached-signal',
          reason: problem.reason,
          file: node.file,
          span: spanIn(analysis.resolver, node, expr, problem.reason),
          fn: node.fn,
          name: node.name,
          safety: 'suggestion',
          chain: [],
          data: { source: source.text },
        }),
      },
    ]
  })
}

/** A fresh signal in a variable of options is told where it is used, as is one in a variable of its own. */
function spanIn(
  r: Resolver,
  node: Judgement['node'],
  expr: { readonly start: number; readonly end: number },
  reason: Reason,
): { readonly start: number; readonly end: number } {
  const call = r.program.expr(node.file, node.expr)
  const isInside = call.start <= expr.start && expr.end <= call.end
  return isInside || reason === 'fresh-signal-on-one-branch' ? expr : node.callee
}

function problemOf(
  r: Resolver,
  { node }: Judgement,
  given: ExprId,
  callers: readonly SignalSource[],
): { reason: Reason; at: ExprId } | undefined {
  const { file } = node
  const expr = r.program.expr(file, given)
  if (expr.k === 'member' && r.program.expr(file, expr.object).k === 'this') {
    const nearer = callers.some((each) => each.kind === 'binding' && each.depth === 0)
    return nearer ? { reason: 'outer-signal-shadowed', at: given } : undefined
  }
  if (expressionFreshness(r, file, given) === 'unlinked') {
    return { reason: 'fresh-signal-unlinked', at: given }
  }
  const branch = freshBranch(r, file, given)
  return branch === undefined ? undefined : { reason: 'fresh-signal-on-one-branch', at: branch }
}

/** The conditional expression of which one side is fresh and the other is not. */
function freshBranch(r: Resolver, file: string, id: ExprId, depth = 0): ExprId | undefined {
  const expr = r.program.expr(file, id)
  if (depth > 4) return undefined
  if (expr.k === 'id') {
    const binding = r.program.lookUp(file, expr.name, expr.scope)
    if (binding?.init === undefined || binding.param) return undefined
    return freshBranch(r, file, binding.init, depth + 1)
  }
  if (expr.k !== 'either' || expr.op !== '?') return undefined
  const [yes = 0, no = 0, test = 0] = expr.of
  const sides = [yes, no].map((each) => expressionFreshness(r, file, each) === 'unlinked')
  if (sides[0] === sides[1]) return undefined
  // `signal ? any([signal, deadline]) : deadline` has nothing to inherit on that side.
  const kept = sides[0] === true ? no : yes
  return mentionsSame(r, file, test, kept) ? undefined : id
}

function mentionsSame(r: Resolver, file: string, test: ExprId, kept: ExprId): boolean {
  const names = namesIn(r, file, kept)
  return [...namesIn(r, file, test)].some((each) => names.has(each))
}

/** Names read anywhere below an expression. */
function namesIn(r: Resolver, file: string, id: ExprId): Set<string> {
  const facts = r.program.facts(file)
  const outer = facts.exprs[id]
  const within = outer ? exprsWithin(facts, outer) : []
  return new Set(within.flatMap((each) => (each.k === 'id' ? [each.name] : [])))
}

/** `if (!signal) return load(id, AbortSignal.timeout(5_000))` */
function isGuarded(r: Resolver, { node }: Judgement, callers: readonly SignalSource[]): boolean {
  const roots = new Set(callers.map((each) => each.text.split(/[?.]/)[0]))
  return node.site.guards.some((guard) =>
    [...namesIn(r, node.file, guard)].some((name) => roots.has(name)),
  )
}

/** The caller's signal has been waited for before: what comes then is cleanup, with a deadline of its own. */
function isAfterAbort(r: Resolver, { node }: Judgement): boolean {
  const facts = r.program.facts(node.file)
  const position = facts.exprs[node.expr]?.start ?? 0
  return waitsForAbort(facts).some(
    ({ statement }) => statement.end <= position && isAwaitedIn(r, node, statement.start, position),
  )
}

/** `signal.addEventListener('abort', …)`, `once(signal, 'abort')` */
const waitsForAbort = oncePer(({ calls, exprs }: FileFacts) =>
  calls.filter((site) => {
    const call = exprs[site.expr]
    if (call?.k !== 'call') return false
    const callee = exprs[call.callee]
    const isNamed = call.args.some((arg) => {
      const each = exprs[arg]
      return each?.k === 'str' && each.value === 'abort'
    })
    if (!isNamed) return false
    return callee?.k === 'member'
      ? callee.name === 'addEventListener'
      : callee?.k === 'id' && callee.name === 'once'
  }),
)

/** The listener is registered inside an awaited promise of the same function. */
function isAwaitedIn(r: Resolver, node: Judgement['node'], from: number, before: number): boolean {
  const { exprs } = r.program.facts(node.file)
  const fn = r.program.fn(node.file, node.fn)
  return exprs.some(
    (each) =>
      each.k === 'await' &&
      each.start >= fn.start &&
      each.start <= from &&
      each.end >= from &&
      each.end <= before,
  )
}
