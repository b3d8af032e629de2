import type { EstreeNode } from './estree.js'
import type { Shape } from './shape.js'

type Loose = EstreeNode & Record<string, unknown>

const shape = (value: object): Shape<EstreeNode> => value as Shape<EstreeNode>
const nodes = (value: unknown): readonly Loose[] => (value ?? []) as readonly Loose[]

/** Literals by their kind; ESTree has one for all. */
const literals: Readonly<Record<string, (node: Loose) => unknown>> = {
  StringLiteral: (node) => node['value'],
  DirectiveLiteral: (node) => node['value'],
  NumericLiteral: (node) => node['value'],
  BooleanLiteral: (node) => node['value'],
  BigIntLiteral: (node) => BigInt(String(node['value'])),
  NullLiteral: () => null,
  RegExpLiteral: () => undefined,
}

/** The same node under another name. */
const renamed = (type: string) => (node: Loose) => shape({ ...node, type })

/** The function that ESTree keeps as the value of a method. */
function methodValue(node: Loose): EstreeNode {
  const type = node['body'] ? 'FunctionExpression' : 'TSEmptyBodyFunctionExpression'
  return { ...node, type, id: null, decorators: [] } as EstreeNode
}

function method(node: Loose): Shape<EstreeNode> {
  return shape({
    type: node['abstract'] === true ? 'TSAbstractMethodDefinition' : 'MethodDefinition',
    key: node['key'],
    value: methodValue(node),
    kind: String(node['kind']),
    computed: node['computed'] === true,
    static: node['static'] === true,
    decorators: node['decorators'] ?? [],
  })
}

function objectMethod(node: Loose): Shape<EstreeNode> {
  const isMethod = node['kind'] === 'method'
  return shape({
    type: 'Property',
    key: node['key'],
    value: methodValue(node),
    computed: node['computed'] === true,
    shorthand: false,
    method: isMethod,
    kind: isMethod ? 'init' : node['kind'],
  })
}

const field = (type: string) => (node: Loose) =>
  shape({
    ...node,
    type: node['abstract'] === true ? `TSAbstract${type}` : type,
    computed: node['computed'] === true,
  })

/** `params` and `returnType` have other names in Babel's signatures. */
function signature(node: Loose): Shape<EstreeNode> | undefined {
  if (!('parameters' in node)) return undefined
  return shape({ ...node, params: node['parameters'], returnType: node['typeAnnotation'] })
}

/** `'use strict'` stands beside the statements of a block. */
function withDirectives(node: Loose): Shape<EstreeNode> | undefined {
  const directives = nodes(node['directives'])
  if (directives.length === 0) return undefined
  return shape({ type: node.type, body: [...directives, ...nodes(node['body'])] })
}

function importCall(node: Loose): Shape<EstreeNode> | undefined {
  if ((node['callee'] as EstreeNode).type !== 'Import') return undefined
  const [source] = nodes(node['arguments'])
  return source ? { type: 'ImportExpression', source } : { type: 'Other' }
}

function namedExport(node: Loose): Shape<EstreeNode> | undefined {
  const [first] = nodes(node['specifiers'])
  if (first?.type !== 'ExportNamespaceSpecifier') return undefined
  return shape({
    type: 'ExportAllDeclaration',
    source: node['source'],
    exported: first['exported'],
  })
}

/** `export import a = require('a')` is one node with a flag. */
function importEquals(node: Loose): Shape<EstreeNode> | undefined {
  if (node['isExport'] !== true) return undefined
  const declaration = { ...node, isExport: false }
  return shape({ type: 'ExportNamedDeclaration', declaration, specifiers: [] })
}

/** `namespace a.b {}` is a declaration in a declaration. */
function namespace(node: Loose): Shape<EstreeNode> | undefined {
  let body = node['body'] as Loose | undefined
  if (body?.type !== 'TSModuleDeclaration') return undefined
  while (body?.type === 'TSModuleDeclaration') body = body['body'] as Loose | undefined
  return shape({ ...node, body })
}

const readers: Readonly<Record<string, (node: Loose) => Shape<EstreeNode> | undefined>> = {
  File: (node) => {
    const program = node['program'] as Loose
    return withDirectives(program) ?? shape(program)
  },
  Program: withDirectives,
  BlockStatement: withDirectives,
  Directive: (node) => shape({ type: 'ExpressionStatement', expression: node['value'] }),
  CallExpression: importCall,
  OptionalCallExpression: renamed('CallExpression'),
  OptionalMemberExpression: renamed('MemberExpression'),
  PrivateName: (node) =>
    shape({ type: 'PrivateIdentifier', name: (node['id'] as { name?: string }).name ?? '' }),
  ObjectProperty: (node) => shape({ ...node, type: 'Property', method: false, kind: 'init' }),
  ObjectMethod: objectMethod,
  ClassMethod: method,
  ClassPrivateMethod: method,
  TSDeclareMethod: method,
  ClassProperty: field('PropertyDefinition'),
  ClassPrivateProperty: field('PropertyDefinition'),
  ClassAccessorProperty: field('AccessorProperty'),
  ExportNamedDeclaration: namedExport,
  TSImportEqualsDeclaration: importEquals,
  TSModuleDeclaration: namespace,
  TSExpressionWithTypeArguments: renamed('TSClassImplements'),
  TSFunctionType: signature,
  TSConstructorType: signature,
  TSCallSignatureDeclaration: signature,
  TSMethodSignature: signature,
  TSImportType: (node) =>
    'typeParameters' in node
      ? shape({ ...node, typeArguments: node['typeParameters'] })
      : undefined,
}

const names = new Map(Object.entries(readers))
const literalNames = new Map(Object.entries(literals))

/**
 * Babel's tree where it differs from ESTree (https://babeljs.io/docs/babel-parser#output), read as
 * ESTree; undefined where it does not differ.
 */
export function babelShape(node: EstreeNode): Shape<EstreeNode> | undefined {
  const literal = literalNames.get(node.type)
  if (literal) return { type: 'Literal', value: literal(node as Loose) }
  return names.get(node.type)?.(node as Loose)
}
