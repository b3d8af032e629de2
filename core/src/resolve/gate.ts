import type { Catalog } from '../catalog/index.js'
import type { FileFacts } from '../facts/types.js'
import type { Program } from './program.js'

/**
 * Names under which something can be called that matters: the catalog's, and all that the program
 * declares. A call by another name is passed over unresolved. Files may join the program at any time.
 */
export class Gate {
  readonly #names: Set<string>
  readonly #read = new Set<string>()

  constructor(
    readonly program: Program,
    catalog: Catalog,
  ) {
    this.#names = new Set(catalog.gate)
    for (const library of catalog.libraries) {
      for (const name of Object.keys(library.globals ?? {})) this.#names.add(name)
      for (const name of Object.keys(library.exports)) if (name !== 'default') this.#names.add(name)
    }
  }

  names(): ReadonlySet<string> {
    const { files } = this.program
    if (this.#read.size < files.size)
      for (const [file, facts] of files) {
        if (this.#read.has(file)) continue
        this.#read.add(file)
        for (const name of declaredNames(facts)) this.#names.add(name)
      }
    return this.#names
  }
}

/** Names under which the file's functions can be called. */
function* declaredNames(facts: FileFacts): Iterable<string> {
  for (const fn of facts.functions) if (fn.name !== '') yield fn.name
  for (const binding of facts.bindings) yield binding.name
  for (const decl of facts.typeDecls) for (const member of decl.members) yield member.name
  for (const type of facts.types)
    if (type.k === 'lit') for (const member of type.members) yield member.name
  for (const cls of facts.classes) if (cls.name !== '') yield cls.name
}
