import type { ExprId, FileFacts, FnId } from '../facts/types.js'
import { oncePer } from '../once-per.js'
import { libraryCall } from '../resolve/calls.js'
import { pathOf } from '../resolve/path.js'
import type { Resolver } from '../resolve/resolver.js'
import { fnKey, type FnRef } from './model.js'
import { transactionBegunBy } from './sinks.js'

/** A transaction that a function opens for what it is given. */
export interface Opened {
  /** The library whose transaction it is. */
  readonly library: string
  /** The pool that the client is from, where that is no parameter of the function. */
  readonly pool?: string | undefined
}

const known = oncePer((_: Resolver) => new Map<string, Opened | undefined>())

/**
 * The transaction that an own function runs one of its parameters in: it hands it to a library's transaction, calls
 * it in the callback of one, or calls it with the client on which it has sent BEGIN.
 */
export function openedFor(r: Resolver, ref: FnRef, index: number): Opened | undefined {
  const kept = known(r)
  const key = `${fnKey(ref)}\0${String(index)}`
  if (!kept.has(key)) {
    // What asks again while this is found out goes round in a circle.
    kept.set(key, undefined)
    kept.set(key, findOpened(r, ref, index))
  }
  return kept.get(key)
}

function findOpened(r: Resolver, { file, fn }: FnRef, index: number): Opened | undefined {
  const facts = r.program.facts(file)
  const isWork = (id: ExprId | undefined): boolean => {
    const expr = facts.exprs[id ?? -1]
    if (expr?.k !== 'id') return false
    const binding = r.program.lookUp(file, expr.name, expr.scope)
    return binding?.param?.fn === fn && binding.param.index === index && binding.path.length === 0
  }
  for (const site of facts.calls) {
    if (!isWithin(facts, site.fn, fn)) continue
    const call = facts.exprs[site.expr]
    if (call?.k !== 'call') continue
    if (call.args.some(isWork)) {
      const library = transactionOf(r, file, call.callee)
      if (library !== undefined) return { library }
    }
    if (!isWork(call.callee)) continue
    const opened =
      givenByCallback(r, facts, site.fn, call.args) ?? begunOn(r, facts, site.fn, call, fn)
    if (opened) return opened
  }
  return undefined
}

function isWithin({ functions }: FileFacts, inner: FnId, outer: FnId): boolean {
  for (let id: FnId | undefined = inner; id !== undefined; id = functions[id]?.parent)
    if (id === outer) return true
  return false
}

function transactionOf(r: Resolver, file: string, callee: ExprId): string | undefined {
  return r
    .expr(file, callee)
    .map((each) => libraryCall(each))
    .find((each) => each?.member.transaction === true)?.lib
}

/** `db.transaction(async (tx) => work(tx))` */
function givenByCallback(
  r: Resolver,
  { exprs, functions, path }: FileFacts,
  from: FnId,
  args: readonly ExprId[],
): Opened | undefined {
  const fn = functions[from]
  const call = exprs[fn?.argOf?.call ?? -1]
  const given = fn?.params[0]?.name
  const isPassed = args.some((each) => {
    const arg = exprs[each]
    return arg?.k === 'id' && arg.name === given
  })
  if (call?.k !== 'call' || !isPassed) return undefined
  const library = transactionOf(r, path, call.callee)
  return library === undefined ? undefined : { library }
}

/** `await client.query('BEGIN')`, and then `work(client)`. */
function begunOn(
  r: Resolver,
  { exprs, calls, bindings, path }: FileFacts,
  from: FnId,
  work: { readonly start: number; readonly args: readonly ExprId[] },
  helper: FnId,
): Opened | undefined {
  const given = work.args.flatMap((each) => pathOf(exprs, each) ?? [])
  for (const site of calls) {
    const begin = exprs[site.expr]
    const callee = begin?.k === 'call' ? exprs[begin.callee] : undefined
    if (begin?.k !== 'call' || callee?.k !== 'member' || site.fn !== from) continue
    const client = pathOf(exprs, callee.object)
    if (client === undefined || !given.includes(client) || begin.start > work.start) continue
    const library = transactionBegunBy(r, path, begin)
    if (library === undefined) continue
    const init =
      exprs[bindings.find((each) => each.fn === from && each.name === client)?.init ?? -1]
    const connect = exprs[init?.k === 'await' ? init.of : -1]
    const checkout = connect?.k === 'call' ? exprs[connect.callee] : undefined
    if (checkout?.k !== 'member') continue
    const owner = exprs[checkout.object]
    const isGiven =
      owner?.k === 'id' && r.program.lookUp(path, owner.name, owner.scope)?.param?.fn === helper
    return { library, pool: isGiven ? undefined : pathOf(exprs, checkout.object) }
  }
  return undefined
}
