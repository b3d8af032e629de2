import type { CallSite } from '../facts/types.js'
import type { Resolver } from '../resolve/resolver.js'
import type { CallNode } from './model.js'

interface Known {
  readonly nodes: readonly CallNode[]
  /** Files that the program had, where what is a subtype of what was asked: more may come with more files. */
  readonly size: number | undefined
}

/**
 * What each call site has been read as. A linter asks for the same calls for every file that leads to them,
 * each time within the files which that one imports.
 */
export class KnownNodes {
  readonly #bySite = new Map<CallSite, Known>()
  #count = 0

  constructor(readonly resolver: Resolver) {}

  at(site: CallSite, read: () => readonly Omit<CallNode, 'id'>[]): readonly CallNode[] {
    const r = this.resolver
    const { within } = r
    let known = this.#bySite.get(site)
    if (!known || (known.size !== undefined && known.size !== r.program.files.size)) {
      known = this.#readOnce(read)
      this.#bySite.set(site, known)
    }
    // What else a call leads to, it leads to by imports, and is within.
    const isWithin =
      !within ||
      known.size === undefined ||
      known.nodes.every((node) => node.targets.every((each) => within.has(each.file)))
    return isWithin ? known.nodes : this.#numbered(read())
  }

  /** Within the whole program: what is kept serves every file that asks. */
  #readOnce(read: () => readonly Omit<CallNode, 'id'>[]): Known {
    const r = this.resolver
    const { within, openQuestions: before } = r
    r.within = undefined
    try {
      const nodes = this.#numbered(read())
      return { nodes, size: r.openQuestions === before ? undefined : r.program.files.size }
    } finally {
      r.within = within
    }
  }

  #numbered(nodes: readonly Omit<CallNode, 'id'>[]): readonly CallNode[] {
    return nodes.map((each) => ({ ...each, id: this.#count++ }))
  }
}

const known = new WeakMap<Resolver, Map<string, KnownNodes>>()

export function knownNodes(r: Resolver, signalNames: ReadonlySet<string>): KnownNodes {
  const byNames = known.get(r) ?? new Map<string, KnownNodes>()
  known.set(r, byNames)
  const key = [...signalNames].join()
  const nodes = byNames.get(key) ?? new KnownNodes(r)
  byNames.set(key, nodes)
  return nodes
}
