import { readAssignment } from './assignments.js'
import type { Builder, Mutable, Place } from './builder.js'
import { addCall, addUse, asValue, chainLinks, linkUse, readCall, type Use } from './calls.js'
import { readClass } from './classes.js'
import { readFunction } from './functions.js'
import { readStatement } from './statements.js'
import { keyName, readType, readTypeArguments } from './type-expressions.js'
import { type ExprId, type Fn, type ObjProp, type TypeId } from './types.js'

/** Longest piece of a string or template that is kept: enough for the first keyword of a statement. */
const KEPT_TEXT = 120

export function readExpression<N>(
  b: Builder<N>,
  node: N,
  place: Place,
  use: Use = asValue,
  contextType?: TypeId,
): ExprId {
  if (!b.enter()) return b.addExpr(node, { k: 'other', parts: [] })
  const id = readShape(b, node, place, use, contextType)
  b.leave()
  return id
}

function readShape<N>(
  b: Builder<N>,
  node: N,
  place: Place,
  use: Use,
  contextType: TypeId | undefined,
): ExprId {
  const shape = b.shape(node)
  switch (shape.type) {
    case 'ChainExpression':
    case 'ParenthesizedExpression':
    case 'TSInstantiationExpression':
      return readExpression(b, shape.expression, place, use, contextType)
    case 'TSNonNullExpression':
      return b.addExpr(node, { k: 'nonnull', of: readExpression(b, shape.expression, place, use) })
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSTypeAssertion': {
      const type = readType(b, shape.typeAnnotation, place.scope)
      const isConst =
        b.types[type]?.k === 'ref' &&
        b.text.slice(b.syntax.start(shape.typeAnnotation)).startsWith('const')
      const of = readExpression(b, shape.expression, place, use, type)
      return b.addExpr(node, {
        k: 'as',
        of,
        type: isConst ? undefined : type,
        assertion: shape.type !== 'TSSatisfiesExpression',
      })
    }
    case 'Identifier':
      if (shape.name === 'undefined') return b.addExpr(node, { k: 'nothing' })
      if (shape.name === 'arguments') noteArguments(b, place)
      return b.addExpr(node, { k: 'id', name: shape.name, scope: place.scope })
    case 'ThisExpression':
      return b.addExpr(node, { k: 'this', cls: place.cls, fn: place.fn })
    case 'Super':
      return b.addExpr(node, { k: 'super', cls: place.cls, fn: place.fn })
    case 'Literal':
      if (typeof shape.value === 'string')
        return b.addExpr(node, { k: 'str', value: shape.value.slice(0, KEPT_TEXT), complete: true })
      if (typeof shape.value === 'number') return b.addExpr(node, { k: 'num', value: shape.value })
      return b.addExpr(node, shape.value === null ? { k: 'nothing' } : { k: 'other', parts: [] })
    case 'TemplateLiteral':
      return readTemplate(b, node, shape.quasis, shape.expressions, place)
    case 'TaggedTemplateExpression': {
      const callee = readExpression(b, shape.tag, place)
      const quasi = readExpression(b, shape.quasi, place)
      const typeArgs = readTypeArguments(
        b,
        shape.typeArguments ?? shape.typeParameters,
        place.scope,
      )
      const id = b.addExpr(node, { k: 'tag', callee, quasi, typeArgs })
      const end = b.exprs[callee]?.end ?? 0
      addCall(b, id, place, use, { open: end, close: end, trailingComma: false }, [quasi])
      return id
    }
    case 'MemberExpression':
      return readMember(b, node, shape, place, use)
    case 'CallExpression':
    case 'NewExpression':
      return readCall(b, node, shape, place, use)
    case 'ImportExpression': {
      const source = b.shape(shape.source)
      if (source.type === 'Literal' && typeof source.value === 'string') {
        b.modules.add(source.value)
        return b.addExpr(node, { k: 'import', module: source.value })
      }
      return b.addExpr(node, { k: 'other', parts: [readExpression(b, shape.source, place)] })
    }
    case 'AwaitExpression': {
      const inner: Use = { kind: 'await', then: false }
      return b.addExpr(node, { k: 'await', of: readUsed(b, shape.argument, place, inner) })
    }
    case 'YieldExpression': {
      const of = shape.argument
        ? readExpression(b, shape.argument, place, { kind: 'await', then: false })
        : undefined
      const fn = b.functions[place.fn]
      if (of !== undefined) fn?.yields.push(of)
      return b.addExpr(node, { k: 'yield', of, delegate: shape.delegate })
    }
    case 'UnaryExpression': {
      if (shape.operator === 'void' && b.shape(shape.argument).type === 'Literal')
        return b.addExpr(node, { k: 'nothing' })
      const inner: Use = shape.operator === 'void' ? { kind: 'void', then: use.then } : asValue
      return b.addExpr(node, {
        k: 'other',
        parts: [readExpression(b, shape.argument, place, inner)],
      })
    }
    case 'LogicalExpression':
      return b.addExpr(node, {
        k: 'either',
        op: shape.operator,
        of: [readExpression(b, shape.left, place), readUsed(b, shape.right, place, use)],
      })
    case 'ConditionalExpression': {
      const test = readExpression(b, shape.test, place)
      const branch = { ...place, guards: [...place.guards, test] }
      return b.addExpr(node, {
        k: 'either',
        op: '?',
        of: [
          readUsed(b, shape.consequent, branch, use),
          readUsed(b, shape.alternate, branch, use),
          test,
        ],
      })
    }
    case 'AssignmentExpression':
      return readAssignment(b, node, shape, place)
    case 'SequenceExpression': {
      const parts = shape.expressions.map((each) => readExpression(b, each, place))
      const [first, last, ...more] = parts
      // `(0, load)(id)`, as compilers write it, is the function without its object.
      if (last !== undefined && more.length === 0 && b.exprs[first ?? -1]?.k === 'num')
        return b.addExpr(node, { k: 'as', of: last, type: undefined, assertion: false })
      return b.addExpr(node, { k: 'other', parts })
    }
    case 'ArrayExpression':
      return b.addExpr(node, {
        k: 'arr',
        of: shape.elements.flatMap((each) =>
          each ? [readUsed(b, each, place, use.kind === 'await' ? use : asValue)] : [],
        ),
      })
    case 'ObjectExpression':
      return b.addExpr(node, { k: 'obj', props: readProperties(b, shape.properties, place) })
    case 'SpreadElement':
      return b.addExpr(node, { k: 'spread', of: readExpression(b, shape.argument, place) })
    case 'FunctionExpression':
    case 'ArrowFunctionExpression': {
      const fn = readFunction(b, node, place, { contextType })
      const id = b.addExpr(node, { k: 'fn', fn })
      setExpr(b, fn, id)
      return id
    }
    case 'ClassExpression':
      return b.addExpr(node, { k: 'class', cls: readClass(b, node, place) })
    default:
      return readOther(b, node, place)
  }
}

