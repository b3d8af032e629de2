import type { Catalog } from '../catalog/index.js'
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
  #hasLazy = false

  constructor(
    readonly program: Program,
    catalog: Catalog,
  ) {
    this.#names = new Set(catalog.gate)
    this.#lazyModules = new Set(
      catalog.libraries.filter(isLazyLibrary).flatMap((each) => each.modules),
    )
    for (const library of catalog.libraries) {
      for (const name of Object.keys(library.globals ?? {})) this.#names.add(name)
      for (const name of Object.keys(library.exports)) if (name !== 'default') this.#names.add(name)
    }
  }

  hasLazy(): boolean {
    this.#readFiles()
    return this.#hasLazy
  }

  names(): ReadonlySet<string> {
    this.#readFiles()
    return this.#names
  }

  #readFiles(): void {
    const { files } = this.program
    if (this.#read.size < files.size)
      for (const [file, facts] of files) {
        if (this.#read.has(file)) continue
        this.#read.add(file)
        for (const name of declaredNames(facts)) this.#names.add(name)
        this.#hasLazy ||= facts.modules.some((each) => this.#lazyModules.has(each))
      }
  }
}

function isLazyLibrary(library: Library): boolean {
  return Object.values(library.entities).some((each) => each.awaited !== undefined)
}

/** Names under which the file's functions can be called. */
function* declaredNames(facts: FileFacts): Iterable<string> {
  for (const fn of facts.functions) if (fn.name !== '') yield fn.name
  for (const binding of facts.bindings) yield binding.name
  for (const decl of facts.typeDecls) for (const member of decl.members) yield member.name
  for (const type of facts.types)
    if (type.k === 'lit') for (const member of type.members) yield member.name
  for (const cls of facts.classes) {
    if (cls.name !== '') yield cls.name
    for (const member of cls.members) if (member.kind === 'field') yield member.name
  }
}
