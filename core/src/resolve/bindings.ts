import type { Binding, PathStep } from '../facts/types.js'
import { anyProperty, elementAt } from './contents.js'
import { moduleValues } from './exports.js'
import type { Resolver } from './resolver.js'
import { elements, union, weaken, type Value } from './values.js'

const nothing: readonly Value[] = []

export function bindingValues(r: Resolver, file: string, binding: Binding): readonly Value[] {
  if (binding.import) return moduleValues(r, file, binding.import.module, binding.import.name)
  if (binding.cls !== undefined) return [{ k: 'cls', file, cls: binding.cls, by: 'value' }]
  if (binding.fns.length > 0) {
    const fn = binding.fns.at(-1) ?? 0
    return [{ k: 'fn', file, fn, overloads: binding.fns, receiver: undefined, by: 'value' }]
  }
  const fallback =
    binding.fallback === undefined ? nothing : weaken(r.expr(file, binding.fallback), 'type')
  if (binding.param) return union(paramValues(r, file, binding), fallback)
  const values = ownValues(r, file, binding)
  return union(values, fallback)
}

function ownValues(r: Resolver, file: string, binding: Binding): readonly Value[] {
  const initial =
    binding.init === undefined ? nothing : follow(r, r.expr(file, binding.init), binding.path)
  // `user = await user.$query()`: what is written may be made from what was there.
  if (binding.writes.length > 0) r.assume(binding, initial)
  const made = union(
    initial,
    ...binding.writes.map((each) => r.expr(file, each)),
    binding.over === undefined ? nothing : follow(r, iterated(r, file, binding), binding.path),
  )
  // `[]` says nothing of what will be in it.
  const known = made.filter(
    (each) => each.k !== 'external' && !(each.k === 'array' && each.of.length === 0),
  )
  const typed =
    binding.type === undefined ? nothing : follow(r, r.type(file, binding.type), binding.path)
  // What was put in says more than the annotation, unless it says nothing.
  if (known.length === 0) return typed.length > 0 ? typed : made
  const isRecord = typed.some((each) => each.k === 'keyed')
  if (isRecord && known.every((each) => each.k === 'obj')) return union(known, typed)
  return typed.some((each) => each.k === 'lib' && !known.some((one) => one.k === 'lib'))
    ? union(known, typed)
    : known
}

function iterated(r: Resolver, file: string, binding: Binding): readonly Value[] {
  return binding.over ? elements(r.expr(file, binding.over.expr)) : nothing
}

function paramValues(r: Resolver, file: string, binding: Binding): readonly Value[] {
  if (!binding.param) return nothing
  const { fn, index } = binding.param
  const typed = binding.type === undefined ? nothing : r.type(file, binding.type)
  const known = follow(r, typed, binding.path)
  if (known.some((each) => !isVague(each))) return known
  const injected = r.injected(file, r.program.fn(file, fn).params[index]?.decorators ?? [])
  if (known.length + injected.length > 0) return union(known, follow(r, injected, binding.path))
  // A rest parameter holds all that is left, not the next of them.
  if (r.program.fn(file, fn).params[index]?.rest === true) return nothing
  const context = r.context(file, fn)[index] ?? nothing
  const given = context.length > 0 ? context : r.given(file, fn, index)
  return weaken(follow(r, given, binding.path), 'type')
}

/** A type that says less than what is put in. */
function isVague({ k }: Value): boolean {
  return k === 'iface' || k === 'lit' || k === 'external'
}

/** The part of a value that a destructuring pattern takes. */
export function follow(
  r: Resolver,
  values: readonly Value[],
  path: readonly PathStep[],
): readonly Value[] {
  let at = values
  for (const step of path) {
    if ('prop' in step) at = r.member(at, step.prop)
    else if ('element' in step)
      at = step.element < 0 ? anyProperty(r, at) : elementAt(at, step.element)
  }
  return at
}
