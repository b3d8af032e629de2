import type { Builder, Mutable, Place } from './builder.js'
import { readExpression, readUsed } from './expressions.js'
import { decoratorsOf, startBehind } from './decorators.js'
import { declarePattern, patternFact } from './patterns.js'
import { readBlock } from './statements.js'
import { findOutsideComments } from './text.js'
import { declareTypeParameters, dottedName, readOptionalType } from './type-expressions.js'
import type { ClassId, Decorator, Fn, FnId, FnKind, Param, ScopeId, TypeId } from './types.js'

interface FunctionContext {
  readonly name?: string
  readonly kind?: FnKind
  readonly cls?: ClassId
  readonly static?: boolean
  readonly decorators?: Decorator[]
  readonly contextType?: TypeId | undefined
  /** Where to look for the opening parenthesis: behind a method's key. */
  readonly from?: number
}

export function readFunction<N>(
  b: Builder<N>,
  node: N,
  place: Place,
  context: FunctionContext = {},
): FnId {
  const shape = b.shape(node)
  if (!('params' in shape) || !('async' in shape))
    throw new TypeError(`not a function: ${shape.type}`)
  const id = b.functions.length
  const scope = b.addScope(place.scope, id)
  const isArrow = shape.type === 'ArrowFunctionExpression'
  const body = shape.body ?? undefined
  const concise = isArrow && body !== undefined && b.shape(body).type !== 'BlockStatement'
  const fn: Mutable<Fn> = {
    // Spread into the literal, they would make its shape a slow one.
    start: functionStart(b, node, shape.typeParameters ?? undefined, context.from),
    end: b.syntax.end(node),
    id,
    parent: place.fn,
    name: context.name ?? (shape.id ? (dottedName(b, shape.id)[0] ?? '') : ''),
    kind: context.kind ?? (isArrow ? 'arrow' : 'function'),
    async: shape.async,
    generator: shape.generator,
    params: [],
    returnType: undefined,
    returns: [],
    yields: [],
    scope,
    cls: context.cls ?? (isArrow ? place.cls : undefined),
    static: context.static ?? false,
    decorators: context.decorators ?? [],
    hasBody: body !== undefined,
    concise,
    body:
      body === undefined ? { start: b.syntax.end(node), end: b.syntax.end(node) } : b.span(body),
    close: undefined,
    directives: [],
    usesArguments: false,
    argOf: undefined,
    contextType: context.contextType,
    expr: undefined,
  }
  b.functions.push(fn)
  declareTypeParameters(b, shape.typeParameters ?? undefined, scope)
  const inner: Place = {
    ...place,
    scope,
    fn: id,
    // `this` of a plain function is its caller's; of an arrow, that of the function around it.
    cls: context.cls ?? (isArrow ? place.cls : undefined),
    inLoop: false,
    inFinally: isArrow && place.inFinally,
    inCatch: isArrow && place.inCatch,
    inAbort: isArrow && place.inAbort,
    guards: isArrow ? place.guards : [],
  }
  if (shape.id && shape.type === 'FunctionExpression')
    b.addBinding(fn.name, scope, 'other', b.span(shape.id), { fns: [id] })
  // What TypeScript calls the parameter `this` is none of those that a call passes.
  const [self] = shape.params
  const params = self !== undefined && isThis(b, self) ? shape.params.slice(1) : shape.params
  if (self !== undefined && params !== shape.params) fn.self = b.span(self)
  fn.params = params.map((each, index) => readParam(b, each, inner, id, index))
  fn.returnType = readOptionalType(b, shape.returnType, scope)
  fn.close = closingParenthesis(b, node, shape.params, fn, context.from)
  if (body !== undefined) readBody(b, body, inner, fn)
  return id
}

/** A method's function is what follows its key; some trees give it the extent of the whole member. */
function functionStart<N>(
  b: Builder<N>,
  node: N,
  typeParameters: N | undefined,
  from: number | undefined,
): number {
  if (from === undefined) return b.syntax.start(node)
  return typeParameters ? b.syntax.start(typeParameters) : findOutsideComments(b.text, '(', from)
}

function readBody<N>(b: Builder<N>, body: N, place: Place, fn: Mutable<Fn>): void {
  const shape = b.shape(body)
  if (shape.type === 'BlockStatement') {
    readBlock(b, body, shape.body, place)
    return
  }
  const inner = { ...place, statement: b.span(body) }
  fn.returns.push(readUsed(b, body, inner, { kind: 'return', then: false }))
}

export function isThis<N>(b: Builder<N>, param: N): boolean {
  const shape = b.shape(param)
  return shape.type === 'Identifier' && shape.name === 'this'
}

