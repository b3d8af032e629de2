import { skipTrivia } from '../../facts/text.js'
import type { FunctionShape } from '../shape.js'
import type { TsNode } from './node.js'
import type { Read, Reader } from './reader.js'

const propertyModifiers = new Set([
  'PublicKeyword',
  'PrivateKeyword',
  'ProtectedKeyword',
  'ReadonlyKeyword',
  'OverrideKeyword',
])

function functionShape(
  r: Reader,
  node: TsNode,
  type: FunctionShape<TsNode>['type'],
): FunctionShape<TsNode> {
  return {
    type,
    id: node.name && !type.startsWith('TSEmpty') ? node.name : null,
    params: parameters(r, node),
    body: r.maybe(node.body),
    returnType: r.annotation(node.type),
    typeParameters: r.typeParameters(node),
    async: r.has(node, 'AsyncKeyword'),
    generator: node.asteriskToken !== undefined,
  }
}

/** The function of a method: what follows its key. */
function methodValue(r: Reader, node: TsNode): TsNode {
  const type = node.body ? 'FunctionExpression' : 'TSEmptyBodyFunctionExpression'
  const start = (node.typeParameters ?? node.parameters)?.pos ?? node.end
  return r.make(node, start - 1, node.end, { ...functionShape(r, node, type), id: null })
}

const accessorKinds = new Map([
  ['GetAccessor', 'get'],
  ['SetAccessor', 'set'],
])

/** A method or accessor of an object literal. */
export const objectMethod: Read = (r, node) => ({
  type: 'Property',
  ...r.key(node),
  value: methodValue(r, node),
  shorthand: false,
  method: r.kind(node) === 'MethodDeclaration',
  kind: accessorKinds.get(r.kind(node)) ?? 'init',
})

const method: Read = (r, node) => ({
  type: r.has(node, 'AbstractKeyword') ? 'TSAbstractMethodDefinition' : 'MethodDefinition',
  ...r.key(node),
  value: methodValue(r, node),
  kind: accessorKinds.get(r.kind(node)) ?? 'method',
  static: r.has(node, 'StaticKeyword'),
  decorators: r.decorators(node),
})

/** The word `constructor` is no node of TypeScript's tree. */
function constructorKey(r: Reader, node: TsNode): TsNode {
  const start = skipTrivia(r.text, node.modifiers?.end ?? node.pos)
  const isQuoted = /['"]/.test(r.text[start] ?? '')
  const end = start + 'constructor'.length + (isQuoted ? 2 : 0)
  return r.make(node, start, end, { type: 'Identifier', name: 'constructor' })
}

/** Parameters as ESTree has them: a name, a pattern, a default, the rest, or the declaration of a field. */
export function parameters(r: Reader, node: TsNode): readonly TsNode[] {
  return (node.parameters ?? []).map((each) => {
    const isProperty = each.modifiers?.some((at) => propertyModifiers.has(r.kind(at))) === true
    if (!isProperty) return plainParameter(r, each, r.decorators(each))
    const decorators = r.decorators(each)
    return r.over(each, {
      type: 'TSParameterProperty',
      parameter: plainParameter(r, each, []),
      decorators,
    })
  })
}

function plainParameter(r: Reader, node: TsNode, decorators: readonly TsNode[]): TsNode {
  const name = r.need(node, node.name)
  if (node.dotDotDotToken)
    return r.make(node, r.start(node.dotDotDotToken), node.end, {
      ...{ type: 'RestElement', argument: name, typeAnnotation: r.annotation(node.type) },
      ...{ decorators },
    })
  const target = r.binding(node, name)
  if (node.initializer)
    return r.make(node, r.start(name), node.end, {
      ...{ type: 'AssignmentPattern', left: target, right: r.bare(node.initializer) },
      ...{ decorators },
    })
  if (decorators.length === 0) return target
  return r.make(name, r.start(name), target.end, { ...r.shape(target), ...{ decorators } })
}

export const functions: Readonly<Record<string, Read>> = {
  FunctionDeclaration: (r, node) =>
    functionShape(r, node, node.body ? 'FunctionDeclaration' : 'TSDeclareFunction'),
  FunctionExpression: (r, node) => functionShape(r, node, 'FunctionExpression'),
  ArrowFunction: (r, node) => functionShape(r, node, 'ArrowFunctionExpression'),
  MethodDeclaration: method,
  GetAccessor: method,
  SetAccessor: method,
  Constructor: (r, node) => ({
    type: 'MethodDefinition',
    key: constructorKey(r, node),
    value: methodValue(r, node),
    kind: 'constructor',
    computed: false,
    static: false,
    decorators: [],
  }),
}
