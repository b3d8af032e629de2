import type { Comment, Shape, Syntax } from '../syntax/shape.js'
import type {
  Augmentation,
  Binding,
  BindingId,
  Block,
  CallSite,
  Catch,
  Cls,
  ClassId,
  Export,
  Expr,
  ExprData,
  ExprId,
  Fn,
  FnId,
  MemberWrite,
  Scope,
  ScopeId,
  Span,
  Try,
  TypeData,
  TypeDecl,
  TypeExpr,
  TypeId,
} from './types.js'

export type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Where the walk is. Immutable: a nested place gets a changed copy. */
export interface Place {
  readonly scope: ScopeId
  readonly fn: FnId
  readonly cls: ClassId | undefined
  readonly statement: Span
  readonly inLoop: boolean
  readonly inFinally: boolean
  readonly inCatch: boolean
  readonly inAbort: boolean
  readonly guards: readonly ExprId[]
}

export interface StatementSpan extends Span {
  readonly declaration: boolean
}

export interface Source<N> {
  readonly path: string
  readonly text: string
  readonly program: N
  readonly comments: readonly Comment[]
}

/** Deeper than people nest, and well within what a call stack holds. */
const MAX_DEPTH = 400

/** What a walk has gathered so far. */
export class Builder<N> {
  readonly exprs: Expr[] = []
  readonly types: TypeExpr[] = []
  readonly scopes: Mutable<Scope>[] = []
  readonly bindings: Mutable<Binding>[] = []
  readonly functions: Mutable<Fn>[] = []
  readonly classes: Mutable<Cls>[] = []
  readonly typeDecls: TypeDecl[] = []
  readonly calls: CallSite[] = []
  readonly uses: CallSite[] = []
  readonly exports: Export[] = []
  readonly stars: string[] = []
  readonly writes: MemberWrite[] = []
  readonly augmentations: Augmentation[] = []
  readonly statements: StatementSpan[] = []
  readonly catches: Catch[] = []
  readonly blocks: Block[] = []
  readonly tries: Try[] = []
  readonly loops: Span[] = []
  readonly clauses: Span[] = []
  readonly throws: (Span & { readonly fn: FnId })[] = []
  readonly modules = new Set<string>()
  /** The host's node of each expression, for questions to a checker. Never part of the facts. */
  readonly nodes: N[] = []
  /** Assignments to names, applied to the bindings once all of them are known. */
  readonly assignments: { name: string; scope: ScopeId; value: ExprId }[] = []
  esm = false
  commonjs = false

  constructor(
    readonly syntax: Syntax<N>,
    readonly text: string,
  ) {}

  #depth = 0

  /** Before what is nested in something is read; false where generated code nests without end. */
  enter(): boolean {
    if (this.#depth > MAX_DEPTH) return false
    this.#depth += 1
    return true
  }

  /** Behind it. After an error nothing more is read with this builder. */
  leave(): void {
    this.#depth -= 1
  }

  shape(node: N): Shape<N> {
    return this.syntax.shape(node)
  }

  span(node: N): Span {
    return { start: this.syntax.start(node), end: this.syntax.end(node) }
  }

  addExpr(node: N, data: ExprData, { start, end }: Span = this.span(node)): ExprId {
    const id = this.exprs.length
    this.exprs.push({ start, end, ...data })
    this.nodes.push(node)
    return id
  }

  addType(node: N, data: TypeData): TypeId {
    const id = this.types.length
    this.types.push({ start: this.syntax.start(node), end: this.syntax.end(node), ...data })
    return id
  }

  addScope(parent: ScopeId | undefined, fn: FnId): ScopeId {
    const id = this.scopes.length
    this.scopes.push({
      parent,
      fn,
      names: Object.create(null) as Record<string, BindingId>,
      typeNames: Object.create(null) as Record<string, number[]>,
      typeParams: Object.create(null) as Record<string, TypeId | undefined>,
    })
    return id
  }

  scope(id: ScopeId): Mutable<Scope> {
    const found = this.scopes[id]
    if (!found) throw new RangeError(`no scope ${id}`)
    return found
  }

  /** Adds a name to its scope; overloads and redeclared `var`s share one binding. */
  addBinding(
    name: string,
    scope: ScopeId,
    kind: Binding['kind'],
    span: Span,
    rest: Partial<Binding>,
  ): Mutable<Binding> {
    const names = this.scope(scope).names
    const earlier = names[name]
    const known = earlier === undefined ? undefined : this.bindings[earlier]
    if (known && (kind === 'function' || kind === 'var' || kind === 'other')) {
      if (rest.init !== undefined) known.writes.push(rest.init)
      return known
    }
    const binding: Mutable<Binding> = {
      name,
      scope,
      kind,
      fn: this.scope(scope).fn,
      start: span.start,
      end: span.end,
      init: undefined,
      type: undefined,
      path: [],
      fallback: undefined,
      param: undefined,
      import: undefined,
      cls: undefined,
      fns: [],
      over: undefined,
      writes: [],
      ...rest,
    }
    names[name] = this.bindings.length
    this.bindings.push(binding)
    return binding
  }

  /** The function scope that a `var` belongs to. */
  varScope(from: ScopeId): ScopeId {
    const { fn } = this.scope(from)
    return this.functions[fn]?.scope ?? from
  }
}
