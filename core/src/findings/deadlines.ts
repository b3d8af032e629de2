import { entityOf } from '../catalog/index.js'
import type { Expr, ExprId } from '../facts/types.js'
import type { Analysis } from '../graph/analysis.js'
import { libraryCall } from '../resolve/calls.js'
import { pathOf } from '../resolve/path.js'
import type { Resolver } from '../resolve/resolver.js'
import { makeFinding, type Found } from './make-finding.js'
import { workOf } from './use.js'

/**
 * A signal that no deadline ends: as long as its client waits, the statement runs.
 *
 * Reported: what a call is given as its signal, where that is the platform's own signal of a request, or is
 * joined of nothing else. Once a place.
 * Not reported: signals of the runtime, which always have a deadline; parameters, fields and what else is not
 * known; programs that give the server a \`statement_timeout\`.
 */
export function deadlineFindings(analysis: Analysis): Found[] {
  const found = new Map<string, Found>()
  for (const { node } of analysis.judgements) {
    if (node.given.k !== 'signal' || !analysis.reported.has(node.file)) continue
    if (analysis.isExempt(node.file)) continue
    for (const source of endlessSources(analysis, node.file, node.given.expr) ?? []) {
      const key = `${node.file}\0${String(source.start)}`
      const owner = pathOf(analysis.resolver.program.facts(node.file).exprs, source.object)
      if (owner === undefined || found.has(key)) continue
      found.set(key, {
        finding: makeFinding(analysis, {
          rule: 'require-deadline',
          reason: 'signal-without-deadline',
          file: node.file,
          span: source,
          fn: node.fn,
          name: `${owner}.${source.name}`,
          safety: 'suggestion',
          chain: [],
          data: { source: owner, work: workOf(node) },
        }),
      })
    }
  }
  return found.size > 0 && hasServerDeadline(analysis) ? [] : [...found.values()]
}

function hasServerDeadline({ resolver }: Analysis): boolean {
  for (const [, { exprs }] of resolver.files)
    if (
      exprs.some(
        (each) => each.k === 'obj' && each.props.some(({ name }) => name === 'statement_timeout'),
      )
    )
      return true
  return false
}

type Member = Expr & { k: 'member' }

/** The request's own signals that an expression is made of; undefined where something else may end it. */
function endlessSources(
  analysis: Analysis,
  file: string,
  id: ExprId,
  depth = 0,
): readonly Member[] | undefined {
  if (depth > 6) return undefined
  const r = analysis.resolver
  const expr = r.program.expr(file, id)
  switch (expr.k) {
    case 'as':
    case 'nonnull':
      return endlessSources(analysis, file, expr.of, depth + 1)
    case 'id': {
      const binding = r.program.lookUp(file, expr.name, expr.scope)
      if (!binding || binding.param || binding.path.length > 0 || binding.writes.length > 0)
        return undefined
      return binding.init === undefined
        ? undefined
        : endlessSources(analysis, file, binding.init, depth + 1)
    }
    case 'member':
      return isOfRequest(analysis, file, expr) ? [expr] : undefined
    case 'call': {
      if (!joins(analysis, file, expr.callee)) return undefined
      const [list] = expr.args
      const parts = list === undefined ? undefined : r.program.expr(file, list)
      if (parts?.k !== 'arr') return undefined
      const sources = parts.of.map((each) => endlessSources(analysis, file, each, depth + 1))
      return sources.every((each) => each !== undefined) ? sources.flat() : undefined
    }
    default:
      return undefined
  }
}

/** `AbortSignal.any([…])`: as long as all of its parts have no deadline, it has none. */
function joins({ resolver: r }: Analysis, file: string, callee: ExprId): boolean {
  const expr = r.program.expr(file, callee)
  return (
    expr.k === 'member' &&
    expr.name === 'any' &&
    r.expr(file, callee).some((each) => libraryCall(each)?.member.derives === 'arguments')
  )
}

/** `c.req.raw.signal`, `request.signal`: a member of what stands for a request that is a signal. */
function isOfRequest({ resolver: r }: Analysis, file: string, expr: Member): boolean {
  if (isMadeHere(r, file, expr.object)) return false
  return r.expr(file, expr.object).some((value) => {
    if (value.k !== 'lib') return false
    const entity = entityOf(value.lib, value.entity)
    const type = entity?.members?.[expr.name]?.type
    return entity?.request !== undefined && type?.endsWith('AbortSignal') === true
  })
}

/** `new Request(url)`: one that is sent, and that no client waits for. */
function isMadeHere({ program }: Resolver, file: string, id: ExprId): boolean {
  const expr = program.expr(file, id)
  const binding = expr.k === 'id' ? program.lookUp(file, expr.name, expr.scope) : undefined
  const made = binding?.init === undefined ? expr : program.expr(file, binding.init)
  return made.k === 'new'
}
