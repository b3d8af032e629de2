import type { Binding, ExprId, FileFacts, Fn, FnId, Span } from '../facts/types.js'
import { libraryCall } from '../resolve/calls.js'
import { pathOf } from '../resolve/path.js'
import type { Resolver } from '../resolve/resolver.js'
import type { CallNode } from './model.js'
import { openedFor, type Opened } from './opened-for.js'
import { commitsTransaction, opensTransaction } from './sinks.js'

/** A transaction that stands around a call. */
export interface Transaction {
  /** The library whose transaction it is. */
  readonly library: string
  /** What statements are to be sent on, by its name. */
  readonly inner: string
  /** The callback that is given it; undefined between BEGIN and COMMIT. */
  readonly callback: FnId | undefined
  /** The pool that the client of an own helper is from, where that is no parameter of the helper. */
  readonly pool?: string | undefined
}

/** The innermost transaction whose callback a call stands in. */
export function callbackAround(
  r: Resolver,
  { file, fn: from }: Pick<CallNode, 'file' | 'fn'>,
): Transaction | undefined {
  const { functions } = r.program.facts(file)
  for (let id: FnId | undefined = from; id !== undefined && id !== 0;) {
    const fn: Fn | undefined = functions[id]
    const inner = fn?.params[0]?.name
    const opened = fn?.argOf && inner !== undefined ? openedBy(r, file, fn.argOf) : undefined
    if (opened && inner !== undefined) return { ...opened, inner, callback: id }
    id = fn?.parent
  }
  return undefined
}

function openedBy(
  r: Resolver,
  file: string,
  { call: id, index }: { readonly call: ExprId; readonly index: number },
): Opened | undefined {
  const call = r.program.expr(file, id)
  if (call.k !== 'call') return undefined
  for (const value of r.expr(file, call.callee)) {
    const described = libraryCall(value)
    if (described?.member.transaction === true) return { library: described.lib }
    const opened = value.k === 'fn' ? openedFor(r, value, index) : undefined
    if (opened) return opened
  }
  return undefined
}

/** Whether a part of a program names something that a function was given or has made of it. */
export function touches(
  r: Resolver,
  file: string,
  part: Span | undefined,
  fn: FnId,
  depth = 0,
): boolean {
  if (!part || depth > 6) return false
  const facts = r.program.facts(file)
  return facts.exprs.some((expr) => {
    if (expr.k !== 'id' || expr.start < part.start || expr.end > part.end) return false
    const binding = r.program.lookUp(file, expr.name, expr.scope)
    if (!binding || !isInside(facts, binding, fn)) return false
    if (binding.param?.fn === fn) return true
    // What is made of it inside: `const users = tx.getRepository(User)`.
    const made = [binding.init, ...binding.writes].flatMap((id) => facts.exprs[id ?? -1] ?? [])
    return binding.param !== undefined
      ? false
      : made.some((each) => each !== expr && touches(r, file, each, fn, depth + 1))
  })
}

function isInside({ functions }: FileFacts, binding: Binding, fn: FnId): boolean {
  for (let id: FnId | undefined = binding.fn; id !== undefined; id = functions[id]?.parent)
    if (id === fn) return true
  return false
}

/** The client on which BEGIN was sent before a call of the same function, and no COMMIT yet. */
export function clientBefore(
  r: Resolver,
  node: CallNode,
  /** The calls of the function that the call stands in. */
  own: readonly CallNode[],
): { readonly client: string; readonly pool: string } | undefined {
  const facts = r.program.facts(node.file)
  for (const opening of own) {
    if (opening.callee.start > node.callee.start || opening.sink?.library.name !== 'pg') continue
    const client = receiverOf(facts, opening)
    if (!opensTransaction(r, opening) && !isCommitted(r, opening, client, node, own)) continue
    const pool = client === undefined ? undefined : poolOf(facts, node.fn, client)
    if (client === undefined || pool === undefined) continue
    const isOver = own.some(
      (each) =>
        each.sink?.sql === 'completion' &&
        !each.site.inCatch &&
        opening.callee.start < each.callee.start &&
        each.callee.start < node.callee.start &&
        receiverOf(facts, each) === client,
    )
    if (!isOver) return { client, pool }
  }
  return undefined
}

/** `client.query(begin)`, whose text is not known: what ends with a COMMIT has begun. */
function isCommitted(
  r: Resolver,
  opening: CallNode,
  client: string | undefined,
  node: CallNode,
  own: readonly CallNode[],
): boolean {
  return (
    opening.sink?.sql === undefined &&
    own.some(
      (each) =>
        each.callee.start > node.callee.start &&
        receiverOf(r.program.facts(each.file), each) === client &&
        commitsTransaction(r, each),
    )
  )
}

/** `pool` of `const client = await pool.connect()` in the same function. */
function poolOf(facts: FileFacts, fn: FnId, client: string): string | undefined {
  for (const binding of facts.bindings) {
    if (binding.fn !== fn || binding.name !== client) continue
    const init = facts.exprs[binding.init ?? -1]
    const call = init?.k === 'await' ? facts.exprs[init.of] : undefined
    const callee = call?.k === 'call' ? facts.exprs[call.callee] : undefined
    if (callee?.k === 'member' && callee.name === 'connect')
      return pathOf(facts.exprs, callee.object)
  }
  return undefined
}

/** `pool` of `pool.query(…)`. */
export function receiverOf(facts: FileFacts, node: CallNode): string | undefined {
  const call = facts.exprs[node.expr]
  const callee = call?.k === 'call' ? facts.exprs[call.callee] : undefined
  return callee?.k === 'member' ? pathOf(facts.exprs, callee.object) : undefined
}
