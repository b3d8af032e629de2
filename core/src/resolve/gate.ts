import { oncePer } from '../once-per.js'
import { isPrefixed, type Catalog } from '../catalog/index.js'
import type { Library } from '../catalog/types.js'
import type { FileFacts } from '../facts/types.js'
import type { Program } from './program.js'

/**
 * Names under which something can be called that matters: the catalog's, and all that the program
 * declares. A call by another name is passed over unresolved. Files may join the program at any time.
 */
export class Gate {
  readonly #names: Set<string>
  readonly #read = new Set<string>()
  readonly #lazyModules: ReadonlySet<string>
  readonly #prefixes: ReadonlyMap<string, readonly string[]>
  /** Prefixes of names that the libraries in use make up. */
  readonly #used = new Set<string>()
  readonly #scanned = new Set<string>()
  readonly #imported = new Set<string>()
  readonly #statements = new Set<string>()
  readonly #statementsOf: ReadonlyMap<string, readonly string[]>
  #hasLazy = false

  constructor(
    readonly program: Program,
    catalog: Catalog,
  ) {
    this.#names = new Set([...catalog.gate, ...positions])
    this.#lazyModules = new Set(
      catalog.libraries.filter(isLazyLibrary).flatMap((each) => each.modules),
    )
    this.#prefixes = new Map(catalog.libraries.flatMap(prefixesByModule))
    this.#statementsOf = new Map(catalog.libraries.flatMap(statementsByModule))
    for (const library of catalog.libraries) {
      for (const name of Object.keys(library.globals ?? {})) this.#names.add(name)
      for (const name of Object.keys(library.exports)) if (name !== 'default') this.#names.add(name)
    }
  }

  hasLazy(): boolean {
    this.#readFiles()
    return this.#hasLazy
  }

  isImported(module: string): boolean {
    this.#readFiles()
    return this.#imported.has(module)
  }

  names(): ReadonlySet<string> {
    this.#readFiles()
    return this.#names
  }

  /** Names of the members that send a statement, in the database libraries that the program imports. */
  statements(): ReadonlySet<string> {
    this.#readFiles()
    return this.#statements
  }

  #readFiles(): void {
    const { files } = this.program
    if (this.#read.size < files.size)
      for (const [file, facts] of files) {
        if (this.#read.has(file)) continue
        this.#read.add(file)
        for (const name of namesIn(facts)) this.#names.add(name)
        for (const module of facts.modules) {
          this.#imported.add(module)
          const known = this.program.moduleName(file, module)
          for (const name of this.#statementsOf.get(known) ?? []) this.#statements.add(name)
          this.#hasLazy ||= this.#lazyModules.has(module)
          for (const prefix of this.#prefixes.get(module) ?? []) this.#used.add(prefix)
        }
      }
    if (this.#used.size > 0 && this.#scanned.size < files.size) this.#addPrefixed()
  }

  #addPrefixed(): void {
    const prefixes = [...this.#used]
    for (const [file, { exprs }] of this.program.files) {
      if (this.#scanned.has(file)) continue
      this.#scanned.add(file)
      for (const expr of exprs)
        if (expr.k === 'member' && isPrefixed(prefixes, expr.name)) this.#names.add(expr.name)
    }
  }
}

function prefixesByModule(library: Library): [string, readonly string[]][] {
  const prefixes = Object.values(library.entities).flatMap((each) => each.prefixed?.prefixes ?? [])
  return prefixes.length === 0 ? [] : library.modules.map((module) => [module, prefixes])
}

function statementsByModule({ kind, entities, modules }: Library): [string, readonly string[]][] {
  if (kind !== 'database') return []
  const names = Object.values(entities).flatMap(({ members = {} }) =>
    Object.entries(members).flatMap(([name, { sink }]) => (sink ? [name] : [])),
  )
  return modules.map((module) => [module, names])
}

function isLazyLibrary(library: Library): boolean {
  return Object.values(library.entities).some((each) => each.awaited !== undefined)
}

/** By which any function can be called. */
const functionMethods = ['call', 'apply', 'bind']
/** `handlers[0](request)` */
const positions = Array.from({ length: 10 }, (_, index) => `${index}`)
/** In an editor a program is made for every keystroke, of files that are the same but for one. */
const namesIn = oncePer(declaredNames)

/** Names under which the file's functions can be called. */
function declaredNames(facts: FileFacts): ReadonlySet<string> {
  const names = new Set(functionMethods)
  // `export { load as loadUser }`, and `users.default(id)` of `import * as users`.
  for (const { name } of facts.exports) names.add(name)
  // `{ user: loadUser }`: the function has another name there.
  for (const expr of facts.exprs)
    if (expr.k === 'obj')
      for (const { name, shorthand, value } of expr.props)
        if (name !== undefined && !shorthand && facts.exprs[value]?.k === 'id') names.add(name)
  for (const fn of facts.functions) if (fn.name !== '') names.add(fn.name)
  for (const binding of facts.bindings) names.add(binding.name)
  for (const decl of facts.typeDecls) for (const member of decl.members) names.add(member.name)
  for (const type of facts.types)
    if (type.k === 'lit') for (const member of type.members) names.add(member.name)
  for (const cls of facts.classes) {
    if (cls.name !== '') names.add(cls.name)
    for (const member of cls.members) if (member.kind === 'field') names.add(member.name)
  }
  return names
}
