import { ANY_KEY, type Binding, type ExprId } from '../facts/types.js'
import type { Resolver } from '../resolve/resolver.js'

/**
 * Whether an expression gives the same, and does nothing, when it is worked out again for every element, or later:
 * names that keep their value, `this`, and members that nothing sets or computes.
 */
export function isSameAgain(
  r: Resolver,
  file: string,
  id: ExprId,
  text: string,
  isLater: boolean,
): boolean {
  const expr = r.program.expr(file, id)
  switch (expr.k) {
    case 'this':
    case 'super':
    case 'nothing':
      return true
    case 'as':
    case 'nonnull':
      return isSameAgain(r, file, expr.of, text, isLater)
    case 'id': {
      const binding = r.program.lookUp(file, expr.name, expr.scope)
      return !isLater || binding === undefined || keepsValue(binding, text)
    }
    case 'member':
      return (
        !expr.optional &&
        !isComputed(r, file, expr.object, expr.name) &&
        (!isLater || !isSetByFunction(r, expr.name)) &&
        isSameAgain(r, file, expr.object, text, isLater)
      )
    case 'index':
      return (
        !hasGetter(r, file, expr.object) &&
        (!isLater || !isSetByFunction(r, ANY_KEY)) &&
        isSameAgain(r, file, expr.object, text, isLater) &&
        isSameAgain(r, file, expr.index, text, isLater)
      )
    case 'str':
    case 'num':
      return true
    default:
      return false
  }
}

/** Of an object whose member is not told. */
function hasGetter(r: Resolver, file: string, object: ExprId): boolean {
  const values = r.expr(file, object)
  return values.some((value) => {
    const literal = value.k === 'obj' ? r.program.expr(value.file, value.expr) : undefined
    if (literal?.k === 'obj') return literal.props.some((each) => each.getter)
    return value.k !== 'array' && value.k !== 'keyed'
  })
}

function keepsValue({ kind, writes, start }: Binding, text: string): boolean {
  if (writes.length > 0) return false
  // Each turn of a loop has its own, unless it is declared with `var`.
  return kind !== 'loop' || !/^\s*var\b/.test(text.slice(text.lastIndexOf('(', start) + 1, start))
}

function isComputed(r: Resolver, file: string, object: ExprId, name: string): boolean {
  return r.expr(file, object).some((value) => {
    if (value.k === 'obj') {
      const literal = r.program.expr(value.file, value.expr)
      return literal.k === 'obj' && literal.props.some((each) => each.name === name && each.getter)
    }
    if (value.k !== 'inst' && value.k !== 'cls') return false
    return r
      .index(value.file)
      .membersOf(r.program.cls(value.file, value.cls), name)
      .some((each) => each.kind === 'getter')
  })
}

/** A member is set while the program runs, and not when a module is loaded or an object made. */
function isSetByFunction(r: Resolver, name: string): boolean {
  return [...r.files].some(([file]) =>
    r
      .index(file)
      .writes(name)
      .some(({ fn }) => {
        const { kind } = r.program.fn(file, fn)
        return kind !== 'module' && kind !== 'constructor'
      }),
  )
}
