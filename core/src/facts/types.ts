/**
 * Facts are all that the engine keeps of a file: plain data without nodes, made from that file alone,
 * so that they can be cached by content, sent to a worker or written to disk. Numbers that name other
 * entries are indexes into the arrays of the same `FileFacts`. Positions are UTF-16 offsets.
 */
export type ExprId = number
export type TypeId = number
export type ScopeId = number
export type FnId = number
export type ClassId = number
export type BindingId = number

export interface Span {
  readonly start: number
  readonly end: number
}

/** Raised whenever the meaning of a field changes: cached facts of another version are thrown away. */
export const FACTS_VERSION = 12

export interface FileFacts {
  readonly version: typeof FACTS_VERSION
  readonly path: string
  /** CommonJS by its syntax: `require`, `module.exports`, and no ESM import or export. */
  readonly commonjs: boolean
  /** Says of itself that a program wrote it: `@generated`, `DO NOT EDIT`. */
  readonly generated: boolean
  readonly lineStarts: readonly number[]
  readonly exprs: readonly Expr[]
  readonly types: readonly TypeExpr[]
  readonly scopes: readonly Scope[]
  readonly bindings: readonly Binding[]
  /** Index 0 is the module itself. */
  readonly functions: readonly Fn[]
  readonly classes: readonly Cls[]
  readonly typeDecls: readonly TypeDecl[]
  readonly calls: readonly CallSite[]
  /** Names and members that are awaited, returned or the object of `.then`: a lazy query runs there. */
  readonly uses: readonly CallSite[]
  readonly catches: readonly Catch[]
  /** Blocks in braces, bodies of functions included. */
  readonly blocks: readonly Block[]
  readonly tries: readonly Try[]
  /** What a loop does again each turn. */
  readonly loops: readonly Span[]
  /** `case` and `default` of a `switch`: what one of them declares has no value in another. */
  readonly clauses: readonly Span[]
  /** Statements that throw. */
  readonly throws: readonly (Span & { readonly fn: FnId })[]
  readonly exports: readonly Export[]
  /** Modules of `export * from`. */
  readonly stars: readonly string[]
  /** `a.b = value`, `exports.b = value`, `globalThis.b = value`; `a[key] = value` under the name `[]`. */
  readonly writes: readonly MemberWrite[]
  readonly augmentations: readonly Augmentation[]
  readonly markers: readonly Marker[]
  readonly suppressions: readonly Suppression[]
  /** Every module specifier in the file, for following imports. */
  readonly modules: readonly string[]
}

export type Expr = Span & ExprData

export type ExprData =
  | { k: 'id'; name: string; scope: ScopeId }
  | { k: 'this' | 'super'; cls: ClassId | undefined; fn: FnId }
  | { k: 'member'; object: ExprId; name: string; optional: boolean; nameStart: number }
  | { k: 'index'; object: ExprId; index: ExprId }
  | { k: 'call' | 'new'; callee: ExprId; args: ExprId[]; typeArgs: TypeId[]; optional: boolean }
  | { k: 'tag'; callee: ExprId; quasi: ExprId; typeArgs: TypeId[] }
  | { k: 'await'; of: ExprId }
  | { k: 'yield'; of: ExprId | undefined; delegate: boolean }
  | { k: 'as'; of: ExprId; type: TypeId | undefined; assertion: boolean }
  | { k: 'nonnull'; of: ExprId }
  /** One of several values: `a ? b : c`, `a ?? b`, `a || b`, `a && b`. */
  | { k: 'either'; op: string; of: ExprId[] }
  | { k: 'obj'; props: ObjProp[] }
  | { k: 'arr'; of: ExprId[] }
  | { k: 'fn'; fn: FnId }
  | { k: 'class'; cls: ClassId }
  /** A string, or the text of a template up to its first placeholder (`complete: false`). */
  | { k: 'str'; value: string; complete: boolean }
  /** A number, or the product of two. */
  | { k: 'num'; value: number }
  | { k: 'spread'; of: ExprId }
  | { k: 'import'; module: string }
  | { k: 'assign'; target: ExprId; value: ExprId; op: string }
  /** `undefined`, `null`, `void 0`. */
  | { k: 'nothing' }
  | { k: 'other'; parts: ExprId[] }

export interface ObjProp extends Span {
  /** Undefined for a spread or a computed key. */
  readonly name: string | undefined
  readonly value: ExprId
  readonly spread: boolean
  readonly shorthand: boolean
  readonly getter: boolean
}

export type TypeExpr = Span & TypeData

