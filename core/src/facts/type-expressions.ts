import type { Builder } from './builder.js'
import type { ScopeId, Signature, SigParam, TypeData, TypeId, TypeMember } from './types.js'
import { findOutsideComments } from './text.js'

type Params<N> = readonly N[] | { params: readonly N[] } | null | undefined

/** The type expression below an annotation or in type position, kept as written. */
export function readType<N>(b: Builder<N>, node: N, scope: ScopeId): TypeId {
  const shape = b.shape(node)
  if (
    shape.type === 'TSTypeAnnotation' ||
    (shape.type === 'TSTypeOperator' && shape.operator === 'readonly') ||
    shape.type === 'TSOptionalType' ||
    shape.type === 'TSRestType' ||
    shape.type === 'TSParenthesizedType'
  )
    return readType(b, shape.typeAnnotation, scope)
  if (shape.type === 'TSNamedTupleMember') return readType(b, shape.elementType, scope)
  if (!b.enter()) return b.addType(node, { k: 'other' })
  const data = typeData(b, node, scope)
  b.leave()
  return b.addType(node, data)
}

export function readOptionalType<N>(
  b: Builder<N>,
  node: N | null | undefined,
  scope: ScopeId,
): TypeId | undefined {
  return node ? readType(b, node, scope) : undefined
}

function typeData<N>(b: Builder<N>, node: N, scope: ScopeId): TypeData {
  const shape = b.shape(node)
  switch (shape.type) {
    case 'TSTypeReference':
    case 'TSClassImplements':
    case 'TSInterfaceHeritage': {
      const name = shape.type === 'TSTypeReference' ? shape.typeName : shape.expression
      const args = readTypeArguments(b, shape.typeArguments ?? shape.typeParameters, scope)
      return { k: 'ref', name: dottedName(b, name), args, scope }
    }
    case 'Identifier':
    case 'MemberExpression':
    case 'TSQualifiedName':
      return { k: 'ref', name: dottedName(b, node), args: [], scope }
    case 'TSArrayType':
      return { k: 'array', of: readType(b, shape.elementType, scope) }
    case 'TSTupleType':
      return { k: 'tuple', of: shape.elementTypes.map((each) => readType(b, each, scope)) }
    case 'TSUnionType':
    case 'TSIntersectionType':
      return {
        k: shape.type === 'TSUnionType' ? 'union' : 'inter',
        of: shape.types.map((each) => readType(b, each, scope)),
      }
    case 'TSFunctionType':
    case 'TSConstructorType':
      return { k: 'fn', sig: readSignature(b, node, shape.params, shape.returnType, scope) }
    case 'TSTypeLiteral':
      return { k: 'lit', members: readTypeMembers(b, shape.members, scope) }
    case 'TSTypeQuery': {
      const name = b.shape(shape.exprName)
      if (name.type === 'TSImportType') {
        const inner = typeData(b, shape.exprName, scope)
        return inner.k === 'import' ? { ...inner, typeof: true } : inner
      }
      return { k: 'query', path: dottedName(b, shape.exprName), scope }
    }
    case 'TSImportType': {
      const source = shape.source ?? shape.argument
      const module = source === undefined ? undefined : stringIn(b, source)
      if (module === undefined) return { k: 'other' }
      b.modules.add(module)
      return {
        k: 'import',
        module,
        path: shape.qualifier ? dottedName(b, shape.qualifier) : [],
        args: readTypeArguments(b, shape.typeArguments, scope),
        typeof: /^typeof\b/.test(b.text.slice(b.syntax.start(node), b.syntax.start(node) + 7)),
      }
    }
    case 'TSIndexedAccessType':
      return {
        k: 'index',
        object: readType(b, shape.objectType, scope),
        key: keyIn(b, shape.indexType),
      }
    case 'TSLiteralType': {
      const value = stringIn(b, shape.literal)
      return value === undefined ? { k: 'other' } : { k: 'str', value }
    }
    case 'TSNullKeyword':
    case 'TSUndefinedKeyword':
    case 'TSVoidKeyword':
      return { k: 'nothing', isNull: shape.type === 'TSNullKeyword' }
    case 'TSAnyKeyword':
    case 'TSUnknownKeyword':
      return { k: 'any' }
    case 'TSThisType':
      return { k: 'ref', name: ['this'], args: [], scope }
    default:
      return { k: 'other' }
  }
}

function stringIn<N>(b: Builder<N>, node: N): string | undefined {
  const shape = b.shape(node)
  if (shape.type === 'Literal') return typeof shape.value === 'string' ? shape.value : undefined
  return shape.type === 'TSLiteralType' ? stringIn(b, shape.literal) : undefined
}

/** `'name'` or `0` as the text of the key. */
function keyIn<N>(b: Builder<N>, node: N): string | undefined {
  const shape = b.shape(node)
  if (shape.type === 'TSLiteralType') return keyIn(b, shape.literal)
  if (shape.type !== 'Literal') return undefined
  return typeof shape.value === 'string' || typeof shape.value === 'number'
    ? String(shape.value)
    : undefined
}

