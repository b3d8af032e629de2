import { classes } from './typescript/classes.js'
import { expressions } from './typescript/expressions.js'
import { functions } from './typescript/functions.js'
import { modules } from './typescript/modules.js'
import { originOf, type TsNamespace, type TsNode } from './typescript/node.js'
import { Reader, type Read } from './typescript/reader.js'
import { exported, statements } from './typescript/statements.js'
import { types } from './typescript/types.js'
import type { Syntax } from './shape.js'

export { originOf, type TsNamespace, type TsNode }

const readers = new Map<string, Read>(
  Object.entries({ ...statements, ...modules, ...functions, ...classes, ...expressions, ...types }),
)

/** Keywords, punctuation and types: nothing there is evaluated. */
const ignored = /(?:Token|Keyword|Type|Signature)$|^Type(?:Reference|Query|Predicate|Parameter)$/
/** Nodes whose children are only names. */
const leaves = new Set([
  'MetaProperty',
  'NamespaceExportDeclaration',
  'BreakStatement',
  'ContinueStatement',
])

const values = /^(?:This|Super|True|False|Null)Keyword$/

/**
 * TypeScript's tree, read as ESTree. The compiler is an argument, because the numbers of its kinds
 * differ from one version to the next and a process may hold several. Parents need not be set.
 */
export function createTypeScriptSyntax(
  ts: TsNamespace,
  sourceFile: TsNode & { readonly text: string },
): Syntax<TsNode> {
  const r = new Reader(ts, sourceFile.text)
  r.read = (_, node) => {
    const read = readers.get(r.kind(node))
    return exported(r, node, read ? read(r, node) : { type: 'Other' })
  }
  return {
    shape: (node) => r.shape(node),
    start: (node) => r.start(node),
    end: (node) => node.end,
    children: (node) => partsOf(r, originOf(node)),
  }
}

/** What is to be read below a node that has no shape of its own. */
function partsOf(r: Reader, node: TsNode): readonly TsNode[] {
  const kind = r.kind(node)
  if (kind === 'LabeledStatement') return node.statement ? [node.statement] : []
  if (leaves.has(kind)) return []
  const isJsx = kind.startsWith('Jsx')
  const parts: TsNode[] = []
  r.ts.forEachChild(node, (child) => {
    const name = r.kind(child)
    if (name.startsWith('Jsx')) parts.push(...jsxParts(r, child, name))
    else if (name === 'CaseBlock') parts.push(...(child.clauses ?? []))
    else if (!isJsx && (values.test(name) || !ignored.test(name))) parts.push(r.bare(child))
  })
  return parts
}

/** The elements and expressions in a piece of JSX, without its names, attributes and texts. */
function jsxParts(r: Reader, node: TsNode, kind: string): readonly TsNode[] {
  if (/^Jsx(?:Element|SelfClosingElement|Fragment)$/.test(kind)) return [node]
  if (node.expression) return [r.bare(node.expression)]
  return partsOf(r, node)
}