export type TypeData =
  | { k: 'ref'; name: string[]; args: TypeId[]; scope: ScopeId }
  | { k: 'array'; of: TypeId }
  | { k: 'tuple'; of: TypeId[] }
  | { k: 'union' | 'inter'; of: TypeId[] }
  | { k: 'fn'; sig: Signature }
  | { k: 'lit'; members: TypeMember[] }
  | { k: 'query'; path: string[]; scope: ScopeId }
  | { k: 'import'; module: string; path: string[]; args: TypeId[]; typeof: boolean }
  | { k: 'index'; object: TypeId; key: string | undefined }
  | { k: 'str'; value: string }
  | { k: 'nothing'; isNull: boolean }
  | { k: 'any' | 'other' }

export interface SigParam extends Span {
  readonly name: string
  readonly type: TypeId | undefined
  readonly optional: boolean
  readonly rest: boolean
}

export interface Signature {
  /** Where `this` is declared, which no call passes. */
  readonly self?: Span
  readonly params: SigParam[]
  readonly returns: TypeId | undefined
  /** Offset of the `)` that closes the parameters. */
  readonly close: number
}

export interface TypeMember extends Span {
  readonly name: string
  readonly type: TypeId | undefined
  readonly optional: boolean
  readonly method: Signature | undefined
  readonly call: boolean
}

export interface Scope {
  readonly parent: ScopeId | undefined
  readonly fn: FnId
  /** Null-prototype: names come from source. */
  readonly names: Record<string, BindingId>
  /** Types declared here: indexes into `typeDecls`. */
  readonly typeNames: Record<string, number[]>
  /** Names of type parameters declared here, with their constraints. */
  readonly typeParams: Record<string, TypeId | undefined>
}

/** One step from a value to a part of it, in a destructuring pattern. */
export type PathStep =
  { readonly prop: string } | { readonly element: number } | { readonly rest: true }

export interface Binding extends Span {
  readonly name: string
  readonly scope: ScopeId
  readonly kind:
    'import' | 'var' | 'let' | 'const' | 'param' | 'function' | 'class' | 'catch' | 'loop' | 'other'
  readonly fn: FnId
  readonly init: ExprId | undefined
  readonly type: TypeId | undefined
  readonly path: PathStep[]
  /** Value of a default in a pattern or a parameter. */
  readonly fallback: ExprId | undefined
  readonly param: { readonly fn: FnId; readonly index: number } | undefined
  readonly import: ImportRef | undefined
  readonly cls: ClassId | undefined
  /** All declarations of a function: overloads first, the body last. */
  readonly fns: FnId[]
  /** Iterated value of a `for … of`. */
  readonly over: { readonly expr: ExprId; readonly await: boolean } | undefined
  /** Values assigned later. */
  readonly writes: ExprId[]
}

export interface ImportRef {
  readonly module: string
  /** `*` for a namespace, `default`, or the exported name. */
  readonly name: string
  readonly typeOnly: boolean
}

export type FnKind =
  'module' | 'function' | 'arrow' | 'method' | 'getter' | 'setter' | 'constructor' | 'static-block'

export interface Param extends Span {
  /** Undefined for a pattern. */
  readonly name: string | undefined
  readonly type: TypeId | undefined
  readonly optional: boolean
  readonly rest: boolean
  /** Its default; negative for the default of a whole pattern. */
  readonly fallback: ExprId | undefined
  readonly decorators: Decorator[]
  /** Declares a field: `constructor(private readonly pool: Pool)`. */
  readonly property: boolean
  /** Members that an object pattern binds, with the offset behind the last of them. */
  readonly pattern: PatternFact | undefined
  /** End of what stands before the type annotation, or of the whole where there is none. */
  readonly nameEnd: number
}

export interface PatternFact {
  readonly names: string[]
  readonly rest: boolean
  readonly start: number
  readonly end: number
  /** Offset behind the last property, before a trailing comma; `start + 1` where there is none. */
  readonly last: number
}

export interface Fn extends Span {
  readonly id: FnId
  readonly parent: FnId | undefined
  readonly name: string
  readonly kind: FnKind
  readonly async: boolean
  readonly generator: boolean
  /** Where `this` is declared, which no call passes. */
  readonly self?: Span
  readonly params: Param[]
  readonly returnType: TypeId | undefined
  /** Returned expressions; of an arrow without braces, its body. */
  readonly returns: ExprId[]
  readonly yields: ExprId[]
  readonly scope: ScopeId
  readonly cls: ClassId | undefined
  readonly static: boolean
  readonly decorators: Decorator[]
  readonly hasBody: boolean
  /** An arrow whose body is an expression. */
  readonly concise: boolean
  readonly body: Span
  /** Offset of the `)` behind the parameters, or undefined for an arrow with a bare parameter. */
  readonly close: number | undefined
  /** Texts that stand alone in it: `'use server'`. */
  readonly directives: string[]
  /** Uses `arguments`. */
  readonly usesArguments: boolean
  /** The call that this function expression is an argument of. */
  readonly argOf: { readonly call: ExprId; readonly index: number } | undefined
  /** The variable, property or parameter annotation that gives this function its type. */
  readonly contextType: TypeId | undefined
  /** The expression of a function expression or arrow. */
  readonly expr: ExprId | undefined
  /** Offset behind the last `@param` of the comment that documents it, in JavaScript. */
  readonly paramsDocEnd?: number
}

