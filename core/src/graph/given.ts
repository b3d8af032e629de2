import type { Binding, Expr, ExprId } from '../facts/types.js'
import type { CallExpr } from '../resolve/calls.js'
import type { Resolver } from '../resolve/resolver.js'
import type { Value } from '../resolve/values.js'
import { carriesSignal } from './given-request.js'
import { signalKeys, type Slot } from './slots.js'

/** What a call passes in a slot. */
export type Given =
  | { readonly k: 'missing' }
  | { readonly k: 'signal'; readonly expr: ExprId }
  /** An options object or spread of which it cannot be said whether it holds a signal. */
  | { readonly k: 'opaque' }
  /** An explicit `undefined` or `null`: a decision. */
  | { readonly k: 'decided' }

const missing: Given = { k: 'missing' }
const opaque: Given = { k: 'opaque' }

export function givenIn(r: Resolver, file: string, call: CallExpr, slot: Slot): Given {
  if (slot.kind === 'wrap' || call.k === 'tag') return missing
  if (carriesSignal(r, file, call.args[0])) return opaque
  const position = argumentAt(r, file, call.args, slot.index)
  if (position === 'unknown') return opaque
  if (position === undefined) return missing
  const arg = r.program.expr(file, position)
  if (arg.k === 'nothing') return slot.kind === 'argument' ? { k: 'decided' } : missing
  if (slot.kind === 'argument') return { k: 'signal', expr: position }
  return optionGiven(r, file, position, slot)
}

/** The argument at a position, with spreads of tuples of known length counted. */
function argumentAt(
  r: Resolver,
  file: string,
  args: readonly ExprId[],
  index: number,
): ExprId | 'unknown' | undefined {
  let at = 0
  for (const arg of args) {
    const expr = r.program.expr(file, arg)
    if (expr.k === 'spread') {
      const length = tupleLength(r, file, expr.of)
      if (length === undefined) return 'unknown'
      at += length
      if (at > index) return 'unknown'
      continue
    }
    if (at === index) return arg
    at += 1
  }
  return undefined
}

/** How many arguments a spread stands for, where a tuple type or an array literal says so. */
function tupleLength(r: Resolver, file: string, id: ExprId): number | undefined {
  const expr = r.program.expr(file, id)
  if (expr.k === 'arr') return expr.of.length
  if (expr.k !== 'id') return undefined
  const type = r.program.lookUp(file, expr.name, expr.scope)?.type
  const written = type === undefined ? undefined : r.program.type(file, type)
  return written?.k === 'tuple' ? written.of.length : undefined
}

function optionGiven(
  r: Resolver,
  file: string,
  id: ExprId,
  slot: Slot & { kind: 'option' },
): Given {
  const arg = r.program.expr(file, id)
  if (arg.k === 'as' || arg.k === 'nonnull') return optionGiven(r, file, arg.of, slot)
  if (arg.k === 'obj') {
    const own = arg.props.find((each) => each.name === slot.key)
    if (own) {
      return r.program.expr(file, own.value).k === 'nothing'
        ? { k: 'decided' }
        : { k: 'signal', expr: own.value }
    }
    return arg.props.some((each) => each.spread && !isKnownWithout(r, file, each.value, slot.key))
      ? opaque
      : missing
  }
  // Text in the place of the config object: the positional form.
  if (arg.k === 'str') return slot.lift || slot.text !== undefined ? missing : opaque
  if (arg.k === 'fn' || isRestWithout(r, file, arg, slot.key)) return missing
  const values = writtenLiteral(r, file, arg) ?? r.expr(file, id)
  const literals = values.filter((each) => each.k === 'obj')
  if (literals.length > 0 && literals.length === values.length) {
    const holds = literals.some(
      (each) =>
        objectHas(r, each.file, each.expr, slot.key) ||
        isSetLater(r, each.file, each.expr, slot.key),
    )
    return holds ? (heldIn(r, file, literals, slot.key) ?? opaque) : missing
  }
  if (slot.lift) return values.some((each) => signalKeys(r, [each]).length > 0) ? opaque : missing
  return opaque
}

/** `const config: QueryConfig = { text }`: what is written in it says more than the type. */
function writtenLiteral(r: Resolver, file: string, arg: Expr): readonly Value[] | undefined {
  const binding = arg.k === 'id' ? r.program.lookUp(file, arg.name, arg.scope) : undefined
  if (!binding || binding.param || binding.path.length > 0 || binding.writes.length > 0)
    return undefined
  const { init } = binding
  const isLiteral = init !== undefined && r.program.expr(file, init).k === 'obj'
  return isLiteral ? [{ k: 'obj', file, expr: init, by: 'value' }] : undefined
}

/** `const init = { signal }`: the one literal of this file that a variable holds. */
function heldIn(
  r: Resolver,
  file: string,
  literals: readonly (Value & { k: 'obj' })[],
  key: string,
): Given | undefined {
  const [only, ...more] = literals
  if (!only || more.length > 0 || only.file !== file) return undefined
  const literal = r.program.expr(file, only.expr)
  const own = literal.k === 'obj' ? literal.props.filter((each) => each.name === key) : []
  const isCertain =
    own.length === 1 &&
    literal.k === 'obj' &&
    !literal.props.some((each) => each.spread) &&
    !isSetLater(r, file, only.expr, key)
  const value = own[0]?.value
  if (!isCertain || value === undefined || r.program.expr(file, value).k === 'nothing')
    return undefined
  return { k: 'signal', expr: value }
}

function objectHas(r: Resolver, file: string, id: ExprId, key: string): boolean {
  const expr = r.program.expr(file, id)
  return expr.k === 'obj' && expr.props.some((each) => each.name === key || each.spread)
}

/** `const init: RequestInit = {}`, and then `init.signal = signal`. */
function isSetLater(r: Resolver, file: string, id: ExprId, key: string): boolean {
  return r
    .index(file)
    .writes(key)
    .some((write) =>
      r
        .expr(file, write.object)
        .some((each) => each.k === 'obj' && each.file === file && each.expr === id),
    )
}

/** `{ signal, ...rest }`: what is left when the key has been taken out. */
function isRestWithout(r: Resolver, file: string, expr: Expr, key: string): boolean {
  const binding = expr.k === 'id' ? r.program.lookUp(file, expr.name, expr.scope) : undefined
  return binding !== undefined && isLeftWithout(r, file, binding, key)
}

/** Whether a name stands for what is left of an object whose key another name has taken. */
export function isLeftWithout(
  { program }: Resolver,
  file: string,
  { path, writes, init, param, fn }: Binding,
  key: string,
): boolean {
  const [step] = path
  if (path.length !== 1 || !step || !('rest' in step) || writes.length > 0) return false
  return program.facts(file).bindings.some(({ path: [first, ...deeper], ...other }) => {
    if (deeper.length > 0 || !first || !('prop' in first) || first.prop !== key) return false
    return other.param
      ? other.param.fn === param?.fn && other.param.index === param.index
      : other.fn === fn && other.init !== undefined && other.init === init
  })
}

function isKnownWithout(r: Resolver, file: string, id: ExprId, key: string): boolean {
  if (isRestWithout(r, file, r.program.expr(file, id), key)) return true
  const values = r.expr(file, id)
  return (
    values.length > 0 &&
    values.every((each) => each.k === 'obj' && !objectHas(r, each.file, each.expr, key))
  )
}
