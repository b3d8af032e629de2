import type { Builder, Place } from './builder.js'
import { decoratorsOf, startBehind } from './decorators.js'
import { readExpression } from './expressions.js'
import { keyName, readOptionalType } from './type-expressions.js'
import type { Binding, ExprId, PathStep, PatternFact } from './types.js'

/** Declares every name of a binding pattern. `rest` is what is known of the value as a whole. */
export function declarePattern<N>(
  b: Builder<N>,
  node: N,
  place: Place,
  kind: Binding['kind'],
  rest: Partial<Binding>,
): void {
  const shape = b.shape(node)
  switch (shape.type) {
    case 'Identifier': {
      const type = readOptionalType(b, shape.typeAnnotation, place.scope) ?? rest.type
      const scope = kind === 'var' ? b.varScope(place.scope) : place.scope
      const start = startBehind(b, decoratorsOf(shape), node)
      b.addBinding(shape.name, scope, kind, { ...b.span(node), start }, { ...rest, type })
      return
    }
    case 'AssignmentPattern': {
      const fallback = readExpression(b, shape.right, place)
      declarePattern(b, shape.left, place, kind, { ...rest, fallback })
      return
    }
    case 'ObjectPattern': {
      const type = readOptionalType(b, shape.typeAnnotation, place.scope) ?? rest.type
      const inner = { ...rest, type }
      for (const each of shape.properties) {
        const property = b.shape(each)
        if (property.type === 'RestElement')
          declarePattern(b, property.argument, place, kind, extend(inner, { rest: true }))
        if (property.type !== 'Property') continue
        if (property.computed) readExpression(b, property.key, place)
        const name = keyName(b, property.key, property.computed)
        const step: PathStep = name === undefined ? { element: -1 } : { prop: name }
        declarePattern(b, property.value, place, kind, extend(inner, step))
      }
      return
    }
    case 'ArrayPattern': {
      const type = readOptionalType(b, shape.typeAnnotation, place.scope) ?? rest.type
      shape.elements.forEach((each, index) => {
        if (!each) return
        const element = b.shape(each)
        const inner = { ...rest, type }
        if (element.type === 'RestElement')
          declarePattern(b, element.argument, place, kind, extend(inner, { rest: true }))
        else declarePattern(b, each, place, kind, extend(inner, { element: index }))
      })
      return
    }
    case 'RestElement': {
      const type = readOptionalType(b, shape.typeAnnotation, place.scope)
      declarePattern(b, shape.argument, place, kind, type === undefined ? rest : { ...rest, type })
      return
    }
    case 'TSParameterProperty':
      declarePattern(b, shape.parameter, place, kind, rest)
      return
    default:
      return
  }
}

function extend(rest: Partial<Binding>, step: PathStep): Partial<Binding> {
  // A default stands for the part it is written at, not for the parts below it.
  const { fallback: _outer, ...others } = rest
  return { ...others, path: [...(rest.path ?? []), step] }
}

/** `({ a, b: this.b } = value)`: names are noted as written, the rest is only read. */
export function assignPattern<N>(b: Builder<N>, node: N, place: Place, value: ExprId): void {
  const shape = b.shape(node)
  switch (shape.type) {
    case 'Identifier':
      return
    case 'AssignmentPattern':
      readExpression(b, shape.right, place)
      assignPattern(b, shape.left, place, value)
      return
    case 'ObjectPattern':
      for (const each of shape.properties) {
        const property = b.shape(each)
        if (property.type === 'Property') assignPattern(b, property.value, place, value)
        else if (property.type === 'RestElement') assignPattern(b, property.argument, place, value)
      }
      return
    case 'ArrayPattern':
      for (const each of shape.elements) if (each) assignPattern(b, each, place, value)
      return
    case 'RestElement':
      assignPattern(b, shape.argument, place, value)
      return
    default:
      readExpression(b, node, place)
  }
}

/** What an object pattern binds, for a codemod that adds a name to it. */
export function patternFact<N>(b: Builder<N>, node: N): PatternFact | undefined {
  const shape = b.shape(node)
  if (shape.type === 'AssignmentPattern') return patternFact(b, shape.left)
  if (shape.type !== 'ObjectPattern') return undefined
  const start = b.syntax.start(node)
  const type = shape.typeAnnotation
  const last = shape.properties.at(-1)
  const lastEnd = last === undefined ? start + 1 : b.syntax.end(last)
  const names = shape.properties.flatMap((each) => {
    const property = b.shape(each)
    const name =
      property.type === 'Property' ? keyName(b, property.key, property.computed) : undefined
    return name === undefined ? [] : [name]
  })
  return {
    names,
    rest: shape.properties.some((each) => b.shape(each).type === 'RestElement'),
    start,
    end: b.text.lastIndexOf('}', type ? b.syntax.start(type) : b.syntax.end(node) - 1) + 1,
    last: lastEnd,
  }
}
