import {
  placedSignatures,
  type Analysis,
  type ExprId,
  type Fn,
  type FnRef,
  type Signature,
  type Value,
} from '@ctx-fix/core'

/** What has to change together with a function's signature. */
export interface Family {
  /** Overload signatures of the function itself. */
  readonly overloads: readonly Fn[]
  /** Signatures in interfaces and type aliases through which it is called. */
  readonly signatures: readonly { readonly file: string; readonly signature: Signature }[]
  /** Methods of base classes that it overrides, and of subclasses that override it. */
  readonly members: readonly FnRef[]
}

export function familyOf(analysis: Analysis, unit: FnRef): Family {
  const { program } = analysis.resolver
  const fn = program.fn(unit.file, unit.fn)
  const declared = declaringValues(analysis, unit, fn)
  return {
    overloads: overloadsOf(analysis, unit, fn),
    signatures: unique(
      declared.flatMap((value) =>
        value.k === 'sig' ? value.sigs.map((signature) => ({ file: value.file, signature })) : [],
      ),
    ),
    members: declared.flatMap((value) =>
      value.k === 'fn'
        ? value.overloads
            .filter((each) => each !== unit.fn || value.file !== unit.file)
            .map((each) => ({ file: value.file, fn: each }))
        : [],
    ),
  }
}

/** A signature in its file has its closing bracket to itself. */
export function signatureKey({ file, signature }: Family['signatures'][number]): string {
  return `${file}\0${signature.close}`
}

function unique(list: Family['signatures']): Family['signatures'] {
  const seen = new Map(list.map((each) => [signatureKey(each), each]))
  return [...seen.values()]
}

function overloadsOf(analysis: Analysis, unit: FnRef, fn: Fn): readonly Fn[] {
  const facts = analysis.resolver.program.facts(unit.file)
  const siblings =
    fn.cls === undefined || fn.kind !== 'method'
      ? facts.bindings.find((each) => each.fns.includes(fn.id))?.fns
      : facts.classes[fn.cls]?.members.flatMap((each) =>
          each.kind === 'method' &&
          each.name === fn.name &&
          each.static === fn.static &&
          each.fn !== undefined
            ? [each.fn]
            : [],
        )
  return (siblings ?? []).flatMap((id) => {
    const each = facts.functions[id]
    return each && id !== fn.id ? [each] : []
  })
}

/** The values by which types and base classes know the function. */
export function declaringValues(
  analysis: Analysis,
  unit: FnRef,
  fn: Fn,
  depth = 0,
): readonly Value[] {
  const r = analysis.resolver
  if (fn.kind === 'method' && fn.cls !== undefined) {
    if (fn.static) return []
    const bases = basesOf(analysis, unit.file, fn.cls)
    const below = offeredBelow(analysis, unit.file, fn.cls, fn.name)
    return withBases(analysis, r.member([...bases, ...below], fn.name), depth)
  }
  const typed = fn.contextType === undefined ? [] : r.type(unit.file, fn.contextType)
  const property = fn.expr === undefined ? undefined : r.index(unit.file).propertyOf(fn.expr)
  const owners = property ? ownerTypes(analysis, unit.file, property.object) : []
  const field = fieldTypes(analysis, unit, fn)
  const placed = placedSignatures(r, unit)
  return [...typed, ...field, ...placed, ...(property ? r.member(owners, property.name) : [])]
}

/**
 * What a class extends and implements. An optional member of an interface may be declared by none of the classes
 * between the one that implements it and the one that has it.
 */
function basesOf({ resolver: r }: Analysis, file: string, id: number): readonly Value[] {
  const offered = (at: string, cls: number, step: number): readonly Value[] => [
    ...r.program.cls(at, cls).implements.flatMap((each) => r.type(at, each)),
    ...(step > 8
      ? []
      : r
          .superValues(at, cls)
          .flatMap((base) => (base.k === 'inst' ? offered(base.file, base.cls, step + 1) : []))),
  ]
  return [...r.superValues(file, id), ...offered(file, id, 0)]
}

/** What classes implement by a method that they inherit: `class Users extends Store implements Named {}`. */
function offeredBelow(
  analysis: Analysis,
  file: string,
  id: number,
  name: string,
  step = 0,
): readonly Value[] {
  const { resolver: r } = analysis
  if (step > 8) return []
  return r.subtypes(`cls ${file} ${id}`).flatMap((each) => {
    const cls = r.program.cls(each.file, each.cls)
    if (cls.members.some((member) => member.name === name && !member.static)) return []
    return [
      ...cls.implements.flatMap((type) => r.type(each.file, type)),
      ...offeredBelow(analysis, each.file, each.cls, name, step + 1),
    ]
  })
}

/** With the methods that these override in turn. */
function withBases(analysis: Analysis, declared: readonly Value[], depth = 0): readonly Value[] {
  return [
    ...declared,
    ...declared.flatMap((value) => {
      if (value.k !== 'fn' || depth > 8) return []
      const fn = analysis.resolver.program.fn(value.file, value.fn)
      return fn.kind === 'method' ? declaringValues(analysis, value, fn, depth + 1) : []
    }),
  ]
}

/** `class A implements B { list = async () => {} }` */
function fieldTypes(analysis: Analysis, unit: FnRef, fn: Fn): readonly Value[] {
  const r = analysis.resolver
  for (const cls of r.program.facts(unit.file).classes) {
    const member = cls.members.find((each) => each.value !== undefined && each.value === fn.expr)
    if (!member) continue
    return r.member(basesOf(analysis, unit.file, cls.id), member.name)
  }
  return []
}

/** The types that an object literal is declared to have: of its variable, of the function that returns it. */
function ownerTypes(analysis: Analysis, file: string, object: ExprId): readonly Value[] {
  const r = analysis.resolver
  const facts = r.program.facts(file)
  const types: number[] = []
  for (const binding of facts.bindings)
    if (binding.init === object && binding.type !== undefined) types.push(binding.type)
  for (const fn of facts.functions)
    if (fn.returns.includes(object) && fn.returnType !== undefined) types.push(fn.returnType)
  facts.exprs.forEach((expr) => {
    if (expr.k === 'as' && expr.of === object && expr.type !== undefined) types.push(expr.type)
  })
  return types.flatMap((type) =>
    r.type(file, type).flatMap((value) => (value.k === 'promise' ? value.of : [value])),
  )
}
