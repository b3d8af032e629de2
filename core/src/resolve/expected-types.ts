import { oncePer } from '../once-per.js'
import {
  ANY_KEY,
  type Binding,
  type ExprId,
  type FileFacts,
  type MemberWrite,
} from '../facts/types.js'
import { isMapName } from './contents.js'
import type { Resolver } from './resolver.js'
import { partsOf, type Part, type TypeRef } from './written-types.js'

const MAX_STEPS = 6

/** Methods that put an argument into a collection, with its position among the arguments. */
export const storing: ReadonlyMap<string, { readonly index: number; readonly of: 'list' | 'map' }> =
  new Map([
    ['set', { index: 1, of: 'map' }],
    ['add', { index: 0, of: 'list' }],
    ['push', { index: 0, of: 'list' }],
    ['unshift', { index: 0, of: 'list' }],
  ])

/**
 * The types that a program writes for the place an expression stands in: of the property of a literal, the
 * element of a list, what is assigned or put into a collection, and what an object is made with.
 */
export function expectedTypes(r: Resolver, file: string, id: ExprId, step = 0): readonly TypeRef[] {
  if (step > MAX_STEPS) return []
  const index = r.index(file)
  const written = index.typeOf(id)
  if (written !== undefined) return [{ file, type: written }]
  const property = index.propertyOf(id)
  if (property) return within(r, file, property.object, { prop: property.name }, step)
  const list = index.elementOf(id)
  if (list !== undefined) {
    const inMap = entryOf(r, file, list, id)
    return inMap ?? within(r, file, list, { of: 'list' }, step)
  }
  const place = index.argumentOf(id)
  if (place) return ofArgument(r, file, place.call, place.index)
  const { writes, assigned } = targetsIn(r.program.facts(file))
  const write = writes.get(id)
  if (write) return membersWritten(r, file, write.object, write.name)
  const target = assigned.get(id)
  return target === undefined ? [] : declaredTypes(r, file, target)
}

/** A part of what a literal is expected to be; of `Record<string, T>` any property is one. */
function within(
  r: Resolver,
  file: string,
  literal: ExprId,
  part: Part,
  step: number,
): readonly TypeRef[] {
  return expectedTypes(r, file, literal, step + 1).flatMap((each) => partsOf(r, each, part))
}

/** `new Map<string, Load>([['a', load]])` */
function entryOf(
  r: Resolver,
  file: string,
  entry: ExprId,
  value: ExprId,
): readonly TypeRef[] | undefined {
  const index = r.index(file)
  const list = index.elementOf(entry)
  const place = list === undefined ? undefined : index.argumentOf(list)
  const pair = r.program.expr(file, entry)
  if (!place || pair.k !== 'arr' || pair.of[1] !== value) return undefined
  const held = heldByNew(r, file, place.call, 'map')
  if (held.length > 0) return held
  return expectedTypes(r, file, place.call).flatMap((each) => partsOf(r, each, { of: 'map' }))
}

/** `new Map<string, Load>()`, `new Set<Load>()` */
function heldByNew(r: Resolver, file: string, id: ExprId, of: 'list' | 'map'): readonly TypeRef[] {
  const made = r.program.expr(file, id)
  const callee = made.k === 'new' ? r.program.expr(file, made.callee) : undefined
  if (made.k !== 'new' || callee?.k !== 'id') return []
  const position = of === 'map' && isMapName(callee.name) ? 1 : callee.name === 'Set' ? 0 : -1
  const type = made.typeArgs[position]
  return type === undefined ? [] : [{ file, type }]
}

function ofArgument(r: Resolver, file: string, id: ExprId, index: number): readonly TypeRef[] {
  const call = r.program.expr(file, id)
  if (call.k !== 'call' && call.k !== 'new') return []
  const callee = r.program.expr(file, call.callee)
  const store = callee.k === 'member' ? storing.get(callee.name) : undefined
  if (callee.k === 'member' && store && (store.index === index || callee.name !== 'set')) {
    const held = heldIn(r, file, callee.object, store.of)
    if (held.length > 0) return held
  }
  return r.expr(file, call.callee).flatMap((value): TypeRef[] => {
    const owner = call.k === 'new' && value.k === 'cls' ? value : undefined
    const constructor = owner && r.program.cls(owner.file, owner.cls)
    const fn =
      value.k === 'fn'
        ? value.fn
        : constructor?.members.find((each) => each.kind === 'constructor')?.fn
    if ((value.k !== 'fn' && !owner) || fn === undefined || !('file' in value)) return []
    if (value.k === 'fn' && !keepsParameter(r, value.file, fn, index)) return []
    const type = r.program.fn(value.file, fn).params[index]?.type
    return type === undefined ? [] : [{ file: value.file, type }]
  })
}

