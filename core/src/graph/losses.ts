import type { FnId, Marker } from '../facts/types.js'
import type { Verdict } from './analysis.js'
import {
  ambientOf,
  isCleanup,
  isExemptSink,
  markerOnDeclaration,
  markerOver,
} from './exemptions.js'
import { keeperOf } from './kept-closures.js'
import type { CallNode, FnRef, SignalSource } from './model.js'
import type { Resolver } from '../resolve/resolver.js'
import { isMemoised } from './memoised.js'
import { isAbortListener } from './placement.js'
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
    readonly isCalled: (fn: FnRef) => boolean = () => false,
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
    if (this.#isOutlived(node)) return 'outlived'
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

  /** A signal is at hand where a closure was made that others keep, and that nobody is known to call with another. */
  #isOutlived(node: CallNode): boolean {
    const r = this.scene.resolver
    if (sourcesFor(this.scene, node, true).length === 0) return false
    for (let fn: FnId | undefined = node.fn; fn !== undefined && fn !== 0;) {
      if (isAbortListener(r, node.file, fn)) return false
      const isKept = keeperOf(r, node.file, fn) !== undefined
      if (isKept && this.isCalled({ file: node.file, fn })) return false
      fn = r.program.fn(node.file, fn).parent
    }
    return true
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
