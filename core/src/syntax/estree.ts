import { babelShape } from './babel.js'
import type { Shape, Syntax } from './shape.js'

/** An ESTree or Babel node as parsers hand it out: `range` (espree, typescript-estree) or `start`/`end` (oxc, Babel). */
export interface EstreeNode {
  readonly type: string
  readonly start?: number | null
  readonly end?: number | null
  readonly range?: readonly [number, number]
}

type Loose = EstreeNode & Record<string, unknown>

/** Bookkeeping of parsers, and names that are neither read nor written. */
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
  'label',
])

/** Nodes whose children are only names. */
const leaves = new Set([
  'MetaProperty',
  'PrivateName',
  'PrivateIdentifier',
  'TSNamespaceExportDeclaration',
])

/** A parser that recovers from errors leaves nothing where a name or an operand should be. */
type Found = EstreeNode | null | undefined

export const estree: Syntax<EstreeNode> = {
  shape(node: Found) {
    if (!node) return { type: 'Other' }
    // The value of a pattern that this engine cannot build is null, as if it were a null literal.
    if (node.type === 'Literal' && 'regex' in node) return { type: 'Literal', value: undefined }
    return babelShape(node) ?? (node as unknown as Shape<EstreeNode>)
  },
  start: (node: Found) => node?.range?.[0] ?? node?.start ?? 0,
  end: (node: Found) => node?.range?.[1] ?? node?.end ?? 0,
  children(node: Found) {
    if (!node || leaves.has(node.type)) return []
    return node.type.startsWith('JSX') ? childrenOf(node).flatMap(jsxParts) : childrenOf(node)
  },
}

function childrenOf(node: EstreeNode): EstreeNode[] {
  const found: EstreeNode[] = []
  for (const key in node) {
    if (skipped.has(key)) continue
    const value = (node as Loose)[key]
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) found.push(item)
    } else if (isNode(value)) found.push(value)
  }
  // typescript-estree orders a node's properties by name.
  return found.sort((a, b) => estree.start(a) - estree.start(b))
}

const jsxExpressions = new Set(['JSXExpressionContainer', 'JSXSpreadAttribute', 'JSXSpreadChild'])

/** The elements and expressions in a piece of JSX, without its names, attributes and texts. */
function jsxParts(node: EstreeNode): readonly EstreeNode[] {
  if (node.type === 'JSXElement' || node.type === 'JSXFragment') return [node]
  if (jsxExpressions.has(node.type))
    return childrenOf(node).filter((each) => each.type !== 'JSXEmptyExpression')
  return node.type.startsWith('JSX') ? childrenOf(node).flatMap(jsxParts) : []
}

function isNode(value: unknown): value is EstreeNode {
  return (
    typeof value === 'object' && value !== null && typeof (value as EstreeNode).type === 'string'
  )
}
