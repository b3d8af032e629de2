import type { Shape } from '../shape.js'
import { parameters } from './functions.js'
import type { TsNode } from './node.js'
import type { Read, Reader } from './reader.js'

const keyword =
  (type: (Shape<TsNode> & { type: `TS${string}Keyword` | 'TSThisType' })['type']): Read =>
  () => ({ type })

const wrapped =
  (type: 'TSOptionalType' | 'TSRestType' | 'TSParenthesizedType'): Read =>
  (r, node) => ({ type, typeAnnotation: r.need(node, node.type) })

const signature =
  (type: 'TSFunctionType' | 'TSConstructorType' | 'TSCallSignatureDeclaration'): Read =>
  (r, node) => ({ type, params: parameters(r, node), returnType: r.annotation(node.type) })

const several =
  (type: 'TSUnionType' | 'TSIntersectionType'): Read =>
  (_r, node) => ({ type, types: node.types ?? [] })

const methodSignature =
  (kind: 'method' | 'get' | 'set'): Read =>
  (r, node) => ({
    type: 'TSMethodSignature',
    ...r.key(node),
    kind,
    params: parameters(r, node),
    returnType: r.annotation(node.type),
    optional: node.questionToken !== undefined,
  })

const accessors: Readonly<Record<string, Read>> = {
  GetAccessor: methodSignature('get'),
  SetAccessor: methodSignature('set'),
}

/** Members of an interface or type literal; its accessors are signatures there, not methods. */
export function typeMembers(r: Reader, node: TsNode): readonly TsNode[] {
  return (node.members ?? []).map((each) => {
    const read = accessors[r.kind(each)]
    return read ? r.over(each, read(r, each)) : each
  })
}

export const types: Readonly<Record<string, Read>> = {
  TypeReference: (r, node) => ({
    type: 'TSTypeReference',
    typeName: r.need(node, node.typeName),
    typeArguments: r.typeArguments(node),
  }),
  QualifiedName: (r, node) => ({
    type: 'TSQualifiedName',
    left: r.need(node, node.left),
    right: r.need(node, node.right),
  }),
  ArrayType: (r, node) => ({ type: 'TSArrayType', elementType: r.need(node, node.elementType) }),
  TupleType: (_r, node) => ({ type: 'TSTupleType', elementTypes: node.elements ?? [] }),
  NamedTupleMember: (r, node) => ({
    type: 'TSNamedTupleMember',
    elementType: r.need(node, node.type),
  }),
  OptionalType: wrapped('TSOptionalType'),
  RestType: wrapped('TSRestType'),
  ParenthesizedType: wrapped('TSParenthesizedType'),
  TypeOperator: (r, node) => ({
    type: 'TSTypeOperator',
    operator: r.kindName(node.operator).replace('Keyword', '').toLowerCase(),
    typeAnnotation: r.need(node, node.type),
  }),
  UnionType: several('TSUnionType'),
  IntersectionType: several('TSIntersectionType'),
  FunctionType: signature('TSFunctionType'),
  ConstructorType: signature('TSConstructorType'),
  CallSignature: signature('TSCallSignatureDeclaration'),
  TypeLiteral: (r, node) => ({ type: 'TSTypeLiteral', members: typeMembers(r, node) }),
  PropertySignature: (r, node) => ({
    type: 'TSPropertySignature',
    ...r.key(node),
    typeAnnotation: r.annotation(node.type),
    optional: node.questionToken !== undefined,
  }),
  MethodSignature: methodSignature('method'),
  TypeQuery: (r, node) => ({ type: 'TSTypeQuery', exprName: r.need(node, node.exprName) }),
  ImportType: (r, node) => ({
    type: 'TSImportType',
    source: r.need(node, node.argument),
    qualifier: r.maybe(node.qualifier),
    typeArguments: r.typeArguments(node),
  }),
  IndexedAccessType: (r, node) => ({
    type: 'TSIndexedAccessType',
    objectType: r.need(node, node.objectType),
    indexType: r.need(node, node.indexType),
  }),
  LiteralType: (r, node) =>
    r.kind(node.literal) === 'NullKeyword'
      ? { type: 'TSNullKeyword' }
      : { type: 'TSLiteralType', literal: r.need(node, node.literal) },
  UndefinedKeyword: keyword('TSUndefinedKeyword'),
  AnyKeyword: keyword('TSAnyKeyword'),
  UnknownKeyword: keyword('TSUnknownKeyword'),
  VoidKeyword: keyword('TSVoidKeyword'),
  ThisType: keyword('TSThisType'),
  TypeParameter: (r, node) => ({
    type: 'TSTypeParameter',
    name: r.need(node, node.name),
    constraint: r.maybe(node.constraint),
  }),
}
