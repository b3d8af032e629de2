import type { Builder, Place } from './builder.js'
import { readClass } from './classes.js'
import { declareClass, readModuleDeclaration, readTypeDeclaration } from './declarations.js'
import { nameFunction, readExpression, readUsed } from './expressions.js'
import { readFunction } from './functions.js'
import { readModuleStatement } from './modules.js'
import { assignPattern, declarePattern } from './patterns.js'
import { isWithin } from './text.js'
import { dottedName, readOptionalType } from './type-expressions.js'
import type { Binding, ExprId } from './types.js'

/** The statements between the braces of a block. */
export function readBlock<N>(b: Builder<N>, node: N, statements: readonly N[], place: Place): void {
  b.blocks.push({
    ...b.span(node),
    fn: place.fn,
    statements: statements.map((each) => b.span(each)),
  })
  readStatements(b, statements, place)
}

export function readStatements<N>(b: Builder<N>, nodes: readonly N[], place: Place): void {
  for (const node of nodes) readStatement(b, node, place)
}

const declarations = new Set([
  'FunctionDeclaration',
  'TSDeclareFunction',
  'ClassDeclaration',
  'ExportNamedDeclaration',
  'ExportDefaultDeclaration',
])

export function readStatement<N>(b: Builder<N>, node: N, outer: Place): void {
  if (!b.enter()) return
  readShape(b, node, outer)
  b.leave()
}

function readShape<N>(b: Builder<N>, node: N, outer: Place): void {
  const shape = b.shape(node)
  const place: Place = { ...outer, statement: b.span(node) }
  b.statements.push({ ...place.statement, declaration: declaresFunction(b, node) })
  switch (shape.type) {
    case 'ExpressionStatement': {
      const inner = b.shape(shape.expression)
      if (inner.type === 'Literal' && typeof inner.value === 'string')
        b.functions[place.fn]?.directives.push(inner.value)
      readExpression(b, shape.expression, place, { kind: 'discard', then: false })
      return
    }
    case 'VariableDeclaration':
      for (const each of shape.declarations) readDeclarator(b, each, place, shape.kind)
      return
    case 'ReturnStatement':
      if (shape.argument) {
        const use = { kind: 'return', then: false } as const
        const value = readUsed(b, shape.argument, place, use)
        b.functions[place.fn]?.returns.push(value)
      }
      return
    case 'BlockStatement':
      readBlock(b, node, shape.body, inBlock(b, place))
      return
    case 'IfStatement': {
      const test = readExpression(b, shape.test, place)
      const branch = { ...place, guards: [...place.guards, test] }
      const inAbort = place.inAbort || saysAborted(b, test)
      readStatement(b, shape.consequent, { ...branch, inAbort })
      if (shape.alternate) readStatement(b, shape.alternate, branch)
      return
    }
    case 'TryStatement':
      b.tries.push({
        ...b.span(node),
        finalizer: shape.finalizer ? b.span(shape.finalizer) : undefined,
      })
      readStatement(b, shape.block, place)
      if (shape.handler) readCatch(b, shape.handler, shape.block, { ...place, inCatch: true })
      if (shape.finalizer) readStatement(b, shape.finalizer, { ...place, inFinally: true })
      return
    case 'ThrowStatement':
      b.throws.push({ ...b.span(node), fn: place.fn })
      readExpression(b, shape.argument, place)
      return
    case 'ForStatement': {
      const inner = { ...inBlock(b, place), inLoop: true }
      if (shape.init) readForPart(b, shape.init, inner)
      if (shape.test) readExpression(b, shape.test, inner)
      if (shape.update) readExpression(b, shape.update, inner)
      b.loops.push(
        ...[shape.test, shape.update, shape.body].flatMap((each) => (each ? [b.span(each)] : [])),
      )
      readStatement(b, shape.body, inner)
      return
    }
    case 'ForOfStatement':
    case 'ForInStatement': {
      const awaited = shape.type === 'ForOfStatement' && shape.await === true
      const expr = readExpression(b, shape.right, place, {
        kind: awaited ? 'await' : 'value',
        then: false,
      })
      const inner = { ...inBlock(b, place), inLoop: true }
      const left = b.shape(shape.left)
      if (left.type === 'VariableDeclaration') {
        const over = shape.type === 'ForOfStatement' ? { expr, await: awaited } : undefined
        for (const each of left.declarations) {
          const declarator = b.shape(each)
          if (declarator.type === 'VariableDeclarator')
            declarePattern(b, declarator.id, inner, 'loop', { over })
        }
      } else assignPattern(b, shape.left, inner, expr)
      b.loops.push(b.span(shape.body))
      readStatement(b, shape.body, inner)
      return
    }
    case 'WhileStatement':
    case 'DoWhileStatement':
      b.loops.push(b.span(node))
      readExpression(b, shape.test, place)
      readStatement(b, shape.body, { ...place, inLoop: true })
      return
    case 'FunctionDeclaration':
    case 'TSDeclareFunction': {
      const fn = readFunction(b, node, place)
      const name = b.functions[fn]?.name ?? ''
      if (name) b.addBinding(name, place.scope, 'function', b.span(node), {}).fns.push(fn)
      return
    }
    case 'ClassDeclaration':
      declareClass(b, readClass(b, node, place), place)
      return
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      readTypeDeclaration(b, node, place)
      return
    case 'TSModuleDeclaration':
      readModuleDeclaration(b, shape, place)
      return
    case 'TSEnumDeclaration': {
      const name = dottedName(b, shape.id)[0]
      if (name !== undefined) b.addBinding(name, place.scope, 'other', b.span(node), {})
      return
    }
    case 'ImportDeclaration':
    case 'TSImportEqualsDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportDefaultDeclaration':
    case 'TSExportAssignment':
      readModuleStatement(b, node, place)
      return
    default:
      readRest(b, node, place)
  }
}

