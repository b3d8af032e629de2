import type { CallSite, Expr, ExprId, FileFacts, ObjProp, Span } from '../facts/types.js'
import type { Analysis } from '../graph/analysis.js'
import { fnKey, type CallNode } from '../graph/model.js'
import { libraryCall } from '../resolve/calls.js'
import { makeFinding, type Found } from './find.js'

/**
 * A timeout that ends the wait in this process alone.
 *
 * Reported: `query_timeout` of pg, in the configuration of a pool or a client without a `statement_timeout`
 * and in that of a query without a signal; `timeout` of Prisma's `$transaction(callback)`; `Promise.race` of a
 * timer and a call that gets no signal and leads to a database.
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
      const raced = call.k === 'call' && racedBy(facts, call)
      if (raced && raced.some((each) => isTimer(facts, each))) {
        const callee = facts.exprs[call.callee]
        const isOpen = raced.some((each) =>
          unsignalled.has(placeOf(file, awaitedCall(facts, each))),
        )
        if (callee && isOpen) report(site, callee, 'Promise.race', 'AbortSignal')
      }
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
  const config = propertiesOf(r.program.facts(file), call.args[0])
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

const keyOf = ({ name = '', start }: ObjProp): Span => ({ start, end: start + name.length })

function propertiesOf({ exprs }: FileFacts, id: ExprId | undefined) {
  const expr = id === undefined ? undefined : exprs[id]
  return expr?.k === 'obj' ? expr.props : []
}

/** The elements of `Promise.race([…])`. */
export function racedBy({ exprs }: FileFacts, call: CallOrNew): readonly ExprId[] | undefined {
  const callee = exprs[call.callee]
  const owner = callee?.k === 'member' && callee.name === 'race' ? exprs[callee.object] : undefined
  if (owner?.k !== 'id' || owner.name !== 'Promise') return undefined
  const list = exprs[call.args[0] ?? -1]
  return list?.k === 'arr' ? list.of : undefined
}

const timers = /^(?:setTimeout|sleep|wait|delay|timer|timeout\w*|\w*Timeout|\w*Deadline|\w*After)$/

/** `sleep(1_000)`, `new Promise((_, reject) => setTimeout(reject, 1_000))`, or a variable called so. */
export function isTimer(facts: FileFacts, id: ExprId): boolean {
  const expr = facts.exprs[awaitedCall(facts, id)]
  if (expr?.k === 'id') return timers.test(expr.name)
  if (expr?.k === 'call') {
    const callee = facts.exprs[expr.callee]
    if (callee?.k !== 'id' && callee?.k !== 'member') return false
    return timers.test(callee.name) || (callee.k === 'id' && makesTimer(facts, callee.name))
  }
  if (expr?.k !== 'new') return false
  return facts.exprs.some(
    (each) =>
      each.k === 'id' &&
      each.name === 'setTimeout' &&
      expr.start <= each.start &&
      each.end <= expr.end,
  )
}

/** `const after = (ms) => new Promise((_, reject) => setTimeout(reject, ms))`, whatever it is called. */
function makesTimer(facts: FileFacts, name: string): boolean {
  const binding = facts.bindings.find((each) => each.name === name && each.fn === 0)
  const init = facts.exprs[binding?.init ?? -1]
  const fn = facts.functions[init?.k === 'fn' ? init.fn : (binding?.fns.at(-1) ?? -1)]
  const [made, ...more] = fn?.returns ?? []
  if (made === undefined || more.length > 0) return false
  return facts.exprs[made]?.k === 'new' && isTimer(facts, made)
}

/** The call behind `.then(…)` and the like. */
export function awaitedCall(facts: FileFacts, id: ExprId): ExprId {
  const expr = facts.exprs[id]
  const callee = expr?.k === 'call' ? facts.exprs[expr.callee] : undefined
  return callee?.k === 'member' && /^(?:then|catch|finally)$/.test(callee.name)
    ? awaitedCall(facts, callee.object)
    : id
}
