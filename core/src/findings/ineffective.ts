import type { CallSite, Expr, ExprId } from '../facts/types.js'
import type { Analysis, Judgement } from '../graph/analysis.js'
import { carrierSlot } from '../graph/carrier-slot.js'
import { makeFinding, type Found } from './make-finding.js'

/**
 * Cancellation that does not reach the server.
 *
 * Reported: a signal in the options of a library that leaves the statement running unless a further option
 * says otherwise; Knex's `.timeout(ms)` without `{ cancel: true }`.
 * Not reported: options that cannot be read here, or that name a strategy which ends the statement.
 */
export function ineffectiveFindings(analysis: Analysis): Found[] {
  const found = analysis.judgements.flatMap((each) => withoutStrategy(analysis, each) ?? [])
  for (const [file, facts] of analysis.reported) {
    if (analysis.isExempt(facts.path)) continue
    for (const site of facts.calls) {
      const timeout = timeoutWithoutCancel(analysis, file, site)
      if (timeout) found.push(timeout)
    }
  }
  return found
}

const effective = new Set(['cancel query', 'kill session'])

/** `.execute({ signal })` of Kysely: the promise rejects, and the statement runs on. */
function withoutStrategy(analysis: Analysis, judgement: Judgement): Found | undefined {
  const { node, verdict } = judgement
  if (verdict !== 'passed' || node.given.k !== 'signal' || !node.sink) return undefined
  const r = analysis.resolver
  const call = r.program.expr(node.file, node.expr)
  if (call.k !== 'call') return undefined
  for (const carrier of node.sink.spec.carriers) {
    if (carrier.kind !== 'option' || !carrier.also) continue
    const slot = carrierSlot(r, node.file, call, carrier)
    const arg = slot?.kind === 'option' ? call.args[slot.index] : undefined
    const options = arg === undefined ? undefined : writtenOptions(analysis, node, arg)
    if (options?.k !== 'obj' || options.props.some((each) => each.spread)) continue
    const [key = '', wanted = ''] = Object.entries(carrier.also)[0] ?? []
    const given = options.props.find((each) => each.name === key)
    const value = given && r.program.expr(node.file, given.value)
    if (value && (value.k !== 'str' || effective.has(value.value))) continue
    return {
      judgement,
      finding: makeFinding(analysis, {
        rule: 'no-ineffective-cancel',
        reason: 'signal-without-strategy',
        file: node.file,
        span: node.callee,
        fn: node.fn,
        name: node.name,
        safety: 'suggestion',
        chain: [],
        data: { source: `${key}: '${wanted}'` },
      }),
    }
  }
  return undefined
}

/** The object in its place, or the one of a constant to which nothing is added. */
function writtenOptions(
  { resolver: r }: Analysis,
  { file, given }: Judgement['node'],
  arg: ExprId,
): Expr | undefined {
  const expr = r.program.expr(file, arg)
  if (expr.k !== 'id') return expr
  const owner = given.k === 'signal' ? r.index(file).propertyOf(given.expr)?.object : undefined
  const isExtended = r.program.facts(file).writes.some((each) => {
    const object = r.program.expr(file, each.object)
    return object.k === 'id' && object.name === expr.name
  })
  return owner === undefined || isExtended ? undefined : r.program.expr(file, owner)
}

/** `db('users').timeout(1_000)`: the promise rejects, the connection is thrown away, the statement runs on. */
function timeoutWithoutCancel(analysis: Analysis, file: string, site: CallSite): Found | undefined {
  const r = analysis.resolver
  const call = r.program.expr(file, site.expr)
  const callee = call.k === 'call' ? r.program.expr(file, call.callee) : undefined
  if (call.k !== 'call' || callee?.k !== 'member' || callee.name !== 'timeout') return undefined
  const isKnex = r
    .expr(file, call.callee)
    .some((each) => each.k === 'libmember' && each.lib.name === 'knex')
  if (!isKnex || cancels(analysis, file, call.args[1])) return undefined
  return {
    finding: makeFinding(analysis, {
      rule: 'no-ineffective-cancel',
      reason: 'timeout-without-cancel',
      file,
      span: { start: callee.nameStart, end: callee.end },
      fn: site.fn,
      name: 'timeout',
      safety: 'suggestion',
      chain: [],
      data: { source: '{ cancel: true }' },
    }),
  }
}

/** `{ cancel: true }`, or options that are not written here. */
function cancels(analysis: Analysis, file: string, id: ExprId | undefined): boolean {
  if (id === undefined) return false
  const options = analysis.resolver.program.expr(file, id)
  return options.k !== 'obj' || options.props.some((each) => each.spread || each.name === 'cancel')
}