/** Reads an expression that is awaited, returned or nothing of the kind, by its use. */
export function readUsed<N>(b: Builder<N>, node: N, place: Place, use: Use): ExprId {
  const id = readExpression(b, node, place, use)
  if (use.kind === 'await' || use.kind === 'return') addUse(b, id, place, use)
  return id
}

function setExpr<N>(b: Builder<N>, fn: number, expr: ExprId): void {
  const found = b.functions[fn]
  if (found) found.expr = expr
}

function noteArguments<N>(b: Builder<N>, place: Place): void {
  let fn: Mutable<Fn> | undefined = b.functions[place.fn]
  while (fn && fn.kind === 'arrow' && fn.parent !== undefined) fn = b.functions[fn.parent]
  if (fn) fn.usesArguments = true
}

function readTemplate<N>(
  b: Builder<N>,
  node: N,
  quasis: readonly N[],
  expressions: readonly N[],
  place: Place,
): ExprId {
  for (const each of expressions) readExpression(b, each, place)
  const first = quasis[0] === undefined ? undefined : b.shape(quasis[0])
  const value = first?.type === 'TemplateElement' ? (first.value.cooked ?? first.value.raw) : ''
  return b.addExpr(node, {
    k: 'str',
    value: value.slice(0, KEPT_TEXT),
    complete: expressions.length === 0,
  })
}

