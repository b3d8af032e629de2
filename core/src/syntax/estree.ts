import type { Shape, Syntax } from './shape.js'

/** An ESTree or Babel node as parsers hand it out: `range` (espree, typescript-estree) or `start`/`end` (oxc, Babel). */
export interface EstreeNode {
  readonly type: string
  readonly start?: number | null
  readonly end?: number | null
  readonly range?: readonly [number, number]
}

type Loose = EstreeNode & Record<string, unknown>

const skipped = new Set([
  'parent',
  'loc',
  'range',
  'start',
  'end',
  'type',
  'tokens',
  'comments',
  'extra',
  'errors',
  'leadingComments',
  'trailingComments',
  'innerComments',
])

const literals = new Set(['StringLiteral', 'NumericLiteral', 'BooleanLiteral', 'BigIntLiteral'])

const functionParts = (node: Loose, inner: string) => ({
  ...node,
  type: inner,
  id: null,
})

/**
 * Babel's plain AST differs from ESTree in few places (https://babeljs.io/docs/babel-parser#output);
 * those are read as ESTree here, all else is returned as it is.
 */
function babelShape(node: Loose): Shape<EstreeNode> | undefined {
  switch (node.type) {
    case 'File':
      return { type: 'Program', body: (node['program'] as { body: EstreeNode[] }).body }
    case 'NullLiteral':
      return { type: 'Literal', value: null }
    case 'RegExpLiteral':
      return { type: 'Literal', value: undefined }
    case 'OptionalCallExpression':
      return { ...node, type: 'CallExpression' } as unknown as Shape<EstreeNode>
    case 'OptionalMemberExpression':
      return { ...node, type: 'MemberExpression' } as unknown as Shape<EstreeNode>
    case 'ObjectProperty':
      return {
        ...node,
        type: 'Property',
        method: false,
        kind: 'init',
      } as unknown as Shape<EstreeNode>
    case 'ObjectMethod':
      return {
        type: 'Property',
        key: node['key'] as EstreeNode,
        value: functionParts(node, 'FunctionExpression') as unknown as EstreeNode,
        computed: node['computed'] === true,
        shorthand: false,
        method: node['kind'] === 'method',
        kind: node['kind'] === 'method' ? 'init' : String(node['kind']),
      }
    case 'ClassMethod':
    case 'ClassPrivateMethod':
    case 'TSDeclareMethod':
      return {
        type: 'MethodDefinition',
        key: node['key'] as EstreeNode,
        value: functionParts(
          node,
          node.type === 'TSDeclareMethod' ? 'TSEmptyBodyFunctionExpression' : 'FunctionExpression',
        ) as unknown as EstreeNode,
        kind: String(node['kind']),
        computed: node['computed'] === true,
        static: node['static'] === true,
        decorators: (node['decorators'] ?? []) as EstreeNode[],
      }
    case 'ClassProperty':
    case 'ClassPrivateProperty':
    case 'ClassAccessorProperty':
      return { ...node, type: 'PropertyDefinition' } as unknown as Shape<EstreeNode>
    case 'TSExpressionWithTypeArguments':
      return { ...node, type: 'TSClassImplements' } as unknown as Shape<EstreeNode>
    default:
      return undefined
  }
}

/** `import('x')` is a call of `Import` in Babel's tree. */
function isBabelImportCall(node: Loose): boolean {
  return node.type === 'CallExpression' && (node['callee'] as EstreeNode).type === 'Import'
}

export const estree: Syntax<EstreeNode> = {
  shape(node) {
    const loose = node as Loose
    if (literals.has(node.type)) return { type: 'Literal', value: loose['value'] }
    if (isBabelImportCall(loose)) {
      const [source] = loose['arguments'] as EstreeNode[]
      return source ? { type: 'ImportExpression', source } : { type: 'Other' }
    }
    return babelShape(loose) ?? (node as unknown as Shape<EstreeNode>)
  },
  start: (node) => node.range?.[0] ?? node.start ?? 0,
  end: (node) => node.range?.[1] ?? node.end ?? 0,
  children(node) {
    const found: EstreeNode[] = []
    for (const key in node) {
      if (skipped.has(key)) continue
      const value = (node as Loose)[key]
      if (Array.isArray(value)) {
        for (const item of value) if (isNode(item)) found.push(item)
      } else if (isNode(value)) found.push(value)
    }
    return found
  },
}

function isNode(value: unknown): value is EstreeNode {
  return (
    typeof value === 'object' && value !== null && typeof (value as EstreeNode).type === 'string'
  )
}