export function inBlock<N>(b: Builder<N>, place: Place): Place {
  return { ...place, scope: b.addScope(place.scope, place.fn) }
}

/** Throw, switch, label, `with`, JSX and whatever else: statements and expressions below are read in order. */
function readRest<N>(b: Builder<N>, node: N, place: Place): void {
  // The clauses of a `switch` are one block, whose names stand in all of them.
  let inner: Place | undefined
  for (const child of b.syntax.children(node)) {
    const { type } = b.shape(child)
    if (type.endsWith('Statement') || type.endsWith('Declaration')) readStatement(b, child, place)
    else if (type === 'SwitchCase') {
      inner ??= inBlock(b, place)
      b.clauses.push(b.span(child))
      readRest(b, child, inner)
    } else if (!type.startsWith('TS')) readExpression(b, child, place)
  }
}

function readForPart<N>(b: Builder<N>, node: N, place: Place): void {
  if (b.shape(node).type === 'VariableDeclaration') readStatement(b, node, place)
  else readExpression(b, node, place)
}

function readCatch<N>(b: Builder<N>, node: N, block: N, place: Place): void {
  const shape = b.shape(node)
  if (shape.type !== 'CatchClause') return
  const inner = inBlock(b, place)
  if (shape.param) declarePattern(b, shape.param, inner, 'catch', {})
  readStatement(b, shape.body, inner)
  const span = b.span(node)
  const rethrows = b.throws.some((each) => each.fn === place.fn && isWithin(each, span))
  b.catches.push({ ...span, fn: place.fn, guarded: b.span(block), rethrows })
}

function readDeclarator<N>(b: Builder<N>, node: N, place: Place, kind: string): void {
  const shape = b.shape(node)
  if (shape.type !== 'VariableDeclarator') return
  const target = b.shape(shape.id)
  const annotation =
    target.type === 'Identifier'
      ? readOptionalType(b, target.typeAnnotation, place.scope)
      : undefined
  const init = shape.init ? readExpression(b, shape.init, place, undefined, annotation) : undefined
  if (init !== undefined && target.type === 'Identifier') nameFunction(b, init, target.name)
  const bindingKind: Binding['kind'] =
    kind === 'const' || kind === 'let' ? kind : kind === 'var' ? 'var' : 'const'
  declarePattern(b, shape.id, place, bindingKind, { init })
}

function declaresFunction<N>(b: Builder<N>, node: N): boolean {
  const shape = b.shape(node)
  if (declarations.has(shape.type)) return true
  if (shape.type !== 'VariableDeclaration' || shape.declarations.length !== 1) return false
  const declarator =
    shape.declarations[0] === undefined ? undefined : b.shape(shape.declarations[0])
  const init =
    declarator?.type === 'VariableDeclarator' && declarator.init
      ? b.shape(declarator.init).type
      : ''
  return init === 'ArrowFunctionExpression' || init === 'FunctionExpression'
}

/** `signal.aborted`, alone or with more conditions. */
function saysAborted<N>(b: Builder<N>, test: ExprId): boolean {
  const expr = b.exprs[test]
  if (expr?.k === 'either' && expr.op === '&&') return expr.of.some((each) => saysAborted(b, each))
  return expr?.k === 'member' && expr.name === 'aborted'
}
