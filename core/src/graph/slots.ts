import { entityOf } from '../catalog/index.js'
import type { Carrier } from '../catalog/types.js'
import type { Expr, ExprId, TypeId } from '../facts/types.js'
import type { CallExpr } from '../resolve/calls.js'
import { noEnv, type Resolver } from '../resolve/resolver.js'
import { isSignal, type Env, type Value } from '../resolve/values.js'
import { carriesSignal } from './given-request.js'

/** Where a callee takes a signal. */
export type Slot =
  | { readonly kind: 'argument'; readonly index: number; readonly accepts: Nullish }
  | {
      readonly kind: 'option'
      readonly index: number
      readonly key: string
      readonly accepts: Nullish
      /** Names of the keys that earlier positional arguments become. */
      readonly lift?: readonly string[]
      readonly also?: Readonly<Record<string, string>>
      /** The library declares the option itself. */
      readonly native?: boolean
      /** The key that text in the place of the object stands for. */
      readonly text?: string
      /** The key may be left out; that it may be `undefined` its type does not say. */
      readonly exact?: boolean
    }
  | { readonly kind: 'wrap' }

/** Whether `undefined` and `null` may be passed. */
export interface Nullish {
  readonly undefined: boolean
  readonly null: boolean
}

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

interface ParamLike {
  readonly name?: string | undefined
  readonly type: TypeId | undefined
  readonly optional: boolean
  readonly rest: boolean
  readonly fallback?: ExprId | undefined
  readonly pattern?: { readonly names: readonly string[] } | undefined
}

/** The slot of an own function, method or signature; undefined where there is none, or more than one. */
export function slotOf(
  r: Resolver,
  target: Value,
  signalNames: ReadonlySet<string>,
  given?: number,
): { slot: Slot } | undefined {
  if (target.k === 'builtin' && target.name === 'bind')
    return slotOf(r, target.of, signalNames, given)
  if (target.k === 'fn') {
    const candidates = target.overloads.map((id) => r.program.fn(target.file, id))
    const overloads = candidates.length > 1 ? candidates.filter((each) => !each.hasBody) : []
    const visible = overloads.length > 0 ? overloads : candidates
    const shortest = Math.min(...visible.map((each) => each.params.length))
    const kinds = visible.map((each) => kindOf(r, target.file, each.returnType))
    for (const [index, fn] of visible.entries()) {
      const slot = slotAmong(r, target.file, fn.params, noEnv, signalNames)
      if (!slot || isOtherKind(kinds, index)) continue
      if (visible.length === 1 || isWithinReach(fn.params, slot, given, shortest)) return { slot }
    }
  }
  if (target.k === 'sig') {
    const shortest = Math.min(...target.sigs.map((each) => each.params.length))
    const kinds = target.sigs.map((each) => kindOf(r, target.file, each.returns))
    for (const [index, sig] of target.sigs.entries()) {
      const slot = slotAmong(r, target.file, sig.params, target.env, signalNames)
      if (!slot || isOtherKind(kinds, index)) continue
      if (target.sigs.length === 1 || isWithinReach(sig.params, slot, given, shortest))
        return { slot }
    }
  }
  return undefined
}

/** `Promise` of `Promise<User>` */
function kindOf(r: Resolver, file: string, id: TypeId | undefined): string | undefined {
  const type = id === undefined ? undefined : r.program.type(file, id)
  return type?.k === 'ref' ? type.name.at(-1) : undefined
}

/** An overload that gives a stream where all others give a promise is another function. */
function isOtherKind(kinds: readonly (string | undefined)[], index: number): boolean {
  const own = kinds[index]
  const others = kinds.filter((_, at) => at !== index)
  return (
    own !== undefined &&
    others.length > 0 &&
    others.every((each) => each !== undefined && each !== own)
  )
}

/** An overload that asks for more than a signal besides is another function. */
function isWithinReach(
  params: readonly ParamLike[],
  slot: Slot,
  given: number | undefined,
  shortest: number,
): boolean {
  if (given === undefined || slot.kind === 'wrap') return true
  const between = params.slice(Math.max(given, shortest), slot.index)
  return between.every((each) => each.optional || each.fallback !== undefined)
}

function slotAmong(
  r: Resolver,
  file: string,
  params: readonly ParamLike[],
  env: Env,
  signalNames: ReadonlySet<string>,
): Slot | undefined {
  const found: Slot[] = []
  params.forEach((param, index) => {
    if (param.rest) return
    if (param.type === undefined) {
      // Plain JavaScript has no other word for it than the name.
      if (param.name !== undefined && signalNames.has(param.name))
        found.push({ kind: 'argument', index, accepts: { undefined: true, null: true } })
      for (const key of param.pattern?.names ?? [])
        if (signalNames.has(key))
          found.push({ kind: 'option', index, key, accepts: { undefined: true, null: true } })
      return
    }
    const values = r.type(file, param.type, env)
    if (values.some(isSignal)) {
      const accepts = nullishOf(r, file, param.type)
      const optional = param.optional || param.fallback !== undefined
      found.push({
        kind: 'argument',
        index,
        accepts: { ...accepts, undefined: accepts.undefined || optional },
      })
      return
    }
    for (const { key, accepts, exact } of signalKeys(r, values))
      found.push({ kind: 'option', index, key, accepts, ...(exact ? { exact } : {}) })
  })
  const positional = found.filter((each) => each.kind === 'argument')
  const pool = positional.length > 0 ? positional : found
  return pool.length === 1 ? pool[0] : undefined
}