/** What a collection that a variable or a field holds is declared to hold. */
function heldIn(r: Resolver, file: string, id: ExprId, of: 'list' | 'map'): readonly TypeRef[] {
  const declared = declaredTypes(r, file, id).flatMap((each) => partsOf(r, each, { of }))
  return declared.length > 0
    ? declared
    : initials(r, file, id).flatMap((each) => heldByNew(r, each.file, each.expr, of))
}

function membersWritten(
  r: Resolver,
  file: string,
  object: ExprId,
  name: string,
): readonly TypeRef[] {
  const owner = r.program.expr(file, object)
  if (owner.k === 'this') return fieldTypes(r, file, owner.cls, name)
  // Of a record every key has the type.
  const prop = name === ANY_KEY ? '' : name
  return declaredTypes(r, file, object).flatMap((each) => partsOf(r, each, { prop }))
}

/** The annotation of a variable, a parameter or a field. */
function declaredTypes(r: Resolver, file: string, id: ExprId): readonly TypeRef[] {
  const expr = r.program.expr(file, id)
  switch (expr.k) {
    case 'nonnull':
      return declaredTypes(r, file, expr.of)
    case 'id': {
      const found = bindingOf(r, file, expr.name, expr.scope)
      if (!found || found.binding.path.length > 0) return []
      const { type, init } = found.binding
      if (type !== undefined) return [{ file: found.file, type }]
      const written = init === undefined ? undefined : r.index(found.file).typeOf(init)
      return written === undefined ? [] : [{ file: found.file, type: written }]
    }
    case 'member': {
      const owner = r.program.expr(file, expr.object)
      if (owner.k === 'this') return fieldTypes(r, file, owner.cls, expr.name)
      return declaredTypes(r, file, expr.object).flatMap((each) =>
        partsOf(r, each, { prop: expr.name }),
      )
    }
    default:
      return []
  }
}

function fieldTypes(
  r: Resolver,
  file: string,
  cls: number | undefined,
  name: string,
): readonly TypeRef[] {
  if (cls === undefined) return []
  return r
    .index(file)
    .membersOf(r.program.cls(file, cls), name)
    .flatMap(({ type }) => (type === undefined ? [] : [{ file, type }]))
}

function initials(
  r: Resolver,
  file: string,
  id: ExprId,
): readonly { readonly file: string; readonly expr: ExprId }[] {
  const expr = r.program.expr(file, id)
  if (expr.k === 'id') {
    const found = bindingOf(r, file, expr.name, expr.scope)
    return found?.binding.init === undefined ? [] : [{ file: found.file, expr: found.binding.init }]
  }
  const owner = expr.k === 'member' ? r.program.expr(file, expr.object) : undefined
  if (expr.k !== 'member' || owner?.k !== 'this' || owner.cls === undefined) return []
  return r
    .index(file)
    .membersOf(r.program.cls(file, owner.cls), expr.name)
    .flatMap(({ value }) => (value === undefined ? [] : [{ file, expr: value }]))
}

/** A name's declaration, also where it is imported. */
function bindingOf(
  r: Resolver,
  file: string,
  name: string,
  scope: number,
  step = 0,
): { readonly file: string; readonly binding: Binding } | undefined {
  const binding = r.program.lookUp(file, name, scope)
  if (!binding?.import) return binding && { file, binding }
  const module = step > MAX_STEPS ? undefined : r.program.link(file, binding.import.module)
  if (module === undefined) return undefined
  const { name: wanted } = binding.import
  const found = r.program.facts(module).exports.find((each) => each.name === wanted)
  return found?.kind === 'local' ? bindingOf(r, module, found.local, 0, step + 1) : undefined
}

/** A function keeps what it is given: `registry[name] = load`, `this.loads.push(load)`. */
function keepsParameter(r: Resolver, file: string, fn: number, index: number): boolean {
  return targetsIn(r.program.facts(file)).kept.some((id) => {
    const expr = r.program.expr(file, id)
    const param = expr.k === 'id' ? r.program.lookUp(file, expr.name, expr.scope)?.param : undefined
    return param?.fn === fn && param.index === index
  })
}

interface Targets {
  readonly writes: ReadonlyMap<ExprId, MemberWrite>
  /** The name that a value is assigned to. */
  readonly assigned: ReadonlyMap<ExprId, ExprId>
  /** Values that are put somewhere to stay. */
  readonly kept: readonly ExprId[]
}

const targetsIn = oncePer((facts: FileFacts): Targets => {
  const writes = new Map(facts.writes.map((each) => [each.value, each]))
  const assigned = new Map<ExprId, ExprId>()
  const kept: ExprId[] = facts.writes.map((each) => each.value)
  for (const expr of facts.exprs) {
    if (expr.k === 'assign') assigned.set(expr.value, expr.target)
    const callee = expr.k === 'call' ? facts.exprs[expr.callee] : undefined
    if (expr.k !== 'call' || callee?.k !== 'member') continue
    const store = storing.get(callee.name)
    const value = store && expr.args[store.index]
    if (value !== undefined) kept.push(value)
  }
  return { writes, assigned, kept }
})
