import type { Marker } from '../facts/types.js'
import type { Verdict } from './analysis.js'
import {
  ambientOf,
  isCleanup,
  isExemptSink,
  markerOnDeclaration,
  markerOver,
} from './exemptions.js'
import type { CallNode, SignalSource } from './model.js'
import type { Resolver } from '../resolve/resolver.js'
import { isMemoised } from './memoised.js'
import { isShared } from './shared.js'
import { patternSources } from './offered-sources.js'
import { sourcesFor, type Scene } from './sources.js'

/** What becomes of the signal at calls that want one and pass none. */
export class Losses {
  readonly #sources = new Map<number, readonly SignalSource[]>()
  /** Markers that have set something free. */
  readonly usedMarkers = new Set<Marker>()

  constructor(
    readonly scene: Scene,
    readonly isExempt: (path: string) => boolean,
  ) {}

  verdict(node: CallNode): Verdict {
    const r = this.scene.resolver
    if (this.isExemptFile(node)) return 'exempt'
    if (node.sink ? isExemptSink(node) : isCleanup(node)) return 'exempt'
    const ambient = ambientOf(r, node)
    if (ambient === 'bound') return 'passed'
    const marker = this.#markerFor(node)
    if (marker) {
      this.usedMarkers.add(marker)
      return 'detached'
    }
    if (ambient) return 'detached'
    if (isShared(r, node) || isMemoised(r, node)) return 'shared'
    const sources = this.sources(node)
    const isAsked = node.sink?.spec.onlyBySignal !== true
    if (isAsked ? sources.length > 0 : sources.some((each) => each.kind !== 'request'))
      return 'lost'
    return node.sink?.spec.onlyInScope === true || isConstruction(r, node) ? 'idle' : 'wanting'
  }

  isExemptFile(node: CallNode): boolean {
    return this.isExempt(this.scene.resolver.program.facts(node.file).path)
  }

  #markerFor(node: CallNode): Marker | undefined {
    const r = this.scene.resolver
    const { markers } = r.program.facts(node.file)
    const over = markerOver(markers, r.program.expr(node.file, node.expr).start)
    if (over) return over
    for (const target of node.targets) {
      const declared = markerOnDeclaration(r, target)
      if (declared) return declared
    }
    return undefined
  }

  sources(node: CallNode): readonly SignalSource[] {
    let found = this.#sources.get(node.id)
    if (!found) {
      found = sourcesFor(this.scene, node)
      if (found.length === 0) found = patternSources(this.scene, node)
      this.#sources.set(node.id, found)
    }
    return found
  }
}

/** Making an object is no I/O: it takes a signal where one is at hand. */
function isConstruction(r: Resolver, { file, expr }: CallNode): boolean {
  return r.program.expr(file, expr).k === 'new'
}