/** Keys of an options type that hold a signal. */
export function signalKeys(
  r: Resolver,
  values: readonly Value[],
): readonly { key: string; accepts: Nullish; exact: boolean }[] {
  const found = new Map<string, { key: string; accepts: Nullish; exact: boolean }>()
  const add = (
    file: string,
    env: Env,
    members: readonly { name: string; type: TypeId | undefined; optional: boolean }[],
  ) => {
    for (const member of members) {
      if (member.type === undefined || !r.type(file, member.type, env).some(isSignal)) continue
      const accepts = nullishOf(r, file, member.type)
      found.set(member.name, {
        key: member.name,
        accepts: { ...accepts, undefined: accepts.undefined || member.optional },
        exact: member.optional && !accepts.undefined,
      })
    }
  }
  const visit = (value: Value, depth: number): void => {
    if (depth > 6) return
    if (value.k === 'lit') {
      const type = r.program.type(value.file, value.type)
      if (type.k === 'lit') add(value.file, value.env, type.members)
    }
    const key = value.k === 'lib' ? entityOf(value.lib, value.entity)?.signalKey : undefined
    if (key !== undefined)
      found.set(key, { key, accepts: { undefined: true, null: false }, exact: true })
    if (value.k !== 'iface') return
    for (const index of value.decls) {
      const decl = r.program.facts(value.file).typeDecls[index]
      if (!decl) continue
      add(value.file, value.env, decl.members)
      for (const parent of decl.extends)
        for (const base of r.type(value.file, parent, value.env)) visit(base, depth + 1)
    }
  }
  for (const value of values) visit(value, 0)
  return [...found.values()]
}

export function nullishOf(r: Resolver, file: string, id: TypeId): Nullish {
  const type = r.program.type(file, id)
  if (type.k === 'nothing') return { undefined: !type.isNull, null: type.isNull }
  if (type.k === 'union') {
    const parts = type.of.map((each) => nullishOf(r, file, each))
    return {
      undefined: parts.some((each) => each.undefined),
      null: parts.some((each) => each.null),
    }
  }
  if (type.k === 'ref' && type.name.length === 1) {
    const decls = r.program.lookUpType(file, type.name[0] ?? '', type.scope)
    const decl = decls?.[0] === undefined ? undefined : r.program.facts(file).typeDecls[decls[0]]
    if (decl?.kind === 'alias' && decl.type !== undefined) return nullishOf(r, file, decl.type)
  }
  return { undefined: false, null: false }
}

/** The slot that a carrier of the catalog means for a call with these arguments. */
export function carrierSlot(
  r: Resolver,
  file: string,
  call: CallExpr,
  carrier: Carrier,
): Slot | undefined {
  const accepts = { undefined: true, null: false }
  switch (carrier.kind) {
    case 'argument':
      return { kind: 'argument', index: carrier.arg, accepts }
    case 'option': {
      const args = call.k === 'tag' ? [] : call.args
      const index =
        carrier.orFirst === true && isFirstOptions(r, file, args)
          ? 0
          : carrier.arg === 'last'
            ? lastOptions(r, file, args)
            : carrier.skips === true
              ? skippedTo(r, file, args, carrier.arg)
              : carrier.arg
      return {
        kind: 'option',
        index,
        key: carrier.key,
        accepts,
        ...(carrier.lift ? { lift: carrier.lift } : {}),
        ...(carrier.also ? { also: carrier.also } : {}),
        ...(carrier.native === true ? { native: true } : {}),
        ...(carrier.text === undefined ? {} : { text: carrier.text }),
      }
    }
    case 'wrap':
      return { kind: 'wrap' }
    case 'none':
      return undefined
  }
}

/** `got({ url })`: what stands alone is the options object, unless it is known to be text. */
function isFirstOptions(r: Resolver, file: string, args: readonly ExprId[]): boolean {
  const [first, ...more] = args
  if (first === undefined || more.some((each) => r.program.expr(file, each).k !== 'fn'))
    return false
  const expr = r.program.expr(file, first)
  if (expr.k === 'str') return false
  const binding = expr.k === 'id' ? r.program.lookUp(file, expr.name, expr.scope) : undefined
  if (binding?.type === undefined || binding.path.length > 0) return true
  // Of a keyword of the language, such as `string`, nothing more is known.
  return r.program.type(file, binding.type).k !== 'other'
}

/** `spawn(file, { cwd })`: what stands before the place of the options is a list, or these themselves. */
function skippedTo(r: Resolver, file: string, args: readonly ExprId[], index: number): number {
  const before = args[index - 1]
  if (args[index] !== undefined) return index
  if (before === undefined) return Math.min(index, Math.max(args.length, index - 1))
  const isList = r.expr(file, before).some((each) => each.k === 'array')
  return isList ? index : index - 1
}

/** The options object is the last argument where that is one already, else one more. */
function lastOptions(r: Resolver, file: string, args: readonly ExprId[]): number {
  const last = args.at(-1)
  return last !== undefined && r.program.expr(file, last).k === 'obj'
    ? args.length - 1
    : args.length
}

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
  const step = binding?.path[0]
  if (!binding || binding.path.length !== 1 || !step || !('rest' in step)) return false
  if (binding.writes.length > 0) return false
  return r.program.facts(file).bindings.some(({ path: [first, ...deeper], init, param, fn }) => {
    if (deeper.length > 0 || !first || !('prop' in first) || first.prop !== key) return false
    return binding.param
      ? param?.fn === binding.param.fn && param.index === binding.param.index
      : fn === binding.fn && init !== undefined && init === binding.init
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
