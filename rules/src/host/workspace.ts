import {
  describedAs,
  Program,
  Resolver,
  type Ask,
  type Catalog,
  type DescribedModules,
  type FileFacts,
  type FileSet,
} from '@ctx-fix/core'
import { changesSeen, linksOf, readFile, type KnownFile } from './file-cache.js'
import type { ParseFile } from './parse.js'
import { packageOfScript, scriptsOf } from './scripts.js'

export type MakeAsk = (program: Program) => Ask

/** A file and all that it imports, directly or not, with a resolver that knows them. */
export interface View {
  readonly resolver: Resolver
  readonly within: FileSet
}

/**
 * The files that were linted or imported so far, and one resolver over them: what it has found out about a
 * file holds for every other that imports it. Starts anew where a file has changed.
 */
export class Workspace {
  #files: Files
  #resolver: Resolver
  #changes = changesSeen()

  constructor(
    readonly catalog: Catalog,
    readonly described: DescribedModules,
    readonly makeAsk: MakeAsk | undefined,
  ) {
    this.#files = new Files(described)
    this.#resolver = this.#files.resolver(catalog, makeAsk)
  }

  /** The view from a file whose text is the one on disk. Scripts that are exempt call nothing. */
  view(path: string, parse: ParseFile, isExempt: (path: string) => boolean): View {
    const changes = changesSeen()
    if (changes !== this.#changes) {
      this.#changes = changes
      this.#files = new Files(this.described)
      this.#resolver = this.#files.resolver(this.catalog, this.makeAsk)
    }
    this.#files.addScripts(path, parse, isExempt)
    this.#files.add(path, readFile(path, parse), parse)
    const within = this.#files.from(path)
    this.#resolver.within = within
    if (this.#resolver.isOutdated())
      this.#resolver = this.#files.resolver(this.catalog, this.makeAsk)
    return { resolver: this.#resolver, within }
  }
}

/**
 * The view from a file whose text is not on disk: half-typed in an editor, from standard input, half fixed.
 *
 * @param saved the view from the file as it is on disk: what has not changed need not be found out again
 */
export function viewOfText(
  facts: FileFacts,
  text: string,
  parse: ParseFile,
  catalog: Catalog,
  described: DescribedModules,
  makeAsk: MakeAsk | undefined,
  saved: View,
): View {
  const { path } = facts
  const files = new Files(described)
  files.add(path, { facts, text, links: linksOf(facts) }, parse)
  saved.resolver.within = saved.within
  const resolver = files.resolver(catalog, makeAsk, saved.resolver)
  return { resolver, within: files.from(path) }
}

/** Files with all that they lead to. */
class Files {
  readonly #facts = new Map<string, FileFacts>()
  readonly #links = new Map<string, ReadonlyMap<string, string>>()
  readonly #named = new Map<string, ReadonlyMap<string, string>>()
  readonly #reached = new Map<string, ReadonlySet<string>>()
  readonly #packages = new Set<string>()
  readonly #packageOf = new Map<string, FileSet>()

  constructor(readonly described: DescribedModules) {}

  resolver(catalog: Catalog, makeAsk: MakeAsk | undefined, saved?: Resolver): Resolver {
    const program = new Program(this.#facts, this.#links, this.#named)
    return new Resolver(program, catalog, makeAsk?.(program), saved)
  }

  /** Nearest first. What the settings describe is not read. */
  add(path: string, file: KnownFile | undefined, parse: ParseFile): void {
    if (!file || this.#facts.has(path)) return
    const added = new Map([[path, file]])
    this.#facts.set(path, file.facts)
    // A Map hands out what is added while it is read.
    for (const [from, { links }] of added) {
      for (const target of links.values()) {
        if (this.#facts.has(target) || describedAs(this.described, target) !== undefined) continue
        const next = readFile(target, parse)
        if (!next) continue
        this.#facts.set(target, next.facts)
        added.set(target, next)
      }
      this.#link(from, links)
    }
  }

  /** Once, of a script the others of its package: their calls say what it is given, whichever was linted before. */
  addScripts(path: string, parse: ParseFile, isExempt: (path: string) => boolean): void {
    const folder = packageOfScript(path)
    if (folder === undefined || this.#packages.has(folder)) return
    this.#packages.add(folder)
    const scripts = scriptsOf(folder, isExempt)
    for (const each of scripts) this.add(each, readFile(each, parse), parse)
    const reached = new Set<string>()
    for (const each of scripts) for (const file of this.from(each)) reached.add(file)
    for (const each of scripts) this.#packageOf.set(each, reached)
  }

  /** A file and those that it leads to; of a script all that its package leads to. */
  from(path: string): FileSet {
    return this.#packageOf.get(path) ?? new Reached(path, this.#links, this.#reached)
  }

  /** Links to what has been read, and the names of what is described in its place. */
  #link(from: string, links: ReadonlyMap<string, string>): void {
    const read = new Map<string, string>()
    const named = new Map<string, string>()
    for (const [specifier, target] of links) {
      const name = describedAs(this.described, target)
      if (name !== undefined) named.set(specifier, name)
      else if (this.#facts.has(target)) read.set(specifier, target)
    }
    this.#links.set(from, read)
    this.#named.set(from, named)
  }
}

/** Found where it is asked. */
class Reached implements FileSet {
  #files: ReadonlySet<string> | undefined

  constructor(
    readonly from: string,
    readonly links: ReadonlyMap<string, ReadonlyMap<string, string>>,
    readonly known: Map<string, ReadonlySet<string>>,
  ) {}

  has(file: string): boolean {
    return this.#found().has(file)
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#found()[Symbol.iterator]()
  }

  #found(): ReadonlySet<string> {
    this.#files ??= this.known.get(this.from) ?? this.#find()
    this.known.set(this.from, this.#files)
    return this.#files
  }

  #find(): ReadonlySet<string> {
    const found = new Set([this.from])
    // A Set hands out what is added while it is read.
    for (const file of found) {
      const reached = this.known.get(file)
      // Files that lead to each other lead to the same.
      if (reached?.has(this.from)) return reached
      for (const target of this.links.get(file)?.values() ?? []) found.add(target)
    }
    return found
  }
}
