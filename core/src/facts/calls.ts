import type { Builder, Place } from './builder.js'
import { readExpression } from './expressions.js'
import { findOutsideComments, skipTrivia } from './text.js'
import { readTypeArguments } from './type-expressions.js'
import type { CallSite, CallUse, ExprId } from './types.js'

/** What is done with the value of an expression. */
export interface Use {
  readonly kind: CallUse
  readonly then: boolean
}

export const asValue: Use = { kind: 'value', then: false }
export const chainLinks = new Set(['then', 'catch', 'finally'])

/** A lazy query runs where a name for it is used. Calls are remembered as such. */
export function addUse<N>(b: Builder<N>, id: ExprId, place: Place, use: Use): void {
  const expr = b.exprs[id]
  // `return query as Promise<User[]>`
  if (expr?.k === 'as' || expr?.k === 'nonnull') {
    addUse(b, expr.of, place, use)
    return
  }
  if (expr?.k !== 'id' && expr?.k !== 'member') return
  b.uses.push(siteOf(b, id, place, use, { open: expr.end, close: expr.end, trailingComma: false }))
}

const combinators = new Set(['all', 'allSettled', 'any', 'race'])

/** The elements of `Promise.all([...])` share its fate: they are awaited where the whole is. */
function argumentUse<N>(b: Builder<N>, callee: ExprId, use: Use): Use {
  if (use.kind !== 'await' && use.kind !== 'return') return asValue
  const target = b.exprs[callee]
  const object = target?.k === 'member' ? b.exprs[target.object] : undefined
  return target?.k === 'member' &&
    combinators.has(target.name) &&
    object?.k === 'id' &&
    object.name === 'Promise'
    ? { kind: 'await', then: false }
    : asValue
}

/** The use of `p` in `p.then(…)`, where the use given is that of the whole chain. */
export function linkUse(name: string | undefined, use: Use): Use {
  if (name === undefined || !chainLinks.has(name)) return asValue
  const then = use.then || name === 'then'
  if (use.kind === 'discard' || use.kind === 'chain-discard') return { kind: 'chain-discard', then }
  return { kind: use.kind, then }
}

export function readCall<N>(
  b: Builder<N>,
  node: N,
  shape: {
    type: 'CallExpression' | 'NewExpression'
    callee: N
    arguments: readonly N[]
    optional?: boolean
    typeArguments?: N | null
    typeParameters?: N | null
  },
  place: Place,
  use: Use,
): ExprId {
  const callee = readExpression(b, shape.callee, place, use)
  const typeNode = shape.typeArguments ?? shape.typeParameters
  const typeArgs = readTypeArguments(b, typeNode, place.scope)
  const inner = argumentUse(b, callee, use)
  const target = b.exprs[callee]
  // `.finally(() => …)` is as good as a `finally` block.
  const within =
    target?.k === 'member' && target.name === 'finally' ? { ...place, inFinally: true } : place
  const args = shape.arguments.map((each) => readExpression(b, each, within, inner))
  noteRequire(b, callee, args)
  const isNew = shape.type === 'NewExpression'
  const id = b.addExpr(node, {
    k: isNew ? 'new' : 'call',
    callee,
    args,
    typeArgs,
    optional: shape.optional === true,
  })
  args.forEach((arg, index) => {
    const value = b.exprs[arg]
    const fn = value?.k === 'fn' ? b.functions[value.fn] : undefined
    if (fn) fn.argOf = { call: id, index }
  })
  const behind = Math.max(b.exprs[callee]?.end ?? 0, typeNode ? b.syntax.end(typeNode) : 0)
  addCall(b, id, place, use, parentheses(b, node, behind, args), args)
  return id
}

function noteRequire<N>(b: Builder<N>, callee: ExprId, args: readonly ExprId[]): void {
  const target = b.exprs[callee]
  const first = args[0] === undefined ? undefined : b.exprs[args[0]]
  if (target?.k === 'id' && target.name === 'require' && first?.k === 'str') {
    b.modules.add(first.value)
    b.commonjs = true
  }
}

function parentheses<N>(
  b: Builder<N>,
  node: N,
  behindCallee: number,
  args: readonly ExprId[],
): { open: number; close: number; trailingComma: boolean } {
  const end = b.syntax.end(node)
  const open = findOutsideComments(b.text, '(', behindCallee)
  if (open === -1 || open >= end) return { open: end, close: end, trailingComma: false }
  const last = args.at(-1)
  const lastEnd = last === undefined ? undefined : b.exprs[last]?.end
  return {
    open,
    close: end - 1,
    trailingComma: lastEnd !== undefined && b.text[skipTrivia(b.text, lastEnd)] === ',',
  }
}

export function addCall<N>(
  b: Builder<N>,
  expr: ExprId,
  place: Place,
  use: Use,
  parens: { open: number; close: number; trailingComma: boolean },
  args: readonly ExprId[],
): void {
  b.calls.push(siteOf(b, expr, place, use, parens, args))
}

function siteOf<N>(
  b: Builder<N>,
  expr: ExprId,
  place: Place,
  use: Use,
  parens: { open: number; close: number; trailingComma: boolean },
  args: readonly ExprId[] = [],
): CallSite {
  return {
    expr,
    fn: place.fn,
    scope: place.scope,
    use: use.kind,
    chainedThen: use.then,
    inLoop: place.inLoop,
    inFinally: place.inFinally,
    inCatch: place.inCatch,
    inAbort: place.inAbort,
    guards: place.guards,
    ...parens,
    statement: place.statement,
    suspends: args.some((arg) => suspends(b, arg)),
  }
}

/** Whether evaluating the expression awaits or yields in the function it stands in. */
function suspends<N>(b: Builder<N>, id: ExprId): boolean {
  const expr = b.exprs[id]
  if (!expr || expr.k === 'fn' || expr.k === 'class') return false
  // Children of an expression are added before it, so all that lies in its span is at lower ids.
  for (let at = id; at >= 0; at -= 1) {
    const each = b.exprs[at]
    if (!each || each.start < expr.start) break
    if (each.k === 'await' || each.k === 'yield') return !insideFunction(b, each.start, expr.start)
  }
  return false
}

function insideFunction<N>(b: Builder<N>, position: number, outer: number): boolean {
  return b.functions.some(
    (fn) => fn.kind !== 'module' && fn.start >= outer && fn.start < position && position < fn.end,
  )
}