/** `a.b.C` as its parts; empty where it is no plain dotted name. */
export function dottedName<N>(b: Builder<N>, node: N): string[] {
  const shape = b.shape(node)
  switch (shape.type) {
    case 'Identifier':
      return [shape.name]
    case 'ThisExpression':
      return ['this']
    case 'TSQualifiedName':
      return [...dottedName(b, shape.left), ...dottedName(b, shape.right)]
    case 'MemberExpression':
      return [...dottedName(b, shape.object), ...dottedName(b, shape.property)]
    default:
      return []
  }
}

export function readTypeArguments<N>(
  b: Builder<N>,
  node: N | null | undefined,
  scope: ScopeId,
): TypeId[] {
  if (!node) return []
  const shape = b.shape(node)
  return shape.type === 'TSTypeParameterInstantiation'
    ? shape.params.map((each) => readType(b, each, scope))
    : []
}

/** Declares type parameters in `scope` and returns their names. */
export function declareTypeParameters<N>(
  b: Builder<N>,
  node: Params<N> | N,
  scope: ScopeId,
): string[] {
  if (!node) return []
  const shape = b.shape(node as N)
  if (shape.type !== 'TSTypeParameterDeclaration') return []
  return shape.params.map((each) => {
    const param = b.shape(each)
    if (param.type !== 'TSTypeParameter') return ''
    const name = typeof param.name === 'string' ? param.name : (dottedName(b, param.name)[0] ?? '')
    b.scope(scope).typeParams[name] = readOptionalType(b, param.constraint, scope)
    return name
  })
}

export function readSignature<N>(
  b: Builder<N>,
  node: N,
  params: readonly N[],
  returns: N | null | undefined,
  scope: ScopeId,
): Signature {
  const last = params.at(-1)
  const from =
    last === undefined
      ? findOutsideComments(b.text, '(', b.syntax.start(node)) + 1
      : b.syntax.end(last)
  const read = params.map((each) => readSigParam(b, each, scope))
  const [first, ...others] = read
  const self = first?.name === 'this' ? first : undefined
  return {
    ...(self ? { self: { start: self.start, end: self.end } } : {}),
    params: self ? others : read,
    returns: readOptionalType(b, returns, scope),
    close: findOutsideComments(b.text, ')', from),
  }
}

function readSigParam<N>(b: Builder<N>, node: N, scope: ScopeId): SigParam {
  const shape = b.shape(node)
  const span = b.span(node)
  if (shape.type === 'RestElement') {
    const inner = b.shape(shape.argument)
    const name = inner.type === 'Identifier' ? inner.name : ''
    const type = shape.typeAnnotation ?? (inner.type === 'Identifier' ? inner.typeAnnotation : null)
    return { ...span, name, type: readOptionalType(b, type, scope), optional: true, rest: true }
  }
  if (shape.type === 'Identifier')
    return {
      ...span,
      name: shape.name,
      type: readOptionalType(b, shape.typeAnnotation, scope),
      optional: shape.optional === true,
      rest: false,
    }
  const type =
    shape.type === 'ObjectPattern' || shape.type === 'ArrayPattern' ? shape.typeAnnotation : null
  return { ...span, name: '', type: readOptionalType(b, type, scope), optional: false, rest: false }
}

export function readTypeMembers<N>(
  b: Builder<N>,
  nodes: readonly N[],
  scope: ScopeId,
): TypeMember[] {
  return nodes.flatMap((node): TypeMember[] => {
    const shape = b.shape(node)
    const span = b.span(node)
    switch (shape.type) {
      case 'TSPropertySignature':
        return [
          {
            ...span,
            name: keyName(b, shape.key, shape.computed) ?? '',
            type: readOptionalType(b, shape.typeAnnotation, scope),
            optional: shape.optional === true,
            method: undefined,
            call: false,
          },
        ]
      case 'TSMethodSignature':
        if (shape.kind === 'set') return []
        if (shape.kind === 'get')
          return [
            {
              ...span,
              name: keyName(b, shape.key, shape.computed) ?? '',
              type: readOptionalType(b, shape.returnType, scope),
              optional: false,
              method: undefined,
              call: false,
            },
          ]
        return [
          {
            ...span,
            name: keyName(b, shape.key, shape.computed) ?? '',
            type: undefined,
            optional: shape.optional === true,
            method: readSignature(b, node, shape.params, shape.returnType, scope),
            call: false,
          },
        ]
      case 'TSCallSignatureDeclaration':
        return [
          {
            ...span,
            name: '',
            type: undefined,
            optional: false,
            method: readSignature(b, node, shape.params, shape.returnType, scope),
            call: true,
          },
        ]
      default:
        return []
    }
  })
}

/** The name of a property key, or undefined for a computed one that is no string. */
export function keyName<N>(b: Builder<N>, key: N, computed: boolean): string | undefined {
  const shape = b.shape(key)
  if (shape.type === 'Literal') {
    const { value } = shape
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
      ? String(value)
      : undefined
  }
  if (computed) return undefined
  if (shape.type === 'Identifier') return shape.name
  if (shape.type === 'PrivateIdentifier') return `#${shape.name ?? ''}`
  if (shape.type === 'PrivateName' && shape.id !== undefined)
    return `#${dottedName(b, shape.id)[0] ?? ''}`
  return undefined
}