export interface Decorator extends Span {
  readonly expr: ExprId
}

export interface ClassMember extends Span {
  readonly name: string
  readonly kind: 'method' | 'getter' | 'setter' | 'constructor' | 'field'
  readonly static: boolean
  readonly abstract: boolean
  /** `private`; the name of one with `#` says so itself. */
  readonly private: boolean
  /** `signal?: AbortSignal` */
  readonly optional: boolean
  readonly fn: FnId | undefined
  readonly value: ExprId | undefined
  readonly type: TypeId | undefined
  readonly decorators: Decorator[]
  /** Index of the constructor parameter that declares this field. */
  readonly fromParam: number | undefined
}

export interface Cls extends Span {
  readonly id: ClassId
  readonly name: string
  readonly scope: ScopeId
  readonly extends: ExprId | undefined
  readonly extendsArgs: TypeId[]
  readonly implements: TypeId[]
  readonly typeParams: string[]
  readonly members: ClassMember[]
  readonly decorators: Decorator[]
  /** `this.name = value` anywhere in the class. */
  readonly fields: { readonly name: string; readonly value: ExprId; readonly fn: FnId }[]
}

export interface TypeDecl extends Span {
  readonly name: string
  readonly scope: ScopeId
  readonly kind: 'interface' | 'alias'
  readonly typeParams: string[]
  readonly extends: TypeId[]
  readonly members: TypeMember[]
  readonly type: TypeId | undefined
  /** Scope in which the type parameters are visible. */
  readonly inner: ScopeId
}

/** What becomes of a call's value. */
export type CallUse =
  | 'await'
  | 'return'
  /** `void call()` */
  | 'void'
  /** A statement of its own. */
  | 'discard'
  /** The object of `.then`, `.catch` or `.finally`, and that in turn stands alone. */
  | 'chain-discard'
  | 'value'

export interface CallSite {
  readonly expr: ExprId
  readonly fn: FnId
  readonly scope: ScopeId
  readonly use: CallUse
  /** With `chain-discard`: one of the links is `.then`. */
  readonly chainedThen: boolean
  readonly inLoop: boolean
  readonly inFinally: boolean
  readonly inCatch: boolean
  /** Below `if (signal.aborted)`: what is done there is cleanup. */
  readonly inAbort: boolean
  /** Tests of the `if`s and conditional expressions around it, in the same function. */
  readonly guards: readonly ExprId[]
  /** Offsets of `(` and `)`; both are the callee's end for `new X` without arguments and for a tag. */
  readonly open: number
  readonly close: number
  readonly trailingComma: boolean
  /** The statement that the call stands in, and whether the call (awaited or not) is all there is to it. */
  readonly statement: Span
  readonly suspends: boolean
}

/** A `catch` clause. */
export interface Catch extends Span {
  readonly fn: FnId
  /** The block whose errors it catches. */
  readonly guarded: Span
  /** It throws, in whatever case. */
  readonly rethrows: boolean
}

export interface Block extends Span {
  readonly fn: FnId
  readonly statements: readonly Span[]
}

export interface Try extends Span {
  /** What stands in the braces behind `finally`, braces included. */
  readonly finalizer: Span | undefined
}

export type Export =
  | { readonly name: string; readonly kind: 'local'; readonly local: string }
  | {
      readonly name: string
      readonly kind: 'from'
      readonly module: string
      readonly imported: string
    }
  | { readonly name: string; readonly kind: 'expr'; readonly expr: ExprId }

/** The name of a write under a key that is only known at run time: `models[model.name] = model`. */
export const ANY_KEY = '[]'

export interface MemberWrite {
  readonly object: ExprId
  readonly name: string
  readonly value: ExprId
  readonly fn: FnId
}

export interface Augmentation {
  /** The module, or `global`. */
  readonly module: string
  /** Scope that holds the declared types. */
  readonly scope: ScopeId
}

/** `// eslint-disable-next-line ctx/require-signal`: lines on which rules are silent; all rules where none is named. */
export interface Suppression {
  readonly rules: readonly string[]
  /** 1-based, both included. */
  readonly from: number
  readonly to: number
}

/** `ctx:detached -- reason` */
export interface Marker extends Span {
  readonly reason: string
  /** The statement or declaration that it stands before, or undefined. */
  readonly target: Span | undefined
  /** The target is a declaration of a function, method or class. */
  readonly declaration: boolean
}
