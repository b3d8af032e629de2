import {
  fnKey,
  type Analysis,
  type CallNode,
  type FnKey,
  type Found,
  type Judgement,
  type Refusal,
} from '@ctx-fix/core'
import type { RenderedFile } from './apply/index.js'
import { isHandedOn } from './handed-on.js'

export interface RefusalParts {
  /** The program as it was, and what is still found in it after the edits. */
  readonly before: Analysis
  readonly after: Analysis
  readonly left: readonly Found[]
  readonly files: ReadonlyMap<string, RenderedFile>
  /** Why a call was not edited, or its edit taken back, by the id of its node in `before`. */
  readonly refused: ReadonlyMap<number, Refusal>
}

/** Why each finding that is left was left, by its fingerprint. */
export function refusalsOf(parts: RefusalParts): ReadonlyMap<string, Refusal> {
  const nodes = new Map(
    parts.before.calls.map((node) => [placeOf(node.file, node.callee.start), node]),
  )
  const inside = callsByUnit(parts.before)
  const refusals = new Map<string, Refusal>()
  for (const { finding, judgement } of parts.left) {
    // What nothing can pass a signal to was not planned for.
    if (finding.reason === 'sink-without-signal-no-source')
      refusals.set(finding.fingerprint, whyUnreached(parts.after, judgement))
    if (finding.reason === 'shared-work-unmarked' || finding.reason === 'outlived-work-unmarked')
      refusals.set(finding.fingerprint, 'decide-detached')
    if (!judgement || refusals.has(finding.fingerprint)) continue
    const { file, callee } = judgement.node
    const start = parts.files.get(file)?.map.toOld(callee.start).offset ?? callee.start
    const node = nodes.get(placeOf(file, start))
    const why = node && refusalAt(parts, inside, node, new Set())
    if (why) refusals.set(finding.fingerprint, why)
  }
  return refusals
}

function whyUnreached(after: Analysis, judgement: Judgement | undefined): Refusal {
  if (!judgement) return 'no-entry-point'
  const { file, fn } = judgement.node
  const { name, kind, generator } = after.resolver.program.fn(file, fn)
  // `async *[Symbol.asyncIterator]()`, known by no name, is called by the loop, which has no place for a signal.
  if (kind === 'method' && generator && name === '') return 'stream-or-iterator'
  return isHandedOn(after, { file, fn }) ? 'handed-on' : 'no-entry-point'
}

const placeOf = (file: string, start: number) => `${file}\0${start}`

function callsByUnit(analysis: Analysis): ReadonlyMap<FnKey, readonly CallNode[]> {
  const groups = new Map<FnKey, CallNode[]>()
  for (const { node, unit } of analysis.judgements) {
    if (!unit) continue
    const group = groups.get(fnKey(unit)) ?? []
    group.push(node)
    groups.set(fnKey(unit), group)
  }
  return groups
}

/** Why a call was left; of one that went with what it leads to, the obstacle down there. */
function refusalAt(
  parts: RefusalParts,
  inside: ReadonlyMap<FnKey, readonly CallNode[]>,
  node: CallNode,
  seen: Set<FnKey>,
): Refusal | undefined {
  const own = parts.refused.get(node.id)
  if (own !== undefined && own !== 'rolled-back-with-dependency') return own
  return refusalBelow(parts, inside, node, seen) ?? own
}

/** The first obstacle on the way down from a call whose own step came to nothing. */
function refusalBelow(
  parts: RefusalParts,
  inside: ReadonlyMap<FnKey, readonly CallNode[]>,
  from: CallNode,
  seen: Set<FnKey>,
): Refusal | undefined {
  if (from.sink && from.slot === undefined) return 'not-supported-library'
  let found: Refusal | undefined
  const units = from.targets.map((target) => fnKey(parts.before.units.of(target) ?? target))
  for (const key of units) {
    if (seen.has(key)) continue
    seen.add(key)
    for (const node of inside.get(key) ?? []) {
      const why = refusalAt(parts, inside, node, seen)
      // What nobody can mend says least.
      if (why !== undefined && why !== 'not-supported-library') return why
      found ??= why
    }
  }
  return found
}
