import { entityOf } from '../catalog/index.js'
import type { ExprId, TypeId } from '../facts/types.js'
import { noEnv, type Resolver } from '../resolve/resolver.js'
import { isSignal, type Env, type Value } from '../resolve/values.js'

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
