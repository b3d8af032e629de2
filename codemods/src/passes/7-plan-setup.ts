import type {
  Analysis,
  CallNode,
  ImportedNames,
  ImportNeed,
  Library,
  TextEdit,
} from '@ctx-fix/core'
import { makesClient } from './made-clients.js'
import { planAroundClients } from './around-clients.js'

const forPg = '@ctx-fix/runtime/pg'

/** What a process needs, once: the runtime's import, and what is put around its clients where that has to be. */
export interface SetupNeed extends ImportNeed {
  readonly edits: readonly TextEdit[]
  readonly isImported: boolean
}

interface SetupContext {
  readonly analysis: Analysis
  readonly isEditable: (file: string) => boolean
  /** What the steps import, under which local names. */
  readonly names: ImportedNames
}

/**
 * Where the runtime's import has to stand so that every process which sends a statement loads it: where the
 * client is made (a driver's before an ORM's), or beside the statement where that is not in sight.
 */
export class SetupPlacer {
  readonly #importers: ReadonlyMap<string, readonly string[]>
  readonly #closures = new Map<string, ReadonlySet<string>>()
  readonly #chosen = new Map<string, Set<string>>()
  readonly #placed = new Map<string, readonly SetupNeed[]>()

  readonly analysis: Analysis
  readonly isEditable: (file: string) => boolean
  readonly #names: ImportedNames

  constructor({ analysis, isEditable, names }: SetupContext) {
    this.analysis = analysis
    this.isEditable = isEditable
    this.#names = names
    this.#importers = importersOf(analysis)
  }

  /** The imports that a call relies on; none where its processes have the runtime already. */
  needsOf(node: CallNode): readonly SetupNeed[] {
    const library = node.sink?.library
    const [module = forPg, name] = library?.setup?.split('#') ?? []
    const key = name === undefined ? `${module}\0${node.file}\0${library?.name ?? ''}` : module
    const known = this.#placed.get(key)
    if (known) return known
    const needs =
      name === undefined
        ? this.#importsFor(node, module, library)
        : planAroundClients(this.analysis, this.isEditable, module, name, this.#names)
    this.#placed.set(key, needs)
    return needs
  }

  #importsFor(node: CallNode, module: string, library: Library | undefined): readonly SetupNeed[] {
    const files = new Set(
      this.#rootsOf(node.file).flatMap((root) => this.#placeFor(root, node, module, library)),
    )
    const place = library?.setupFirst === true ? { first: true } : {}
    return [...files].map((file) => ({ file, module, ...place, edits: [], isImported: false }))
  }

  #placeFor(
    root: string,
    node: CallNode,
    module: string,
    library: Library | undefined,
  ): readonly string[] {
    const { program, catalog } = this.analysis.resolver
    const loaded = [...this.#closureOf(root)]
    if (loaded.some((file) => program.facts(file).modules.includes(module))) return []
    const chosen = this.#chosen.get(module) ?? new Set<string>()
    this.#chosen.set(module, chosen)
    const already = loaded.find((file) => chosen.has(file))
    if (already !== undefined) return [already]
    const editable = loaded.filter((file) => this.isEditable(file) && !this.analysis.isExempt(file))
    const wanted = module === forPg ? [catalog.byName('pg'), library] : [library]
    const made = wanted
      .map((each) => editable.find((file) => each && makesClient(this.analysis, file, each)))
      .find((file) => file !== undefined)
    chosen.add(made ?? node.file)
    return [made ?? node.file]
  }

  /** Files that nothing of the program imports and that lead to this one: where processes start. */
  #rootsOf(file: string): readonly string[] {
    const seen = new Set<string>([file])
    const roots: string[] = []
    const queue = [file]
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      const importers = this.#importers.get(at) ?? []
      if (importers.length === 0) roots.push(at)
      for (const each of importers)
        if (!seen.has(each)) {
          seen.add(each)
          queue.push(each)
        }
    }
    // In a circle of imports any file is as good a start as another.
    return roots.length > 0 ? roots.toSorted() : [file]
  }

  #closureOf(root: string): ReadonlySet<string> {
    const known = this.#closures.get(root)
    if (known) return known
    const { links } = this.analysis.resolver.program
    const closure = new Set([root])
    for (const file of closure)
      for (const next of links.get(file)?.values() ?? []) closure.add(next)
    this.#closures.set(root, closure)
    return closure
  }
}

/** Which files import each file; tests and migrations start no process of the application. */
function importersOf(analysis: Analysis): ReadonlyMap<string, readonly string[]> {
  const importers = new Map<string, string[]>()
  for (const [file, links] of analysis.resolver.program.links) {
    if (analysis.isExempt(file)) continue
    for (const target of new Set(links.values())) {
      const list = importers.get(target) ?? []
      list.push(file)
      importers.set(target, list)
    }
  }
  return importers
}
