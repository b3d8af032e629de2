import { skipTrivia } from '../../facts/text.js'
import type { Shape } from '../shape.js'
import { typeMembers } from './types.js'
import type { TsNode } from './node.js'
import type { Read, Reader } from './reader.js'

const otherStatement: Read = () => ({ type: 'OtherStatement' })

const loop =
  (type: 'WhileStatement' | 'DoWhileStatement'): Read =>
  (r, node) => ({
    type,
    test: r.need(node, node.expression),
    body: r.need(node, node.statement),
  })

const forEach =
  (type: 'ForOfStatement' | 'ForInStatement'): Read =>
  (r, node) => {
    const left = r.need(node, node.initializer)
    return {
      type,
      left: assignedPattern(r, left),
      right: r.need(node, node.expression),
      body: r.need(node, node.statement),
      await: node.awaitModifier !== undefined,
    }
  }

/** `using` and `await using` bind as `const` does. */
function variableKind(r: Reader, list: TsNode): string {
  if (r.hasFlag(list, 'AwaitUsing')) return 'await using'
  if (r.hasFlag(list, 'Using')) return 'using'
  if (r.hasFlag(list, 'Const')) return 'const'
  return r.hasFlag(list, 'Let') ? 'let' : 'var'
}

const block =
  (type: 'BlockStatement' | 'TSModuleBlock'): Read =>
  (_r, node) => ({ type, body: node.statements ?? [] })

/** Object and array literals that stand where values are assigned are patterns in ESTree. */
export function assignedPattern(r: Reader, node: TsNode): TsNode {
  const at = r.bare(node)
  const spread = (each: TsNode): TsNode =>
    r.over(each, {
      type: 'RestElement',
      argument: assignedPattern(r, r.need(each, each.expression)),
    })
  switch (r.kind(at)) {
    case 'ObjectLiteralExpression':
      return r.over(at, {
        type: 'ObjectPattern',
        properties: (at.properties ?? []).map((each) =>
          r.kind(each) === 'SpreadAssignment' ? spread(each) : assignedProperty(r, each),
        ),
      })
    case 'ArrayLiteralExpression':
      return r.over(at, {
        type: 'ArrayPattern',
        elements: (at.elements ?? []).map((each) => {
          if (r.kind(each) === 'OmittedExpression') return null
          return r.kind(each) === 'SpreadElement' ? spread(each) : assignedPattern(r, each)
        }),
      })
    case 'BinaryExpression':
      return r.kind(at.operatorToken) === 'EqualsToken'
        ? r.over(at, {
            type: 'AssignmentPattern',
            left: assignedPattern(r, r.need(at, at.left)),
            right: r.need(at, at.right),
          })
        : at
    default:
      return at
  }
}

function assignedProperty(r: Reader, node: TsNode): TsNode {
  const { key, computed } = r.key(node)
  const fallback = node.objectAssignmentInitializer
  const shorthand = r.kind(node) === 'ShorthandPropertyAssignment'
  const value = fallback
    ? r.over(node, { type: 'AssignmentPattern', left: key, right: r.bare(fallback) })
    : shorthand
      ? key
      : assignedPattern(r, r.need(node, node.initializer))
  const rest = { computed, shorthand, method: false, kind: 'init' }
  return r.over(node, { type: 'Property', key, value, ...rest })
}

/** A name in a destructuring pattern, with its default. */
function bindingValue(r: Reader, node: TsNode): TsNode {
  const name = r.need(node, node.name)
  if (!node.initializer) return name
  const shape = { type: 'AssignmentPattern' as const, left: name, right: r.bare(node.initializer) }
  return r.make(node, r.start(name), node.end, shape)
}

function restElement(r: Reader, node: TsNode): TsNode {
  return r.over(node, { type: 'RestElement', argument: r.need(node, node.name) })
}

function bindingProperty(r: Reader, node: TsNode): TsNode {
  if (node.dotDotDotToken) return restElement(r, node)
  const { key, computed } = r.key(node, node.propertyName ?? node.name)
  const shorthand = node.propertyName === undefined
  const value = bindingValue(r, node)
  const rest = { computed, shorthand, method: false, kind: 'init' }
  return r.over(node, { type: 'Property', key, value, ...rest })
}

/** The innermost block of `namespace a.b.c {}`. */
function moduleBody(r: Reader, node: TsNode): TsNode | null {
  let { body } = node
  while (r.kind(body) === 'ModuleDeclaration') body = body?.body
  return body ?? null
}

/** `export` and `export default` are modifiers in TypeScript's tree and statements around it in ESTree's. */
export function exported(r: Reader, node: TsNode, shape: Shape<TsNode>): Shape<TsNode> {
  const { modifiers } = node
  const at = modifiers?.findIndex((each) => r.kind(each) === 'ExportKeyword') ?? -1
  if (!modifiers || at === -1) return shape
  const isDefault = r.kind(modifiers[at + 1]) === 'DefaultKeyword'
  const last = modifiers[at + (isDefault ? 1 : 0)]
  const inner = r.make(node, skipTrivia(r.text, last?.end ?? node.pos), node.end, shape)
  return isDefault
    ? { type: 'ExportDefaultDeclaration', declaration: inner }
    : { type: 'ExportNamedDeclaration', declaration: inner, specifiers: [] }
}

