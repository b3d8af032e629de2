import {
  describedAs,
  Program,
  Resolver,
  type Ask,
  type Catalog,
  type DescribedModules,
  type FileFacts,
} from '@ctx-fix/core'
import { linksOf, readFile, type KnownFile } from './file-cache.js'
import type { ParseFile } from './parse.js'

export type MakeAsk = (program: Program) => Ask

/** A file and all that it imports, directly or not, with a resolver that knows them. */
export interface View {
  readonly resolver: Resolver
  readonly within: ReadonlySet<string>
}

/**
 * The files that were linted or imported so far, and one resolver over them: what it has found out about a
 * file holds for every other that imports it. Starts anew where a file has changed.
 */
export class Workspace {
  #files = new Map<string, FileFacts>()
  #links = new Map<string, ReadonlyMap<string, string>>()
  #described = new Map<string, ReadonlyMap<string, string>>()
  #resolver: Resolver

  constructor(
    readonly catalog: Catalog,
    readonly described: DescribedModules,
    readonly makeAsk: MakeAsk | undefined,
  ) {
    this.#resolver = this.#createResolver()
  }

  /** The view from a file whose text is the one on disk. */
  view(path: string, parse: ParseFile): View {
    const found = closure(path, parse, this.described, undefined)
    for (const [file, { facts }] of found) {
      const known = this.#files.get(file)
      if (known && known !== facts) this.#reset()
    }
    for (const [file, { facts }] of found) this.#files.set(file, facts)
    for (const [file, known] of found)
      if (!this.#links.has(file)) {
        this.#links.set(file, linksWithin(known, found))
        this.#described.set(file, describedLinks(known, this.described))
      }
    return { resolver: this.#resolver, within: new Set(found.keys()) }
  }

  #reset(): void {
    this.#files = new Map()
    this.#links = new Map()
    this.#described = new Map()
    this.#resolver = this.#createResolver()
  }

  #createResolver(): Resolver {
    const program = new Program(this.#files, this.#links, this.#described)
    return new Resolver(program, this.catalog, this.makeAsk?.(program))
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
  own: DescribedModules,
  makeAsk: MakeAsk | undefined,
  saved: View,
): View {
  const found = closure(facts.path, parse, own, { facts, text, links: linksOf(facts) })
  const files = new Map([...found].map(([file, known]) => [file, known.facts]))
  const links = new Map([...found].map(([file, known]) => [file, linksWithin(known, found)]))
  const described = new Map([...found].map(([file, known]) => [file, describedLinks(known, own)]))
  saved.resolver.within = saved.within
  const program = new Program(files, links, described)
  const resolver = new Resolver(program, catalog, makeAsk?.(program), saved.resolver)
  return { resolver, within: new Set(found.keys()) }
}

/** Nearest first. What the settings describe is not read. */
function closure(
  path: string,
  parse: ParseFile,
  described: DescribedModules,
  own: KnownFile | undefined,
): Map<string, KnownFile> {
  const now = Date.now()
  const first = own ?? readFile(path, parse, now)
  const found = new Map(first ? [[path, first]] : [])
  // A Map hands out what is added while it is read.
  for (const { links } of found.values())
    for (const target of links.values()) {
      const isKnown = found.has(target) || describedAs(described, target) !== undefined
      const known = isKnown ? undefined : readFile(target, parse, now)
      if (known) found.set(target, known)
    }
  return found
}

/** A link to a file that does not parse would lead outside the program. */
function linksWithin(
  { links }: KnownFile,
  files: ReadonlyMap<string, KnownFile>,
): ReadonlyMap<string, string> {
  const isComplete = [...links.values()].every((each) => files.has(each))
  return isComplete ? links : new Map([...links].filter(([, target]) => files.has(target)))
}

/** The names that the settings give to what a file imports. */
function describedLinks({ links }: KnownFile, own: DescribedModules): ReadonlyMap<string, string> {
  return new Map(
    [...links].flatMap(([specifier, target]) => {
      const name = describedAs(own, target)
      return name === undefined ? [] : [[specifier, name] as const]
    }),
  )
}
