import type { Shape } from '../shape.js'
import type { TsNode } from './node.js'
import type { Read, Reader } from './reader.js'
import { heritage } from './statements.js'

const classShape =
  (type: 'ClassDeclaration' | 'ClassExpression'): Read =>
  (r, node) => {
    const base = node.heritageClauses?.find((each) => r.kindName(each.token) === 'ExtendsKeyword')
    const superType = base?.types?.[0]
    return {
      type,
      id: node.name ?? null,
      superClass: r.maybe(superType?.expression),
      superTypeArguments: superType ? r.typeArguments(superType) : null,
      implements: heritage(r, node, 'ImplementsKeyword'),
      body: r.over(node, { type: 'ClassBody', body: classMembers(r, node) }),
      typeParameters: r.typeParameters(node),
      decorators: r.decorators(node),
    }
  }

function classMembers(r: Reader, node: TsNode): readonly TsNode[] {
  return (node.members ?? []).filter((each) => r.kind(each) !== 'SemicolonClassElement')
}

function fieldType(r: Reader, node: TsNode): (Shape<TsNode> & { static: boolean })['type'] {
  const isAccessor = r.has(node, 'AccessorKeyword')
  if (r.has(node, 'AbstractKeyword'))
    return isAccessor ? 'TSAbstractAccessorProperty' : 'TSAbstractPropertyDefinition'
  return isAccessor ? 'AccessorProperty' : 'PropertyDefinition'
}

export const classes: Readonly<Record<string, Read>> = {
  ClassDeclaration: classShape('ClassDeclaration'),
  ClassExpression: classShape('ClassExpression'),
  PropertyDeclaration: (r, node) => ({
    type: fieldType(r, node) as 'PropertyDefinition',
    ...r.key(node),
    value: r.maybe(node.initializer),
    typeAnnotation: r.annotation(node.type),
    static: r.has(node, 'StaticKeyword'),
    decorators: r.decorators(node),
  }),
  ClassStaticBlockDeclaration: (_r, node) => ({
    type: 'StaticBlock',
    body: node.body?.statements ?? [],
  }),
  Decorator: (r, node) => ({ type: 'Decorator', expression: r.need(node, node.expression) }),
}
