import { traitOf } from '../catalog/index.js'
import type { ExprId, Span } from '../facts/types.js'
import { libraryCall, type CallExpr } from '../resolve/calls.js'
import { definitionsOf } from '../resolve/definitions.js'
import type { Resolver } from '../resolve/resolver.js'
import { structuralMembers } from '../resolve/structural.js'
import type { Value } from '../resolve/values.js'
import type { CallNode, SinkUse } from './model.js'
import { passedThrough } from './pass-through.js'
import { givenShifted, shifted, withoutShift, type Shift } from './shifted.js'
import { carrierSlot } from './carrier-slot.js'
import { givenIn, type Given } from './given.js'
import { slotOf, type Slot } from './slots.js'
import { beginsTransaction, classifySql, endsTransaction } from './sql.js'

/** The I/O that calling the values does. */
export function sinkOf(
  r: Resolver,
  file: string,
  call: CallExpr,
  values: readonly Value[],
  isImplemented: boolean,
): SinkUse | undefined {
  for (const value of [...values, ...ownTypesMembers(r, values, isImplemented)]) {
    const target = value.k === 'builtin' && value.name === 'bind' ? value.of : value
    const described = libraryCall(target, call.k)
    const spec = described?.member.sink
    if (spec?.unlessCallback === true && call.k !== 'tag' && hasCallback(r, file, call.args))
      continue
    if (!described || !spec || (target.k !== 'lib' && target.k !== 'libmember')) continue
    // Among several classes of models a name that one of them has as a method is made up for none.
    if (isMadeUp(target) && values.some((each) => each.k === 'fn')) continue
    return {
      library: target.lib,
      api: described.api,
      spec,
      by: target.by,
      sql: spec.sql === undefined ? undefined : sqlOf(r, file, call, spec.sql, classifySql),
    }
  }
  return undefined
}

/** A member whose name the library makes from those of the program: `user.getPosts()`. */
function isMadeUp(value: Value): boolean {
  return (
    value.k === 'libmember' && traitOf(value.lib, value.entity, 'prefixed')?.member === value.member
  )
}

/** The library's members behind methods of own types: `db.query(…)` where a pool is given as `db: Queryable`. */
function ownTypesMembers(
  r: Resolver,
  values: readonly Value[],
  isImplemented: boolean,
): readonly Value[] {
  return values.flatMap((value) =>
    value.k === 'sig' && value.owner
      ? r
          .member(structuralMembers(r, value, isImplemented), value.name)
          .map((each): Value => ({ ...each, by: 'type' }))
      : [],
  )
}

function hasCallback(r: Resolver, file: string, args: readonly ExprId[]): boolean {
  return args.some((arg) => r.expr(file, arg).some((each) => each.k === 'fn'))
}

/**
 * Whether a statement of its own begins a transaction: SAVEPOINT, SET and LISTEN open something too, but none of
 * them a transaction.
 */
export function opensTransaction(r: Resolver, node: CallNode): boolean {
  return node.sink?.sql === 'opening' && says(r, node, beginsTransaction)
}

/** Whether a statement of its own ends a transaction by keeping what it has done. */
export function commitsTransaction(r: Resolver, node: CallNode): boolean {
  return node.sink?.sql === 'completion' && says(r, node, endsTransaction)
}

function says(
  r: Resolver,
  { file, expr, sink }: CallNode,
  test: (text: string) => boolean,
): boolean {
  const call = r.program.expr(file, expr)
  return (
    sink?.spec.sql !== undefined &&
    (call.k === 'call' || call.k === 'tag') &&
    sqlOf(r, file, call, sink.spec.sql, test) === true
  )
}

/** The same of a call that nothing has been found out about: `client.query('BEGIN')`, and the library's name. */
export function transactionBegunBy(r: Resolver, file: string, call: CallExpr): string | undefined {
  for (const value of r.expr(file, call.callee)) {
    const described = libraryCall(value, call.k)
    const index = described?.member.sink?.sql
    if (described && index !== undefined && sqlOf(r, file, call, index, beginsTransaction) === true)
      return described.lib
  }
  return undefined
}

/** What is said of the SQL text of a call: of a literal, a constant, or the `text` of a config object. */
function sqlOf<T>(
  r: Resolver,
  file: string,
  call: CallExpr,
  index: number,
  say: (text: string) => T,
): T | undefined {
  const id = call.k === 'tag' ? call.quasi : call.args[index]
  return id === undefined ? undefined : textSays(r, file, id, say)
}

function textSays<T>(
  r: Resolver,
  file: string,
  id: ExprId,
  say: (text: string) => T,
  depth = 0,
): T | undefined {
  if (depth > 4) return undefined
  const within = (of: ExprId) => textSays(r, file, of, say, depth + 1)
  const expr = r.program.expr(file, id)
  switch (expr.k) {
    case 'str':
      return say(expr.value)
    case 'as':
    case 'nonnull':
      return within(expr.of)
    case 'tag':
      return within(expr.quasi)
    case 'obj': {
      const text = expr.props.find((each) => each.name === 'text')
      return text && within(text.value)
    }
    case 'either':
      // The test of `a ? b : c` comes last.
      return expr.op === '&&' ? undefined : agreed(expr.of.slice(0, 2).map(within))
    case 'id': {
      const binding = r.program.lookUp(file, expr.name, expr.scope)
      if (binding?.import === undefined && binding?.kind !== 'const') return undefined
      return definitionSays(r, file, id, say, depth)
    }
    case 'member':
      return definitionSays(r, file, id, say, depth)
    default:
      return undefined
  }
}

