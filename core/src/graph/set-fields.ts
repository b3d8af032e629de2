import type { ClassId, ClassMember, Cls, FnId } from '../facts/types.js'
import type { Resolver } from '../resolve/resolver.js'

/**
 * Whether nothing gives a field a value: no initial one, no parameter of the constructor, no assignment. One
 * in a method that nothing calls counts for nothing, where the whole program is there to tell.
 */
export function isNeverSet(r: Resolver, file: string, id: ClassId, name: string): boolean {
  const line = lineOf(r, file, id)
  const members = line.flatMap(({ cls }) => cls.members.filter((each) => each.name === name))
  if (members.some(hasValue)) return false
  if (line.some((each) => isFilled(r, each.file, each.cls))) return false
  // Others may set what they see.
  const isOwn =
    members.length > 0 && members.every((each) => each.private || each.name.startsWith('#'))
  if (!isOwn && r.within !== undefined) return false
  const files = isOwn ? line.map((each) => each.file) : [...r.files].map(([each]) => each)
  return !files.some((each) =>
    r
      .index(each)
      .writes(name)
      .some(({ fn }) => runs(r, each, fn)),
  )
}

function hasValue({ kind, value, fromParam, decorators }: ClassMember): boolean {
  return kind !== 'field' || value !== undefined || fromParam !== undefined || decorators.length > 0
}

/** `Object.assign(this, options)` */
function isFilled(r: Resolver, file: string, cls: Cls): boolean {
  return r
    .index(file)
    .methodCalls('assign')
    .some(({ args }) => {
      const target = args[0] === undefined ? undefined : r.program.expr(file, args[0])
      return target?.k === 'this' && target.cls === cls.id
    })
}

interface ClassOf {
  readonly file: string
  readonly cls: Cls
}

/** A class and the own classes that it extends. */
function lineOf(r: Resolver, file: string, id: ClassId, depth = 0): readonly ClassOf[] {
  const bases = depth > 8 ? [] : r.superValues(file, id)
  return [
    { file, cls: r.program.cls(file, id) },
    ...bases.flatMap((base) =>
      base.k === 'inst' ? lineOf(r, base.file, base.cls, depth + 1) : [],
    ),
  ]
}

/** Whether a function may ever run: a method that nothing names does not. */
function runs(r: Resolver, file: string, id: FnId): boolean {
  const fn = r.program.fn(file, id)
  if (fn.kind !== 'method' || r.within !== undefined || fn.decorators.length > 0) return true
  return membersNamed(r).has(fn.name)
}

const named = new WeakMap<
  Resolver,
  { readonly size: number; readonly names: ReadonlySet<string> }
>()

/** Every name by which the program takes a member of something. */
function membersNamed(r: Resolver): ReadonlySet<string> {
  const { size } = r.program.files
  const known = named.get(r)
  if (known?.size === size) return known.names
  const names = new Set<string>()
  for (const [, { exprs, bindings }] of r.files) {
    for (const each of exprs) if (each.k === 'member') names.add(each.name)
    for (const { path } of bindings)
      for (const step of path) if ('prop' in step) names.add(step.prop)
  }
  named.set(r, { size, names })
  return names
}
