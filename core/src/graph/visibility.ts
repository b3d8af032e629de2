import { isWithin } from '../facts/text.js'
import type { Binding, FnId, Span } from '../facts/types.js'
import type { Resolver } from '../resolve/resolver.js'

/**
 * Whether a variable that is in scope has its value at a place. A `const` is there only behind its own
 * declaration, also for a function inside: one that stands before it may run before it. What one clause of a
 * `switch` declares is in scope in the others, and is set in none of them; nor is a `var` behind the block
 * that gives it its value.
 */
export function isSet(
  r: Resolver,
  file: string,
  binding: Binding,
  { position, here }: { readonly position: number; readonly here: FnId },
): boolean {
  // A parameter's default sees the parameters before it.
  if (binding.param) return binding.fn !== here || binding.end <= position
  const init = binding.init === undefined ? undefined : r.program.expr(file, binding.init)
  if (Math.max(binding.end, init?.end ?? 0) > position) return false
  const { clauses, blocks } = r.program.facts(file)
  const around = binding.kind === 'var' ? [...clauses, ...blocks] : clauses
  const place: Span = { start: position, end: position }
  return around.every((each) => !isWithin(binding, each) || isWithin(place, each))
}