/** Of a constant, in this file or another, or a member of one: `Statements.commit`. */
function definitionSays<T>(
  r: Resolver,
  file: string,
  id: ExprId,
  say: (text: string) => T,
  depth: number,
): T | undefined {
  const places = definitionsOf(r, { file, expr: id })
  return agreed(places.map((each) => textSays(r, each.file, each.expr, say, depth + 1)))
}

/** What is said of all texts: of `ok ? 'COMMIT' : 'ROLLBACK'` that it ends a transaction. */
function agreed<T>(said: readonly (T | undefined)[]): T | undefined {
  const [first] = said
  return said.every((each) => each === first) ? first : undefined
}

/** Calls in what a batch takes do not run by themselves: the signal is for the batch. */
export function withParts(r: Resolver, nodes: readonly CallNode[]): readonly CallNode[] {
  const batches = nodes.flatMap((node) => {
    const index = node.sink?.spec.batch
    const call = r.program.expr(node.file, node.expr)
    const arg = index === undefined || call.k !== 'call' ? undefined : call.args[index]
    if (arg === undefined) return []
    return writtenIn(r, node.file, arg).map((span) => ({ node, span }))
  })
  if (batches.length === 0) return nodes
  return nodes.map((node) => {
    if (!node.sink) return node
    const { start, end } = r.program.expr(node.file, node.expr)
    const batch = batches.find(
      (each) =>
        each.node !== node &&
        each.node.file === node.file &&
        each.span.start <= start &&
        end <= each.span.end,
    )
    return batch ? { ...node, slot: undefined, partOf: batch.node.id } : node
  })
}

/** Where the calls of a batch are written: in its argument, or in what is put into the variables named there. */
function writtenIn(r: Resolver, file: string, arg: ExprId): readonly Span[] {
  const { exprs } = r.program.facts(file)
  const expr = exprs[arg]
  if (!expr) return []
  const parts = expr.k === 'arr' ? expr.of : [arg]
  const named = parts.flatMap((id) => {
    const part = exprs[id]
    const name = part?.k === 'spread' ? exprs[part.of] : part
    return name?.k === 'id' ? [name] : []
  })
  return [expr, ...named.flatMap((name) => putInto(r, file, name))]
}

/** The values of a variable: what it is declared with, and what is pushed on it. */
function putInto(
  r: Resolver,
  file: string,
  { name, scope }: { readonly name: string; readonly scope: number },
): readonly Span[] {
  const { exprs, calls } = r.program.facts(file)
  const binding = r.program.lookUp(file, name, scope)
  if (!binding || binding.param) return []
  const values = [binding.init, ...binding.writes].flatMap((id) => exprs[id ?? -1] ?? [])
  const pushed = calls.flatMap((site) => {
    const call = exprs[site.expr]
    const callee = call?.k === 'call' ? exprs[call.callee] : undefined
    const owner =
      callee?.k === 'member' && callee.name === 'push' ? exprs[callee.object] : undefined
    const isIts = owner?.k === 'id' && r.program.lookUp(file, owner.name, owner.scope) === binding
    return isIts && call ? [call] : []
  })
  return [...values, ...pushed]
}

/** Where a call takes a signal, and what it passes there. */
export function acceptance(
  r: Resolver,
  file: string,
  call: CallExpr,
  values: readonly Value[],
  sink: SinkUse | undefined,
  signalNames: ReadonlySet<string>,
  shift?: Shift,
): { slot: Slot; given: Given } | undefined {
  if (sink) {
    const slots = sink.spec.carriers.flatMap((each) => carrierSlot(r, file, call, each) ?? [])
    const [first] = slots
    if (!first) return undefined
    const decided = slots
      .map((slot) => givenIn(r, file, call, slot))
      .find((given) => given.k !== 'missing')
    return { slot: first, given: decided ?? { k: 'missing' } }
  }
  const behind = call.k === 'call' ? passedThrough(r, file, call.callee, values) : []
  for (const value of [...withoutShift(values), ...behind]) {
    const given = call.k === 'tag' || shift ? undefined : call.args.length
    const found = slotOf(r, value, signalNames, given)
    const slot = found && shifted(found.slot, shift)
    // A callback in the place of the options belongs to another overload.
    const inPlace =
      slot && slot.kind === 'option' && call.k !== 'tag' ? call.args[slot.index] : undefined
    if (inPlace !== undefined && r.program.expr(file, inPlace).k === 'fn') continue
    // Bound already, or in a place that cannot be told.
    if (found && shift && !slot) continue
    if (slot && shift) return { slot, given: givenShifted(r, file, call, slot, shift) }
    if (found) return { slot: found.slot, given: givenIn(r, file, call, found.slot) }
  }
  return undefined
}