export const statements: Readonly<Record<string, Read>> = {
  SourceFile: (_r, node) => ({ type: 'Program', body: node.statements ?? [] }),
  Block: block('BlockStatement'),
  ModuleBlock: block('TSModuleBlock'),
  ExpressionStatement: (r, node) => ({
    type: 'ExpressionStatement',
    expression: r.need(node, node.expression),
  }),
  VariableStatement: (r, node) => r.shape(r.need(node, node.declarationList)),
  VariableDeclarationList: (r, node) => ({
    type: 'VariableDeclaration',
    kind: variableKind(r, node),
    declarations: node.declarations ?? [],
  }),
  VariableDeclaration: (r, node) => ({
    type: 'VariableDeclarator',
    id: r.binding(node, r.need(node, node.name)),
    init: r.maybe(node.initializer),
  }),
  ObjectBindingPattern: (r, node) => ({
    type: 'ObjectPattern',
    properties: (node.elements ?? []).map((each) => bindingProperty(r, each)),
  }),
  ArrayBindingPattern: (r, node) => ({
    type: 'ArrayPattern',
    elements: (node.elements ?? []).map((each) => {
      if (r.kind(each) === 'OmittedExpression') return null
      return each.dotDotDotToken ? restElement(r, each) : bindingValue(r, each)
    }),
  }),
  ReturnStatement: (r, node) => ({ type: 'ReturnStatement', argument: r.maybe(node.expression) }),
  IfStatement: (r, node) => ({
    type: 'IfStatement',
    test: r.need(node, node.expression),
    consequent: r.need(node, node.thenStatement),
    alternate: r.maybe(node.elseStatement),
  }),
  TryStatement: (r, node) => ({
    type: 'TryStatement',
    block: r.need(node, node.tryBlock),
    handler: node.catchClause ?? null,
    finalizer: node.finallyBlock ?? null,
  }),
  CatchClause: (r, node) => ({
    type: 'CatchClause',
    param: node.variableDeclaration
      ? r.binding(node.variableDeclaration, r.need(node, node.variableDeclaration.name))
      : null,
    body: r.need(node, node.block),
  }),
  ForStatement: (r, node) => ({
    type: 'ForStatement',
    init: r.maybe(node.initializer),
    test: r.maybe(node.condition),
    update: r.maybe(node.incrementor),
    body: r.need(node, node.statement),
  }),
  ForOfStatement: forEach('ForOfStatement'),
  ForInStatement: forEach('ForInStatement'),
  WhileStatement: loop('WhileStatement'),
  DoStatement: loop('DoWhileStatement'),
  EmptyStatement: otherStatement,
  BreakStatement: otherStatement,
  ContinueStatement: otherStatement,
  DebuggerStatement: otherStatement,
  LabeledStatement: otherStatement,
  ThrowStatement: (r, node) => ({
    type: 'ThrowStatement',
    argument: r.need(node, node.expression),
  }),
  SwitchStatement: otherStatement,
  WithStatement: otherStatement,
  NamespaceExportDeclaration: otherStatement,
  CaseClause: () => ({ type: 'SwitchCase' }),
  DefaultClause: () => ({ type: 'SwitchCase' }),
  InterfaceDeclaration: (r, node) => ({
    type: 'TSInterfaceDeclaration',
    id: r.need(node, node.name),
    extends: heritage(r, node, 'ExtendsKeyword'),
    body: r.over(node, { type: 'TSInterfaceBody', body: typeMembers(r, node) }),
    typeParameters: r.typeParameters(node),
  }),
  TypeAliasDeclaration: (r, node) => ({
    type: 'TSTypeAliasDeclaration',
    id: r.need(node, node.name),
    typeAnnotation: r.need(node, node.type),
    typeParameters: r.typeParameters(node),
  }),
  EnumDeclaration: (r, node) => ({ type: 'TSEnumDeclaration', id: r.need(node, node.name) }),
  ModuleDeclaration: (r, node) => ({
    type: 'TSModuleDeclaration',
    id: r.need(node, node.name),
    body: moduleBody(r, node),
    kind: r.hasFlag(node, 'GlobalAugmentation') ? 'global' : 'namespace',
  }),
}

/** Types behind `extends` or `implements`. */
export function heritage(r: Reader, node: TsNode, word: string): readonly TsNode[] {
  const clause = node.heritageClauses?.find((each) => r.kindName(each.token) === word)
  return (clause?.types ?? []).map((each) =>
    r.over(each, {
      type: 'TSClassImplements',
      expression: r.need(each, each.expression),
      typeArguments: r.typeArguments(each),
    }),
  )
}
