import { append } from '../append.js'
import { oncePer } from '../once-per.js'
import type { Analysis, Judgement } from '../graph/analysis.js'
import { fnKey, type CallNode, type FnKey } from '../graph/model.js'
import { callbackAround, clientBefore, receiverOf, touches } from '../graph/transactions.js'
import type { ChainLink } from './finding.js'
import { linkOf, makeFinding, type Found } from './make-finding.js'
import { lastName, wayOutside } from './outside.js'

/** Transactions that their libraries carry around by themselves. */
const carried = new Set(['mikro-orm'])
/** Packages that carry the transactions of others around: what a statement runs on is not to be seen. */
const carriers = new Set(['typeorm-transactional', 'typeorm-transactional-cls-hooked'])

/**
 * A statement that runs outside of the transaction that stands around it.
 *
 * Reported: inside the callback of a transaction, of a library's or of an own helper's, a call of the same library whose receiver and arguments
 * have nothing of what the callback was given; between BEGIN and COMMIT on a client, a query on the pool that
 * the client is from; in either, a call of an own function that is given nothing of it and leads to such a
 * statement on a client that stands outside for certain. Each waits for a connection of its own while the
 * transaction holds one, sees none of its changes, and stays when it is rolled back.
 * Not reported: libraries that carry the transaction along (MikroORM, and Sequelize with `useCLS`); statements
 * that open, end or clean up; own functions that are not awaited, or that something runs which was given the
 * transaction (`storage.run(tx, () => save())`).
 */
export function transactionFindings(analysis: Analysis): Found[] {
  return analysis.judgements.flatMap((judgement): Found[] => {
    const { node, verdict } = judgement
    if (!analysis.reported.has(node.file) || verdict === 'exempt') return []
    if (node.sink) return direct(analysis, judgement)
    return verdict === 'detached' ? [] : throughHelper(analysis, judgement)
  })
}

function direct(analysis: Analysis, judgement: Judgement): Found[] {
  const { node } = judgement
  const { sink } = node
  if (sink?.library.kind !== 'database' || sink.sql === 'opening' || sink.sql === 'completion')
    return []
  if (isCarried(analysis, sink.library.name)) return []
  const inner = givenAround(analysis, node) ?? clientAround(analysis, node)
  return inner === undefined ? [] : [finding(analysis, judgement, inner)]
}

function throughHelper(analysis: Analysis, judgement: Judgement): Found[] {
  const { node } = judgement
  if (node.kind !== 'call' || node.unawaited || node.targets.length === 0) return []
  const { resolver: r } = analysis
  const around = callbackAround(r, node)
  const before = around ? undefined : clientBefore(r, node, callsOf(analysis, node))
  if (around) {
    if (isCarried(analysis, around.library) || isGiven(analysis, node, around.callback ?? 0))
      return []
  } else if (!before || names(analysis, node, before.client)) return []
  const way = wayOutside(analysis, node, {
    library: around?.library ?? 'pg',
    pool: before?.pool ?? around?.pool,
    callsOf: (ref) => callsByFunction(analysis).get(fnKey(ref)) ?? [],
  })
  if (!way) return []
  const chain = [node, ...way].map((each) => linkOf(analysis, each))
  return [finding(analysis, judgement, around?.inner ?? before?.client ?? '', chain)]
}

function isCarried({ resolver, reported }: Analysis, library: string): boolean {
  if (carried.has(library)) return true
  if (library === 'sequelize')
    return [...reported.values()].some((facts) =>
      facts.exprs.some((each) => each.k === 'member' && each.name === 'useCLS'),
    )
  return (
    library === 'typeorm' &&
    [...resolver.files].some(([, { modules }]) => modules.some((each) => carriers.has(each)))
  )
}

function finding(
  analysis: Analysis,
  judgement: Judgement,
  inner: string,
  chain: readonly ChainLink[] = [],
): Found {
  const { node } = judgement
  const isDirect = chain.length === 0
  return {
    judgement,
    finding: makeFinding(analysis, {
      rule: 'no-outer-client-in-transaction',
      reason: isDirect ? 'outer-client-in-transaction' : 'helper-outside-transaction',
      file: node.file,
      span: node.callee,
      fn: node.fn,
      name: node.name,
      safety: isDirect ? 'suggestion' : 'manual',
      chain,
      data: { source: inner },
    }),
  }
}

/** What the transaction's callback around a call was given, where the call has nothing of it. */
function givenAround({ resolver: r }: Analysis, node: CallNode): string | undefined {
  const around = callbackAround(r, node)
  if (around?.callback === undefined || around.library !== node.sink?.library.name) return undefined
  const receiver = receiverOf(r.program.facts(node.file), node)
  if (around.pool !== undefined && lastName(around.pool) !== lastName(receiver ?? ''))
    return undefined
  const whole = r.program.expr(node.file, node.expr)
  return touches(r, node.file, whole, around.callback) ? undefined : around.inner
}

/** Whether a call, or one that a function around it stands in, has something of what the callback was given. */
function isGiven({ resolver: r }: Analysis, node: CallNode, callback: number): boolean {
  const { file } = node
  const facts = r.program.facts(file)
  if (touches(r, file, facts.exprs[node.expr], callback)) return true
  for (let id: number | undefined = node.fn; id !== undefined && id !== callback;) {
    const fn = r.program.fn(file, id)
    const call = fn.argOf && facts.exprs[fn.argOf.call]
    if (call?.k === 'call') {
      const others = call.args.filter((_, index) => index !== fn.argOf?.index)
      // The elements that a list made of it is gone through by are not the transaction.
      if (others.some((each) => touches(r, file, facts.exprs[each], callback))) return true
    }
    id = fn.parent
  }
  return false
}

/** Whether a call has a name somewhere in it. */
function names({ resolver: r }: Analysis, node: CallNode, name: string): boolean {
  const { exprs } = r.program.facts(node.file)
  const whole = exprs[node.expr]
  return exprs.some(
    (each) =>
      each.k === 'id' &&
      each.name === name &&
      whole !== undefined &&
      whole.start <= each.start &&
      each.end <= whole.end,
  )
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
  const { resolver: r } = analysis
  const found = clientBefore(r, node, callsOf(analysis, node))
  if (!found) return undefined
  const receiver = receiverOf(r.program.facts(node.file), node)
  return receiver === found.pool && receiver !== found.client ? found.client : undefined
}
