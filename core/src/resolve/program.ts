import type {
  Binding,
  Cls,
  Expr,
  ExprId,
  FileFacts,
  Fn,
  FnId,
  ScopeId,
  TypeExpr,
  TypeId,
} from '../facts/types.js'

/** Own module that each specifier of a file leads to; specifiers that leave the program are absent. */
export type Links = ReadonlyMap<string, ReadonlyMap<string, string>>

/** The files of a program and where their imports lead. */
export class Program {
  readonly #augmenting = { size: 0, files: new Map<string, FileFacts>() }

  constructor(
    readonly files: ReadonlyMap<string, FileFacts>,
    readonly links: Links,
    /** Specifiers of own modules that the configuration describes, by the names that it gives them. */
    readonly described: Links = new Map(),
  ) {}

  facts(file: string): FileFacts {
    const found = this.files.get(file)
    if (!found) throw new RangeError(`no facts of ${file}`)
    return found
  }

  expr(file: string, id: ExprId): Expr {
    return at(this.facts(file).exprs, id, 'expression')
  }

  type(file: string, id: TypeId): TypeExpr {
    return at(this.facts(file).types, id, 'type')
  }

  fn(file: string, id: FnId): Fn {
    return at(this.facts(file).functions, id, 'function')
  }

  cls(file: string, id: number): Cls {
    return at(this.facts(file).classes, id, 'class')
  }

  link(file: string, specifier: string): string | undefined {
    return this.links.get(file)?.get(specifier)
  }

  /** The name under which the catalog may know a module. */
  moduleName(file: string, specifier: string): string {
    return this.described.get(file)?.get(specifier) ?? specifier
  }

  /** Files that add to the types of other modules; the program may have grown since they were last asked for. */
  augmenting(): ReadonlyMap<string, FileFacts> {
    if (this.#augmenting.size !== this.files.size) {
      this.#augmenting.size = this.files.size
      this.#augmenting.files = new Map(
        [...this.files].filter(([, facts]) => facts.augmentations.length > 0),
      )
    }
    return this.#augmenting.files
  }

  /** The binding that a name means in a scope. */
  lookUp(file: string, name: string, from: ScopeId): Binding | undefined {
    const { scopes, bindings } = this.facts(file)
    for (let scope = scopes[from]; scope;) {
      const found = scope.names[name]
      if (found !== undefined) return bindings[found]
      scope = scope.parent === undefined ? undefined : scopes[scope.parent]
    }
    return undefined
  }

  /** Indexes of the types that a name means in a scope: several where an interface is declared in parts. */
  lookUpType(file: string, name: string, from: ScopeId): readonly number[] | undefined {
    const { scopes } = this.facts(file)
    for (let scope = scopes[from]; scope;) {
      const found = scope.typeNames[name]
      if (found) return found
      scope = scope.parent === undefined ? undefined : scopes[scope.parent]
    }
    return undefined
  }
}

function at<T>(list: readonly T[], index: number, what: string): T {
  const found = list[index]
  if (found === undefined) throw new RangeError(`no ${what} ${index}`)
  return found
}