function readParam<N>(b: Builder<N>, node: N, place: Place, fn: FnId, index: number): Param {
  const parts = unwrap(b, node)
  const target = b.shape(parts.target)
  const typeNode =
    target.type === 'Identifier' ||
    target.type === 'ObjectPattern' ||
    target.type === 'ArrayPattern'
      ? (target.typeAnnotation ?? parts.restType)
      : parts.restType
  const end = b.syntax.end(parts.target)
  const before = b.bindings.length
  declarePattern(b, node, place, 'param', { param: { fn, index } })
  const first = b.bindings[before]
  const direct = target.type === 'Identifier' ? first : undefined
  const type = direct?.type ?? first?.type ?? readOptionalType(b, typeNode, place.scope)
  return {
    start: parts.property ? b.syntax.start(node) : startBehind(b, parts.decorators, node),
    end: b.syntax.end(node),
    name: target.type === 'Identifier' ? target.name : undefined,
    type,
    optional: target.type === 'Identifier' && target.optional === true,
    rest: parts.rest,
    fallback: parts.fallback === undefined ? undefined : (direct?.fallback ?? -1),
    decorators: readDecorators(b, parts.decorators, place),
    property: parts.property,
    pattern: patternFact(b, parts.target),
    nameEnd: typeNode ? b.syntax.start(typeNode) : end,
  }
}

interface ParamParts<N> {
  readonly target: N
  readonly fallback: N | undefined
  readonly rest: boolean
  readonly restType: N | null | undefined
  readonly property: boolean
  readonly decorators: readonly N[]
}

function unwrap<N>(b: Builder<N>, node: N): ParamParts<N> {
  const shape = b.shape(node)
  const decorators = decoratorsOf(shape)
  const plain = { target: node, fallback: undefined, rest: false, restType: null, property: false }
  switch (shape.type) {
    case 'TSParameterProperty': {
      const inner = unwrap(b, shape.parameter)
      return { ...inner, property: true, decorators: [...decorators, ...inner.decorators] }
    }
    case 'AssignmentPattern': {
      // Babel has them on the name before the `=`.
      const inner = decoratorsOf(b.shape(shape.left))
      return {
        ...plain,
        target: shape.left,
        fallback: shape.right,
        decorators: [...decorators, ...inner],
      }
    }
    case 'RestElement':
      return {
        ...plain,
        target: shape.argument,
        rest: true,
        restType: shape.typeAnnotation,
        decorators,
      }
    default:
      return { ...plain, decorators }
  }
}

export function readDecorators<N>(b: Builder<N>, nodes: readonly N[], place: Place): Decorator[] {
  return nodes.map((node) => {
    const shape = b.shape(node)
    const inner = shape.type === 'Decorator' ? shape.expression : node
    return { ...b.span(node), expr: readExpression(b, inner, place) }
  })
}

function closingParenthesis<N>(
  b: Builder<N>,
  node: N,
  params: readonly N[],
  fn: Fn,
  from: number | undefined,
): number | undefined {
  const first = params[0]
  const last = params.at(-1)
  if (first === undefined || last === undefined) {
    const open = findOutsideComments(b.text, '(', from ?? behindName(b, node))
    return findOutsideComments(b.text, ')', open + 1)
  }
  if (
    fn.kind === 'arrow' &&
    fn.params.length === 1 &&
    isBareParameter(b, fn, b.syntax.start(first))
  )
    return undefined
  return findOutsideComments(b.text, ')', b.syntax.end(last))
}

function behindName<N>(b: Builder<N>, node: N): number {
  const shape = b.shape(node)
  const typeParameters = 'typeParameters' in shape ? shape.typeParameters : undefined
  if (typeParameters) return b.syntax.end(typeParameters)
  const id = 'id' in shape ? shape.id : undefined
  return id ? b.syntax.end(id) : b.syntax.start(node)
}

/** `x => …`, with no parenthesis between the start (or `async`) and the parameter. */
function isBareParameter<N>(b: Builder<N>, fn: Fn, firstStart: number): boolean {
  const open = findOutsideComments(b.text, '(', fn.start)
  return open === -1 || open > firstStart
}

/** The scope of a class's or interface's type parameters. */
export function typeParameterScope<N>(
  b: Builder<N>,
  node: N | null | undefined,
  parent: ScopeId,
  fn: FnId,
): { scope: ScopeId; names: string[] } {
  const scope = b.addScope(parent, fn)
  return { scope, names: declareTypeParameters(b, node ?? undefined, scope) }
}
