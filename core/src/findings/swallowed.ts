import { append } from '../append.js'
import { isWithin } from '../facts/text.js'
import type { Catch, Expr, ExprId, FileFacts, FnId, Span } from '../facts/types.js'
import { exprsWithin } from '../facts/within.js'
import type { Analysis } from '../graph/analysis.js'
import type { CallNode } from '../graph/model.js'
import { oncePer } from '../once-per.js'
import { makeFinding, type Found } from './make-finding.js'

/**
 * A `catch` that makes an abort look like something else: a success, a retry, an error of the server.
 *
 * Reported: a clause around a call that is given a signal, and a `.catch()` of its promise, that throws
 * nothing, gives the error to nothing but a log, and does not look at the signal.
 * Not reported: clauses that rethrow, hand the error on or return it, or tell aborts apart by the signal, by a
 * name or by PostgreSQL's code 57014.
 */
export function swallowedFindings(analysis: Analysis): Found[] {
  const found = new Map<string, Found>()
  for (const { node, verdict } of analysis.judgements) {
    if (verdict !== 'passed' || node.given.k !== 'signal' || !analysis.reported.has(node.file))
      continue
    const facts = analysis.resolver.program.facts(node.file)
    const clause = clauseAround(facts, node) ?? chainedClause(facts, node)
    if (!clause || clause.rethrows || isHandled(facts, clause)) continue
    const key = `${node.file}\0${String(clause.start)}`
    if (!found.has(key)) found.set(key, finding(analysis, node, clause))
  }
  return [...found.values()]
}

function finding(analysis: Analysis, node: CallNode, clause: Span): Found {
  return {
    finding: makeFinding(analysis, {
      rule: 'no-swallowed-abort',
      reason: 'abort-swallowed',
      file: node.file,
      span: { start: clause.start, end: clause.start + 'catch'.length },
      fn: node.fn,
      name: node.name,
      safety: 'manual',
      chain: [],
      data: {},
    }),
  }
}

type Clause = Span & Pick<Catch, 'rethrows'> & { readonly error: string | undefined }

const catchesByFunction = oncePer((facts: FileFacts): ReadonlyMap<FnId, readonly Catch[]> => {
  const byFunction = new Map<FnId, Catch[]>()
  for (const each of facts.catches) {
    append(byFunction, each.fn, each)
  }
  return byFunction
})

/** The innermost clause whose block holds the call, awaited there. */
function clauseAround(facts: FileFacts, node: CallNode): Clause | undefined {
  const { start, end } = facts.exprs[node.expr] ?? node.callee
  if (node.site.use !== 'await') return undefined
  const around = (catchesByFunction(facts).get(node.fn) ?? []).filter(
    (each) => each.guarded.start <= start && end <= each.guarded.end,
  )
  const [inner] = around.toSorted((a, b) => b.guarded.start - a.guarded.start)
  return inner && { ...inner, error: errorOf(facts, inner) }
}

function errorOf(facts: FileFacts, clause: Span): string | undefined {
  return facts.bindings.find((each) => each.kind === 'catch' && isWithin(each, clause))?.name
}

/** `load(signal).catch(() => [])` */
function chainedClause(facts: FileFacts, node: CallNode): Clause | undefined {
  const expr = caughtBy(facts).get(node.expr)
  const callee = expr && facts.exprs[expr.callee]
  const handler = expr && facts.exprs[expr.args[0] ?? -1]
  const fn = handler?.k === 'fn' ? facts.functions[handler.fn] : undefined
  if (!expr || callee?.k !== 'member' || !fn) return undefined
  const rethrows = facts.throws.some((each) => each.fn === fn.id)
  const start = callee.nameStart
  return { start, end: expr.end, rethrows, error: fn.params[0]?.name }
}

type Call = Expr & { k: 'call' | 'new' }

/** The first `.catch()` of each promise: of `load(signal)` itself, or of `load(signal).then(…).finally(…)`. */
const caughtBy = oncePer((facts: FileFacts): ReadonlyMap<ExprId, Call> => {
  const catching = new Map<ExprId, Call>()
  for (const expr of facts.exprs) {
    const callee = expr.k === 'call' ? facts.exprs[expr.callee] : undefined
    if (expr.k !== 'call' || callee?.k !== 'member' || callee.name !== 'catch') continue
    let from: ExprId | undefined = callee.object
    for (; from !== undefined && !catching.has(from); from = promiseBefore(facts, from))
      catching.set(from, expr)
  }
  return catching
})

function promiseBefore(facts: FileFacts, id: ExprId): ExprId | undefined {
  const expr = facts.exprs[id]
  const callee = expr?.k === 'call' ? facts.exprs[expr.callee] : undefined
  if (expr?.k !== 'call' || callee?.k !== 'member') return undefined
  return chained.has(callee.name) && expr.args.length < 2 ? callee.object : undefined
}

const chained = new Set(['then', 'finally'])

const tellsAborts = /abort|cancel|57014/i
const logs =
  /^(?:console|log|logger|debug|trace|info|warn|error|report|capture\w*|sentry|\$?print)$/i

function isHandled(facts: FileFacts, clause: Clause): boolean {
  return (
    exprsWithin(facts, clause).some((expr) => {
      switch (expr.k) {
        case 'id':
          return tellsAborts.test(expr.name)
        case 'member':
          return tellsAborts.test(expr.name) || expr.name === 'throwIfAborted'
        case 'str':
          return tellsAborts.test(expr.value)
        case 'call':
          return (
            !isLog(facts, expr.callee) && expr.args.some((each) => isError(facts, each, clause))
          )
        case 'assign':
          return isError(facts, expr.value, clause)
        default:
          return false
      }
    }) ||
    facts.functions.some(({ returns }) => returns.some((each) => isReturned(facts, each, clause)))
  )
}

/** The error itself, or within a literal: `next(error)`, `respond({ error })`. */
function isError(facts: FileFacts, id: number, clause: Clause): boolean {
  const expr = facts.exprs[id]
  if (!expr || clause.error === undefined) return false
  if (expr.k === 'id') return expr.name === clause.error
  if (expr.k === 'obj') return expr.props.some((each) => isError(facts, each.value, clause))
  if (expr.k === 'as' || expr.k === 'nonnull') return isError(facts, expr.of, clause)
  return false
}

function isReturned(facts: FileFacts, id: number, clause: Clause): boolean {
  const expr = facts.exprs[id]
  return expr !== undefined && isWithin(expr, clause) && isError(facts, id, clause)
}

/** `console.error`, `this.logger.warn`, `req.log.error`: some word of the path says so. */
function isLog(facts: FileFacts, id: number): boolean {
  const expr = facts.exprs[id]
  if (expr?.k === 'id') return logs.test(expr.name)
  return expr?.k === 'member' && (logs.test(expr.name) || isLog(facts, expr.object))
}
