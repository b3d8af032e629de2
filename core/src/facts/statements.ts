import type { Builder, Place } from './builder.js'
import { readClass } from './classes.js'
import { nameFunction, readExpression, readUsed } from './expressions.js'
import { readFunction, typeParameterScope } from './functions.js'
import { assignPattern, declarePattern } from './patterns.js'
import { isWithin } from './text.js'
import {
  dottedName,
  keyName,
  readOptionalType,
  readType,
  readTypeMembers,
} from './type-expressions.js'
import type { Binding, ClassId, Export, ExprId, ObjProp } from './types.js'

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
      readStatement(b, shape.body, inner)
      return
    }
    case 'WhileStatement':
    case 'DoWhileStatement':
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

function inBlock<N>(b: Builder<N>, place: Place): Place {
  return { ...place, scope: b.addScope(place.scope, place.fn) }
}

/** Throw, switch, label, `with`, JSX and whatever else: statements and expressions below are read in order. */
function readRest<N>(b: Builder<N>, node: N, place: Place): void {
  for (const child of b.syntax.children(node)) {
    const { type } = b.shape(child)
    if (type.endsWith('Statement') || type.endsWith('Declaration')) readStatement(b, child, place)
    else if (type === 'SwitchCase') readRest(b, child, place)
    else if (!type.startsWith('TS')) readExpression(b, child, place)
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

function declareClass<N>(b: Builder<N>, cls: ClassId, place: Place): void {
  const declared = b.classes[cls]
  if (declared?.name) b.addBinding(declared.name, place.scope, 'class', declared, { cls })
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

function readTypeDeclaration<N>(b: Builder<N>, node: N, place: Place): void {
  const shape = b.shape(node)
  if (shape.type !== 'TSInterfaceDeclaration' && shape.type !== 'TSTypeAliasDeclaration') return
  const { scope, names } = typeParameterScope(b, shape.typeParameters, place.scope, place.fn)
  const isInterface = shape.type === 'TSInterfaceDeclaration'
  const name = dottedName(b, shape.id)[0] ?? ''
  const body = isInterface ? b.shape(shape.body) : undefined
  const members = body?.type === 'TSInterfaceBody' ? readTypeMembers(b, body.body, scope) : []
  const parents = isInterface ? (shape.extends ?? []).map((each) => readType(b, each, scope)) : []
  const types = b.scope(place.scope).typeNames
  ;(types[name] ??= []).push(b.typeDecls.length)
  b.typeDecls.push({
    ...b.span(node),
    name,
    scope: place.scope,
    kind: isInterface ? 'interface' : 'alias',
    typeParams: names,
    extends: parents,
    members,
    type: isInterface ? undefined : readType(b, shape.typeAnnotation, scope),
    inner: scope,
  })
}

/** `declare module 'x' {}` and `declare global {}` add to types of others; a namespace is read as a block. */
function readModuleDeclaration<N>(
  b: Builder<N>,
  shape: { id: N; body?: N | null; kind?: string; global?: boolean },
  place: Place,
): void {
  if (!shape.body) return
  const inner = inBlock(b, place)
  const id = b.shape(shape.id)
  if (id.type === 'Literal' && typeof id.value === 'string')
    b.augmentations.push({ module: id.value, scope: inner.scope })
  else if (shape.kind === 'global' || shape.global === true)
    b.augmentations.push({ module: 'global', scope: inner.scope })
  const body = b.shape(shape.body)
  if (body.type !== 'TSModuleBlock') return
  const before = b.exports.length
  readStatements(b, body.body, inner)
  // Of `namespace a.b` the parsers make different trees.
  const head = b.text.slice(place.statement.start, b.syntax.start(shape.body))
  if (id.type === 'Identifier' && /\b(?:namespace|module)\s+[\w$]+\s*$/.test(head))
    declareNamespace(b, shape.id, id.name, b.exports.splice(before), place, inner)
}

/** What a namespace exports are the members of an object of its name. */
function declareNamespace<N>(
  b: Builder<N>,
  node: N,
  name: string,
  exported: readonly Export[],
  place: Place,
  inner: Place,
): void {
  const span = b.span(node)
  const props = exported.flatMap((each): ObjProp[] => {
    if (each.kind !== 'local' || !(each.local in b.scope(inner.scope).names)) return []
    const value = b.addExpr(node, { k: 'id', name: each.local, scope: inner.scope })
    return [{ ...span, name: each.name, value, spread: false, shorthand: false, getter: false }]
  })
  const known = b.scope(place.scope).names[name]
  const earlier = known === undefined ? undefined : b.bindings[known]?.init
  const object = earlier === undefined ? undefined : b.exprs[earlier]
  if (object?.k === 'obj') object.props.push(...props)
  else if (known === undefined) {
    const init = b.addExpr(node, { k: 'obj', props })
    b.addBinding(name, place.scope, 'const', span, { init })
  }
}

function readModuleStatement<N>(b: Builder<N>, node: N, place: Place): void {
  const shape = b.shape(node)
  b.esm = true
  switch (shape.type) {
    case 'ImportDeclaration': {
      const module = moduleName(b, shape.source)
      for (const each of shape.specifiers) readImport(b, each, place, module, shape.importKind)
      return
    }
    case 'TSImportEqualsDeclaration': {
      const reference = b.shape(shape.moduleReference)
      if (reference.type !== 'TSExternalModuleReference') return
      const module = moduleName(b, reference.expression)
      const name = dottedName(b, shape.id)[0] ?? ''
      const ref = { module, name: 'export=', typeOnly: false }
      b.addBinding(name, place.scope, 'import', b.span(shape.id), { import: ref })
      return
    }
    case 'ExportNamedDeclaration':
      readNamedExport(b, shape, place)
      return
    case 'ExportAllDeclaration': {
      const module = moduleName(b, shape.source)
      if (shape.exported)
        b.exports.push({
          name: keyName(b, shape.exported, false) ?? '',
          kind: 'from',
          module,
          imported: '*',
        })
      else b.stars.push(module)
      return
    }
    case 'ExportDefaultDeclaration':
      readDefaultExport(b, shape.declaration, place)
      return
    case 'TSExportAssignment':
      b.exports.push({
        name: 'export=',
        kind: 'expr',
        expr: readExpression(b, shape.expression, place),
      })
      return
    default:
      return
  }
}

function moduleName<N>(b: Builder<N>, node: N): string {
  const shape = b.shape(node)
  const module = shape.type === 'Literal' && typeof shape.value === 'string' ? shape.value : ''
  b.modules.add(module)
  return module
}

function readImport<N>(
  b: Builder<N>,
  node: N,
  place: Place,
  module: string,
  kind: string | undefined,
): void {
  const shape = b.shape(node)
  if (
    shape.type !== 'ImportSpecifier' &&
    shape.type !== 'ImportDefaultSpecifier' &&
    shape.type !== 'ImportNamespaceSpecifier'
  )
    return
  const name =
    shape.type === 'ImportSpecifier'
      ? (keyName(b, shape.imported, false) ?? '')
      : shape.type === 'ImportDefaultSpecifier'
        ? 'default'
        : '*'
  const typeOnly =
    kind === 'type' || (shape.type === 'ImportSpecifier' && shape.importKind === 'type')
  const local = dottedName(b, shape.local)[0] ?? ''
  b.addBinding(local, place.scope, 'import', b.span(node), { import: { module, name, typeOnly } })
}

function readNamedExport<N>(
  b: Builder<N>,
  shape: { declaration?: N | null; source?: N | null; specifiers: readonly N[] },
  place: Place,
): void {
  if (shape.declaration) {
    const firstType = b.typeDecls.length
    const firstBinding = b.bindings.length
    readStatement(b, shape.declaration, place)
    for (const name of declaredNames(b, shape.declaration, firstBinding, place, firstType))
      b.exports.push({ name, kind: 'local', local: name })
    return
  }
  const module = shape.source ? moduleName(b, shape.source) : undefined
  for (const each of shape.specifiers) {
    const specifier = b.shape(each)
    if (specifier.type !== 'ExportSpecifier') continue
    const local = keyName(b, specifier.local, false) ?? ''
    const name = keyName(b, specifier.exported, false) ?? ''
    b.exports.push(
      module === undefined
        ? { name, kind: 'local', local }
        : { name, kind: 'from', module, imported: local },
    )
  }
}

function declaredNames<N>(
  b: Builder<N>,
  node: N,
  firstBinding: number,
  place: Place,
  firstType: number,
): string[] {
  const shape = b.shape(node)
  if ((shape.type === 'FunctionDeclaration' || shape.type === 'TSDeclareFunction') && shape.id)
    return dottedName(b, shape.id).slice(0, 1)
  // Nested scopes declare names too; only those of this scope are exported.
  const added = [...b.bindings.slice(firstBinding), ...b.typeDecls.slice(firstType)]
  const own = added.filter((each) => each.scope === place.scope)
  return [...new Set(own.map((each) => each.name))]
}

function readDefaultExport<N>(b: Builder<N>, declaration: N, place: Place): void {
  const shape = b.shape(declaration)
  if (shape.type === 'FunctionDeclaration' || shape.type === 'TSDeclareFunction') {
    const fn = readFunction(b, declaration, place)
    const name = b.functions[fn]?.name
    const local = name === undefined || name === '' ? '*default*' : name
    b.addBinding(local, place.scope, 'function', b.span(declaration), {}).fns.push(fn)
    b.exports.push({ name: 'default', kind: 'local', local })
  } else if (shape.type === 'ClassDeclaration') {
    const cls = readClass(b, declaration, place)
    const local = b.classes[cls]?.name === '' ? '*default*' : (b.classes[cls]?.name ?? '')
    b.addBinding(local, place.scope, 'class', b.span(declaration), { cls })
    b.exports.push({ name: 'default', kind: 'local', local })
  } else if (shape.type === 'TSInterfaceDeclaration') {
    readStatement(b, declaration, place)
    const name = dottedName(b, shape.id)[0] ?? ''
    b.exports.push({ name: 'default', kind: 'local', local: name })
  } else {
    const expr = readExpression(b, declaration, place)
    nameFunction(b, expr, 'default')
    b.exports.push({ name: 'default', kind: 'expr', expr })
  }
}

/** `signal.aborted`, alone or with more conditions. */
function saysAborted<N>(b: Builder<N>, test: ExprId): boolean {
  const expr = b.exprs[test]
  if (expr?.k === 'either' && expr.op === '&&') return expr.of.some((each) => saysAborted(b, each))
  return expr?.k === 'member' && expr.name === 'aborted'
}
