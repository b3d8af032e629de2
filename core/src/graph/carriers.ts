import type { Binding, ClassId, ExprId } from '../facts/types.js'
import { exported, type ExprRef } from '../resolve/definitions.js'
import type { Resolver } from '../resolve/resolver.js'
import { unwrapPromise, type Value } from '../resolve/values.js'
import { entityOf } from '../catalog/index.js'
import type { Establish } from '../catalog/types.js'

/**
 * An application or a router of a framework is told from others of its kind by the call that makes it:
 * values only say what it is.
 */
export type CarrierKey = string

export function carrierKey({ file, expr }: ExprRef): CarrierKey {
  return `${file}\0${expr}`
}

/** How a signal is put around the handlers of a value, where that is an application. */
export function establishOf(value: Value): Establish | undefined {
  return value.k === 'lib' ? entityOf(value.lib, value.entity)?.establish : undefined
}

/** What an expression is of a framework's, awaited or not. */
export function frameworkValue(
  r: Resolver,
  { file, expr }: ExprRef,
): (Value & { k: 'lib' }) | undefined {
  for (const value of unwrapPromise(r.expr(file, expr)))
    if (value.k === 'lib' && value.lib.kind === 'framework') return value
  return undefined
}

/**
 * The calls that make the application or router that an expression stands for: through names, fields,
 * exports, chains and functions of the program. None where it is handed in from elsewhere.
 */
export function madeBy(
  r: Resolver,
  ref: ExprRef,
  seen = new Set<CarrierKey>(),
): readonly ExprRef[] {
  const key = carrierKey(ref)
  if (seen.has(key)) return []
  seen.add(key)
  const { file } = ref
  const each = (...ids: readonly ExprId[]): readonly ExprRef[] =>
    ids.flatMap((expr) => madeBy(r, { file, expr }, seen))
  const expr = r.program.expr(file, ref.expr)
  switch (expr.k) {
    case 'await':
    case 'as':
    case 'nonnull':
      return each(expr.of)
    case 'assign':
      return each(expr.value)
    case 'either':
      return each(...expr.of.slice(expr.op === '&&' ? 1 : 0, 2))
    case 'id': {
      const binding = r.program.lookUp(file, expr.name, expr.scope)
      return givenTo(r, file, binding).flatMap((one) => madeBy(r, one, seen))
    }
    case 'member':
      return r
        .expr(file, expr.object)
        .flatMap((value) => memberGiven(r, value, expr.name))
        .flatMap((one) => madeBy(r, one, seen))
    case 'call':
    case 'new':
      return madeByCall(r, ref, seen)
    default:
      return []
  }
}

function madeByCall(r: Resolver, ref: ExprRef, seen: Set<CarrierKey>): readonly ExprRef[] {
  const { file } = ref
  const call = r.program.expr(file, ref.expr)
  if (call.k !== 'call' && call.k !== 'new') return []
  const callee = r.program.expr(file, call.callee)
  const value = frameworkValue(r, ref)
  const targets = r.expr(file, call.callee)
  if (callee.k === 'member' && targets.some((target) => staysOn(target, value)))
    return madeBy(r, { file, expr: callee.object }, seen)
  const inside = targets.flatMap((target) =>
    target.k === 'fn'
      ? r.program
          .fn(target.file, target.fn)
          .returns.flatMap((expr) => madeBy(r, { file: target.file, expr }, seen))
      : [],
  )
  if (inside.length > 0) return inside
  return value ? [ref] : []
}

/** `app.get(…)` is the application still, and `router.route('/')` a part of the router. */
function staysOn(target: Value, given: Value | undefined): boolean {
  if (target.k !== 'libmember' || target.lib.kind !== 'framework') return false
  return target.member.returns === 'self' || (given !== undefined && !establishOf(given))
}

function givenTo(r: Resolver, file: string, binding: Binding | undefined): readonly ExprRef[] {
  if (!binding) return []
  if (binding.import) {
    const module = r.program.link(file, binding.import.module)
    return module === undefined ? [] : exported(r, module, binding.import.name)
  }
  if (binding.path.length > 0 || binding.param) return []
  const values = binding.init === undefined ? binding.writes : [binding.init, ...binding.writes]
  return values.map((expr) => ({ file, expr }))
}

function memberGiven(r: Resolver, value: Value, name: string): readonly ExprRef[] {
  switch (value.k) {
    case 'ns':
      return exported(r, value.file, name)
    case 'obj': {
      const object = r.program.expr(value.file, value.expr)
      const prop = object.k === 'obj' ? object.props.find((each) => each.name === name) : undefined
      return prop ? [{ file: value.file, expr: prop.value }] : []
    }
    case 'inst':
    case 'cls':
      return fieldGiven(r, value.file, value.cls, name)
    default:
      return []
  }
}

function fieldGiven(
  r: Resolver,
  file: string,
  id: ClassId,
  name: string,
  depth = 0,
): readonly ExprRef[] {
  const cls = r.program.cls(file, id)
  const own = [
    ...r
      .index(file)
      .membersOf(cls, name)
      .flatMap(({ value, kind, fn }) => {
        if (kind === 'getter' && fn !== undefined) return r.program.fn(file, fn).returns
        return value ?? []
      }),
    ...cls.fields.filter((each) => each.name === name).map((each) => each.value),
  ]
  if (own.length > 0 || cls.extends === undefined || depth > 8)
    return own.map((expr) => ({ file, expr }))
  return r
    .expr(file, cls.extends)
    .flatMap((base) =>
      base.k === 'cls' ? fieldGiven(r, base.file, base.cls, name, depth + 1) : [],
    )
}