function readMember<N>(
  b: Builder<N>,
  node: N,
  shape: { object: N; property: N; computed: boolean; optional?: boolean },
  place: Place,
  use: Use,
): ExprId {
  const name = keyName(b, shape.property, shape.computed)
  const object = readExpression(b, shape.object, place, linkUse(name, use))
  if (name !== undefined && chainLinks.has(name)) addUse(b, object, place, linkUse(name, use))
  if (name === undefined)
    return b.addExpr(node, { k: 'index', object, index: readExpression(b, shape.property, place) })
  return b.addExpr(node, {
    k: 'member',
    object,
    name,
    optional: shape.optional === true,
    nameStart: b.syntax.start(shape.property),
  })
}

function readProperties<N>(b: Builder<N>, nodes: readonly N[], place: Place): ObjProp[] {
  return nodes.map((node) => {
    const shape = b.shape(node)
    const start = b.syntax.start(node)
    const end = b.syntax.end(node)
    const unnamed = { start, end, name: undefined, shorthand: false, getter: false }
    if (shape.type === 'SpreadElement')
      return { ...unnamed, value: readExpression(b, shape.argument, place), spread: true }
    if (shape.type !== 'Property')
      return { ...unnamed, value: readOther(b, node, place), spread: false }
    if (shape.computed) readExpression(b, shape.key, place)
    const name = keyName(b, shape.key, shape.computed)
    const isMethod = shape.method || shape.kind === 'get' || shape.kind === 'set'
    const value = isMethod
      ? readMethodValue(b, shape.value, place, name ?? '', b.syntax.end(shape.key), shape.kind)
      : readExpression(b, shape.value, place)
    nameFunction(b, value, name)
    return {
      start,
      end,
      name,
      value,
      spread: false,
      shorthand: shape.shorthand,
      getter: shape.kind === 'get',
    }
  })
}

function readMethodValue<N>(
  b: Builder<N>,
  value: N,
  place: Place,
  name: string,
  from: number,
  kind: string,
): ExprId {
  const fnKind = kind === 'get' ? 'getter' : kind === 'set' ? 'setter' : 'method'
  const fn = readFunction(b, value, place, { name, kind: fnKind, from })
  const id = b.addExpr(value, { k: 'fn', fn }, b.functions[fn])
  setExpr(b, fn, id)
  return id
}

/** Gives a function without a name that of the variable or property it is stored in. */
export function nameFunction<N>(b: Builder<N>, expr: ExprId, name: string | undefined): void {
  const value = b.exprs[expr]
  const fn = value?.k === 'fn' ? b.functions[value.fn] : undefined
  if (fn && name !== undefined && fn.name === '') fn.name = name
}

/** A node that the engine does not interpret: what it contains is still read, and remembered as its parts. */
function readOther<N>(b: Builder<N>, node: N, place: Place): ExprId {
  const parts: ExprId[] = []
  for (const child of b.syntax.children(node)) {
    const shape = b.shape(child)
    if (shape.type.endsWith('Statement') || shape.type.endsWith('Declaration'))
      readStatement(b, child, place)
    else if (!shape.type.startsWith('TS')) parts.push(readExpression(b, child, place))
  }
  const product = productOf(b, parts)
  return b.addExpr(
    node,
    product === undefined ? { k: 'other', parts } : { k: 'num', value: product },
  )
}

/** `30 * 1_000`, as people write times. */
function productOf<N>(b: Builder<N>, parts: readonly ExprId[]): number | undefined {
  const [left, right, ...more] = parts.map((each) => b.exprs[each])
  if (left?.k !== 'num' || right?.k !== 'num' || more.length > 0) return undefined
  const isProduct = b.text.slice(left.end, right.start).trim() === '*'
  return isProduct ? left.value * right.value : undefined
}
