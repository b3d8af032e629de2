import type { Shape } from '../shape.js'

/** A list of TypeScript nodes, with the extent between its brackets. */
export type TsNodes = readonly TsNode[] & { readonly pos: number; readonly end: number }

/**
 * A TypeScript node with whatever the adapter reads of it. Declared here and not taken from the
 * compiler, since hosts bring different ones: the project's own, and the one that ts-morph bundles.
 */
export interface TsNode {
  readonly kind: number
  readonly pos: number
  readonly end: number
  readonly flags?: number
  readonly text?: string
  readonly rawText?: string | undefined
  readonly templateFlags?: number | undefined
  readonly operator?: number
  readonly isTypeOnly?: boolean
  readonly isExportEquals?: boolean | undefined
  readonly name?: TsNode | undefined
  readonly propertyName?: TsNode | undefined
  readonly expression?: TsNode | undefined
  readonly initializer?: TsNode | undefined
  readonly objectAssignmentInitializer?: TsNode | undefined
  readonly type?: TsNode | undefined
  readonly body?: TsNode | undefined
  readonly block?: TsNode | undefined
  readonly caseBlock?: TsNode | undefined
  readonly left?: TsNode
  readonly right?: TsNode
  readonly operatorToken?: TsNode
  readonly operand?: TsNode
  readonly argumentExpression?: TsNode
  readonly condition?: TsNode | undefined
  readonly whenTrue?: TsNode
  readonly whenFalse?: TsNode
  readonly incrementor?: TsNode | undefined
  readonly statement?: TsNode
  readonly thenStatement?: TsNode
  readonly elseStatement?: TsNode | undefined
  readonly tryBlock?: TsNode
  readonly catchClause?: TsNode | undefined
  readonly finallyBlock?: TsNode | undefined
  readonly variableDeclaration?: TsNode | undefined
  readonly declarationList?: TsNode
  readonly moduleSpecifier?: TsNode | undefined
  readonly moduleReference?: TsNode
  readonly importClause?: TsNode | undefined
  readonly exportClause?: TsNode | undefined
  readonly namedBindings?: TsNode | undefined
  readonly tag?: TsNode
  readonly template?: TsNode
  readonly head?: TsNode
  readonly literal?: TsNode
  readonly typeName?: TsNode
  readonly exprName?: TsNode
  readonly elementType?: TsNode
  readonly objectType?: TsNode
  readonly indexType?: TsNode
  readonly constraint?: TsNode | undefined
  readonly argument?: TsNode
  readonly qualifier?: TsNode | undefined
  readonly questionToken?: TsNode | undefined
  readonly questionDotToken?: TsNode | undefined
  readonly dotDotDotToken?: TsNode | undefined
  readonly asteriskToken?: TsNode | undefined
  readonly awaitModifier?: TsNode | undefined
  readonly modifiers?: TsNodes | undefined
  readonly statements?: TsNodes
  readonly parameters?: TsNodes
  readonly typeParameters?: TsNodes | undefined
  readonly typeArguments?: TsNodes | undefined
  readonly arguments?: TsNodes | undefined
  readonly elements?: TsNodes
  readonly properties?: TsNodes
  readonly members?: TsNodes
  readonly declarations?: TsNodes
  readonly heritageClauses?: TsNodes | undefined
  readonly types?: TsNodes
  readonly clauses?: TsNodes
  readonly templateSpans?: TsNodes
  readonly token?: number
  /** Only in nodes that ESTree has and TypeScript has not: what the adapter made up, and over what. */
  readonly made?: { readonly shape: Shape<TsNode>; readonly start: number; readonly of: TsNode }
}

/** What the adapter needs of the compiler. Kind numbers differ between versions, names do not. */
export interface TsNamespace {
  readonly SyntaxKind: Readonly<Record<string, number | string>>
  readonly NodeFlags: Readonly<Record<string, number | string>>
  forEachChild(node: TsNode, visit: (child: TsNode) => void): unknown
}

/** The compiler's node behind one that the adapter made up, and any other node itself. */
export function originOf(node: TsNode): TsNode {
  return node.made ? originOf(node.made.of) : node
}
