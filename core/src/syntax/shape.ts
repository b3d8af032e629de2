/**
 * The syntax that the engine reads, in ESTree's names with TypeScript's nodes as typescript-estree
 * names them (https://github.com/estree/estree, https://typescript-eslint.io/packages/typescript-estree/ast-spec).
 * Children are the host's own nodes, so an adapter only renames what differs and ESTree itself needs no copy.
 */
export type Shape<N> =
  | { type: 'Program'; body: readonly N[] }
  | { type: 'ImportDeclaration'; source: N; specifiers: readonly N[]; importKind?: string }
  | { type: 'ImportSpecifier'; imported: N; local: N; importKind?: string }
  | { type: 'ImportDefaultSpecifier' | 'ImportNamespaceSpecifier'; local: N }
  | {
      type: 'ExportNamedDeclaration'
      declaration?: N | null
      source?: N | null
      specifiers: readonly N[]
    }
  | { type: 'ExportSpecifier'; local: N; exported: N }
  | { type: 'ExportAllDeclaration'; source: N; exported?: N | null }
  | { type: 'ExportDefaultDeclaration'; declaration: N }
  | { type: 'TSExportAssignment'; expression: N }
  | { type: 'TSImportEqualsDeclaration'; id: N; moduleReference: N }
  | { type: 'TSExternalModuleReference'; expression: N }
  | FunctionShape<N>
  | ClassShape<N>
  | {
      type: 'MethodDefinition' | 'TSAbstractMethodDefinition'
      key: N
      value: N
      kind: string
      computed: boolean
      static: boolean
      decorators?: readonly N[]
    }
  | {
      type:
        | 'PropertyDefinition'
        | 'TSAbstractPropertyDefinition'
        | 'AccessorProperty'
        | 'TSAbstractAccessorProperty'
      key: N
      value?: N | null
      typeAnnotation?: N | null
      computed: boolean
      static: boolean
      decorators?: readonly N[]
    }
  | { type: 'ClassBody'; body: readonly N[] }
  | { type: 'StaticBlock'; body: readonly N[] }
  | { type: 'Decorator'; expression: N }
  | {
      type: 'TSInterfaceDeclaration'
      id: N
      extends?: readonly N[]
      body: N
      typeParameters?: N | null
    }
  | { type: 'TSInterfaceBody'; body: readonly N[] }
  | {
      type: 'TSInterfaceHeritage' | 'TSClassImplements'
      expression: N
      typeArguments?: N | null
      typeParameters?: N | null
    }
  | {
      type: 'TSTypeAliasDeclaration'
      id: N
      typeAnnotation: N
      typeParameters?: N | null
    }
  | { type: 'TSModuleDeclaration'; id: N; body?: N | null; kind?: string; global?: boolean }
  | { type: 'TSModuleBlock'; body: readonly N[] }
  | { type: 'TSEnumDeclaration'; id: N }
  | { type: 'VariableDeclaration'; kind: string; declarations: readonly N[]; declare?: boolean }
  | { type: 'VariableDeclarator'; id: N; init?: N | null }
  | { type: 'ExpressionStatement'; expression: N; directive?: string }
  | { type: 'ReturnStatement'; argument?: N | null }
  | { type: 'BlockStatement'; body: readonly N[] }
  | { type: 'IfStatement'; test: N; consequent: N; alternate?: N | null }
  | { type: 'TryStatement'; block: N; handler?: N | null; finalizer?: N | null }
  | { type: 'CatchClause'; param?: N | null; body: N }
  | { type: 'ThrowStatement'; argument: N }
  | { type: 'ForStatement'; init?: N | null; test?: N | null; update?: N | null; body: N }
  | { type: 'ForOfStatement' | 'ForInStatement'; left: N; right: N; body: N; await?: boolean }
  | { type: 'WhileStatement' | 'DoWhileStatement'; test: N; body: N }
  | { type: 'Identifier'; name: string; typeAnnotation?: N | null; optional?: boolean }
  | { type: 'PrivateIdentifier' | 'PrivateName'; name?: string; id?: N }
  | { type: 'ThisExpression' | 'Super' }
  | { type: 'Literal'; value: unknown }
  | { type: 'TemplateLiteral'; quasis: readonly N[]; expressions: readonly N[] }
  | { type: 'TemplateElement'; value: { cooked?: string | null; raw: string } }
  | {
      type: 'TaggedTemplateExpression'
      tag: N
      quasi: N
      typeArguments?: N | null
      typeParameters?: N | null
    }
  | { type: 'MemberExpression'; object: N; property: N; computed: boolean; optional?: boolean }
  | {
      type: 'CallExpression' | 'NewExpression'
      callee: N
      arguments: readonly N[]
      optional?: boolean
      typeArguments?: N | null
      typeParameters?: N | null
    }
  | { type: 'ImportExpression'; source: N }
  | { type: 'ChainExpression' | 'ParenthesizedExpression' | 'TSNonNullExpression'; expression: N }
  | {
      type: 'TSAsExpression' | 'TSSatisfiesExpression' | 'TSTypeAssertion'
      expression: N
      typeAnnotation: N
    }
  | { type: 'TSInstantiationExpression'; expression: N }
  | { type: 'AwaitExpression'; argument: N }
  | { type: 'YieldExpression'; argument?: N | null; delegate: boolean }
  | { type: 'UnaryExpression'; operator: string; argument: N }
  | { type: 'AssignmentExpression'; operator: string; left: N; right: N }
  | { type: 'BinaryExpression' | 'LogicalExpression'; operator: string; left: N; right: N }
  | { type: 'ConditionalExpression'; test: N; consequent: N; alternate: N }
  | { type: 'SequenceExpression'; expressions: readonly N[] }
  | { type: 'ArrayExpression'; elements: readonly (N | null)[] }
  | { type: 'ObjectExpression'; properties: readonly N[] }
  | {
      type: 'Property'
      key: N
      value: N
      computed: boolean
      shorthand: boolean
      method: boolean
      kind: string
    }
  | { type: 'SpreadElement' | 'RestElement'; argument: N; typeAnnotation?: N | null }
  | {
      type: 'ObjectPattern'
      properties: readonly N[]
      typeAnnotation?: N | null
      optional?: boolean
    }
  | {
      type: 'ArrayPattern'
      elements: readonly (N | null)[]
      typeAnnotation?: N | null
      optional?: boolean
    }
  | { type: 'AssignmentPattern'; left: N; right: N }
  | {
      type: 'TSParameterProperty'
      parameter: N
      accessibility?: string | null
      decorators?: readonly N[]
    }
  | { type: 'TSTypeAnnotation'; typeAnnotation: N }
  | { type: 'TSTypeParameterDeclaration'; params: readonly N[] }
  | { type: 'TSTypeParameter'; name: N | string; constraint?: N | null; default?: N | null }
  | { type: 'TSTypeParameterInstantiation'; params: readonly N[] }
  | {
      type: 'TSTypeReference'
      typeName: N
      typeArguments?: N | null
      typeParameters?: N | null
    }
  | { type: 'TSQualifiedName'; left: N; right: N }
  | { type: 'TSArrayType'; elementType: N }
  | { type: 'TSTupleType'; elementTypes: readonly N[] }
  | { type: 'TSUnionType' | 'TSIntersectionType'; types: readonly N[] }
  | {
      type: 'TSFunctionType' | 'TSConstructorType'
      params: readonly N[]
      returnType?: N | null
    }
  | { type: 'TSTypeLiteral'; members: readonly N[] }
  | {
      type: 'TSPropertySignature'
      key: N
      typeAnnotation?: N | null
      optional?: boolean
      computed: boolean
    }
  | {
      type: 'TSMethodSignature'
      key: N
      params: readonly N[]
      returnType?: N | null
      optional?: boolean
      computed: boolean
      kind?: string
    }
  | {
      type: 'TSCallSignatureDeclaration'
      params: readonly N[]
      returnType?: N | null
    }
  | { type: 'TSTypeQuery'; exprName: N }
  | {
      type: 'TSImportType'
      /** The module: `source` in newer trees, a literal type `argument` in older ones. */
      source?: N
      argument?: N
      qualifier?: N | null
      typeArguments?: N | null
    }
  | { type: 'TSIndexedAccessType'; objectType: N; indexType: N }
  | { type: 'TSLiteralType'; literal: N }
  | { type: 'TSTypeOperator'; operator: string; typeAnnotation: N }
  | { type: 'TSOptionalType' | 'TSRestType'; typeAnnotation: N }
  | { type: 'TSNamedTupleMember'; elementType: N }
  | { type: 'TSParenthesizedType'; typeAnnotation: N }
  | {
      type:
        | 'TSNullKeyword'
        | 'TSUndefinedKeyword'
        | 'TSAnyKeyword'
        | 'TSUnknownKeyword'
        | 'TSThisType'
        | 'TSVoidKeyword'
    }
  /** Whatever else there is: its children are walked, nothing else is asked of it. */
  | { type: 'Other' | 'OtherStatement' | 'SwitchCase' }

export interface FunctionShape<N> {
  type:
    | 'FunctionDeclaration'
    | 'FunctionExpression'
    | 'ArrowFunctionExpression'
    | 'TSDeclareFunction'
    | 'TSEmptyBodyFunctionExpression'
  id?: N | null
  params: readonly N[]
  body?: N | null
  returnType?: N | null
  typeParameters?: N | null
  async: boolean
  generator: boolean
}

export interface ClassShape<N> {
  type: 'ClassDeclaration' | 'ClassExpression'
  id?: N | null
  superClass?: N | null
  superTypeArguments?: N | null
  superTypeParameters?: N | null
  implements?: readonly N[]
  body: N
  typeParameters?: N | null
  decorators?: readonly N[]
}

export interface Comment {
  /** Text without the delimiters. */
  readonly value: string
  readonly start: number
  readonly end: number
}

/** One AST as the engine sees it. Nodes are opaque; everything about them is asked here. */
export interface Syntax<N> {
  shape(node: N): Shape<N>
  /** UTF-16 offsets. */
  start(node: N): number
  end(node: N): number
  /** Every child node, in source order. Used only below shapes that the engine does not interpret. */
  children(node: N): readonly N[]
}
