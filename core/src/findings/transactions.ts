import { append } from '../append.js'
import { oncePer } from '../once-per.js'
import type { Binding, ExprId, FileFacts, Fn, FnId, Span } from '../facts/types.js'
import type { Analysis, Judgement } from '../graph/analysis.js'
import { fnKey, type CallNode, type FnKey } from '../graph/model.js'
import { libraryCall } from '../resolve/calls.js'
import { pathOf } from '../resolve/path.js'
import { makeFinding, type Found } from './find.js'

/** Transactions that their libraries carry around by themselves. */
const carried = new Set(['mikro-orm'])

/**
 * A statement that runs outside of the transaction that stands around it.
 *
 * Reported: inside the callback of a transaction, a call of the same library whose receiver and arguments
 * have nothing of what the callback was given; between BEGIN and COMMIT on a client, a query on the pool that
 * the client is from. Each waits for a connection of its own while the transaction holds one, sees none of
 * its changes, and stays when it is rolled back.
 * Not reported: helpers that the callback calls; libraries that carry the transaction along (MikroORM, and
 * Sequelize with `useCLS`); statements that open, end or clean up.
 */
export function transactionFindings(analysis: Analysis): Found[] {
  const usesCls = [...analysis.reported.values()].some((facts) =>
    facts.exprs.some((each) => each.k === 'member' && each.name === 'useCLS'),
  )
  return analysis.judgements.flatMap((judgement): Found[] => {
    const { node } = judgement
    const { sink } = node
    if (sink?.library.kind !== 'database' || sink.sql === 'opening' || sink.sql === 'completion')
      return []
    if (!analysis.reported.has(node.file) || judgement.verdict === 'exempt') return []
    if (carried.has(sink.library.name) || (usesCls && sink.library.name === 'sequelize')) return []
    const inner = givenAround(analysis, node) ?? clientAround(analysis, node)
    return inner === undefined ? [] : [finding(analysis, judgement, inner)]
  })
}

function finding(analysis: Analysis, judgement: Judgement, inner: string): Found {
  const { node } = judgement
  return {
    judgement,
    finding: makeFinding(analysis, {
      rule: 'no-outer-client-in-transaction',
      reason: 'outer-client-in-transaction',
      file: node.file,
      span: node.callee,
      fn: node.fn,
      name: node.name,
      safety: 'suggestion',
      chain: [],
      data: { source: inner },
    }),
  }
}

/** What the transaction's callback around a call was given, where the call has nothing of it. */
function givenAround(analysis: Analysis, node: CallNode): string | undefined {
  const r = analysis.resolver
  const facts = r.program.facts(node.file)
  for (let id: FnId | undefined = node.fn; id !== undefined && id !== 0;) {
    const fn: Fn | undefined = facts.functions[id]
    if (!fn) return undefined
    const [given] = fn.params
    if (given?.name !== undefined && isTransaction(analysis, node, fn.argOf))
      return touches(analysis, node.file, facts.exprs[node.expr], fn.id) ? undefined : given.name
    id = fn.parent
  }
  return undefined
}

function isTransaction(
  { resolver: r }: Analysis,
  { file, sink }: CallNode,
  argOf: { readonly call: ExprId } | undefined,
): boolean {
  const call = argOf && r.program.expr(file, argOf.call)
  if (call?.k !== 'call') return false
  return r.expr(file, call.callee).some((value) => {
    const described = libraryCall(value)
    return described?.member.transaction === true && described.lib === sink?.library.name
  })
}

/** Whether a part of a program names something that a function was given or has made. */
function touches(
  analysis: Analysis,
  file: string,
  part: Span | undefined,
  fn: FnId,
  depth = 0,
): boolean {
  if (!part || depth > 6) return false
  const { program } = analysis.resolver
  const facts = program.facts(file)
  return facts.exprs.some((expr) => {
    if (expr.k !== 'id' || expr.start < part.start || expr.end > part.end) return false
    const binding = program.lookUp(file, expr.name, expr.scope)
    if (!binding || !isInside(facts, binding, fn)) return false
    if (binding.param?.fn === fn) return true
    // What is made of it inside: `const users = tx.getRepository(User)`.
    const made = [binding.init, ...binding.writes].flatMap((id) => facts.exprs[id ?? -1] ?? [])
    return binding.param !== undefined
      ? false
      : made.some((each) => each !== expr && touches(analysis, file, each, fn, depth + 1))
  })
}

function isInside({ functions }: FileFacts, binding: Binding, fn: FnId): boolean {
  for (let id: FnId | undefined = binding.fn; id !== undefined; id = functions[id]?.parent)
    if (id === fn) return true
  return false
}

const callsByFunction = oncePer((analysis: Analysis): ReadonlyMap<FnKey, readonly CallNode[]> => {
  const calls = new Map<FnKey, CallNode[]>()
  for (const each of analysis.calls) {
    append(calls, fnKey(each), each)
  }
  return calls
})

/** The calls of the function that a call stands in. */
function callsOf(analysis: Analysis, node: CallNode): readonly CallNode[] {
  return callsByFunction(analysis).get(fnKey(node)) ?? []
}

/** `await client.query('BEGIN')`, and then `pool.query(…)` of the pool that the client is from. */
function clientAround(analysis: Analysis, node: CallNode): string | undefined {
  if (node.sink?.library.name !== 'pg') return undefined
  const facts = analysis.resolver.program.facts(node.file)
  const pool = receiverOf(facts, node)
  if (pool === undefined) return undefined
  const own = callsOf(analysis, node)
  for (const opening of own) {
    if (opening.sink?.sql !== 'opening' || opening.callee.start > node.callee.start) continue
    const client = receiverOf(facts, opening)
    if (client === undefined || client === pool || !isFrom(facts, node.fn, client, pool)) continue
    const isOver = own.some(
      (each) =>
        each.sink?.sql === 'completion' &&
        !each.site.inCatch &&
        opening.callee.start < each.callee.start &&
        each.callee.start < node.callee.start &&
        receiverOf(facts, each) === client,
    )
    if (!isOver) return client
  }
  return undefined
}

/** `const client = await pool.connect()` in the same function. */
function isFrom(facts: FileFacts, fn: FnId, client: string, pool: string): boolean {
  return facts.bindings.some((binding) => {
    if (binding.fn !== fn || binding.name !== client) return false
    const init = facts.exprs[binding.init ?? -1]
    const call = init?.k === 'await' ? facts.exprs[init.of] : undefined
    const callee = call?.k === 'call' ? facts.exprs[call.callee] : undefined
    return (
      callee?.k === 'member' &&
      callee.name === 'connect' &&
      pathOf(facts.exprs, callee.object) === pool
    )
  })
}

function receiverOf(facts: FileFacts, node: CallNode): string | undefined {
  const call = facts.exprs[node.expr]
  const callee = call?.k === 'call' ? facts.exprs[call.callee] : undefined
  return callee?.k === 'member' ? pathOf(facts.exprs, callee.object) : undefined
}
