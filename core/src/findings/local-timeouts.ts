import type { CallSite, Expr, ExprId, FileFacts, ObjProp, Span } from '../facts/types.js'
import type { Analysis } from '../graph/analysis.js'
import { fnKey, type CallNode } from '../graph/model.js'
import { libraryCall } from '../resolve/calls.js'
import type { Resolver } from '../resolve/resolver.js'
import { makeFinding, type Found } from './make-finding.js'
import { awaitedCall, isRacedBelow, isTimer, racedBy } from './raced.js'

/**
 * A timeout that ends the wait in this process alone.
 *
 * Reported: `query_timeout` of pg, in the configuration of a pool or a client without a `statement_timeout`
 * and in that of a query without a signal; `timeout` of Prisma's `$transaction(callback)`; `Promise.race` of a
 * timer and a call that gets no signal and leads to a database, also in an own function that is given the call.
 * Not reported: where the call is given a signal or a surrounding one, which ends the statement too.
 */
export function localTimeoutFindings(analysis: Analysis): Found[] {
  const unsignalled = new Set<string>()
  for (const { node, verdict } of analysis.judgements) {
    const isOpen = verdict === 'lost' || verdict === 'wanting'
    if (isOpen && leadsToDatabase(analysis, node)) unsignalled.add(placeOf(node.file, node.expr))
  }
  const found: Found[] = []
  for (const [file, facts] of analysis.reported) {
    if (analysis.isExempt(facts.path)) continue
    const report = (site: CallSite, span: Span, name: string, source: string): void => {
      found.push({
        finding: makeFinding(analysis, {
          rule: 'no-ineffective-cancel',
          reason: 'timeout-only-rejects',
          file,
          span,
          fn: site.fn,
          name,
          safety: 'manual',
          chain: [],
          data: { source },
        }),
      })
    }
    for (const site of facts.calls) {
      const call = facts.exprs[site.expr]
      if (call?.k !== 'call' && call?.k !== 'new') continue
      const option = queryTimeout(analysis, file, call, unsignalled.has(placeOf(file, site.expr)))
      if (option) report(site, option, 'query_timeout', 'statement_timeout')
      const limit = transactionTimeout(analysis, file, call)
      if (limit) report(site, limit, 'timeout', 'statement_timeout')
      const isOpen = (id: ExprId) => unsignalled.has(placeOf(file, awaitedCall(facts, id)))
      const raced = call.k === 'call' && racedBy(facts, call)
      if (raced && raced.some((each) => isTimer(facts, each))) {
        const callee = facts.exprs[call.callee]
        if (callee && raced.some(isOpen)) report(site, callee, 'Promise.race', 'AbortSignal')
      }
      const callee = call.k === 'call' ? facts.exprs[call.callee] : undefined
      if (callee && isRacedBelow(analysis.resolver, facts, call, isOpen))
        report(site, callee, calleeName(callee), 'AbortSignal')
    }
  }
  return found
}

type CallOrNew = Expr & { k: 'call' | 'new' }

const placeOf = (file: string, expr: ExprId) => `${file}\0${String(expr)}`

function leadsToDatabase(analysis: Analysis, node: CallNode): boolean {
  if (node.sink) return node.sink.library.kind === 'database'
  return node.targets.some((each) => analysis.wanting.has(fnKey(analysis.units.of(each) ?? each)))
}

/** The key in `new Pool({ query_timeout })`, or in `pool.query({ text, query_timeout })` without a signal. */
function queryTimeout(
  { resolver: r }: Analysis,
  file: string,
  call: CallOrNew,
  isUnsignalled: boolean,
): Span | undefined {
  const config = propertiesOf(r.program.facts(file), written(r, file, call.args[0]))
  const given = config.find((each) => each.name === 'query_timeout')
  if (!given || config.some((each) => each.name === 'statement_timeout')) return undefined
  const isPg =
    call.k === 'new'
      ? r.expr(file, call.callee).some((each) => each.k === 'libclass' && each.lib.name === 'pg')
      : isUnsignalled && r.expr(file, call.callee).some((each) => libraryCall(each)?.lib === 'pg')
  return isPg ? keyOf(given) : undefined
}

/** The key `timeout` in `prisma.$transaction(callback, { timeout })`. */
function transactionTimeout(
  { resolver: r }: Analysis,
  file: string,
  call: CallOrNew,
): Span | undefined {
  const options = propertiesOf(r.program.facts(file), call.args[1])
  const given = options.find((each) => each.name === 'timeout')
  if (!given || call.k !== 'call') return undefined
  const isPrisma = r.expr(file, call.callee).some((each) => {
    const described = libraryCall(each)
    return described?.lib === 'prisma' && described.member.transaction === true
  })
  return isPrisma ? keyOf(given) : undefined
}

const calleeName = (callee: Expr): string =>
  callee.k === 'id' || callee.k === 'member' ? callee.name : ''

/** The object itself, or what a constant of the file holds: `new Pool(config)`. */
function written(r: Resolver, file: string, id: ExprId | undefined): ExprId | undefined {
  const expr = id === undefined ? undefined : r.program.expr(file, id)
  const binding = expr?.k === 'id' ? r.program.lookUp(file, expr.name, expr.scope) : undefined
  return binding?.kind === 'const' && binding.path.length === 0 ? binding.init : id
}

const keyOf = ({ name = '', start }: ObjProp): Span => ({ start, end: start + name.length })

function propertiesOf({ exprs }: FileFacts, id: ExprId | undefined) {
  const expr = id === undefined ? undefined : exprs[id]
  return expr?.k === 'obj' ? expr.props : []
}
