import { append, fnKey, type Analysis, type FnKey, type FnRef, type Judgement } from '@ctx-fix/core'
import { familyOf, signatureKey } from './family.js'

/** Functions that are to take a signal: asked for from below, and called from where there is one. */
export interface Threads {
  readonly units: ReadonlyMap<FnKey, FnRef>
  /** Calls that a signal is to be passed at, each with one at hand or in a threaded function. */
  readonly calls: readonly Judgement[]
}

/** From the calls where a signal is lost (those asked for), down through every function that leads to a sink. */
export function findThreads(
  analysis: Analysis,
  isAsked: (judgement: Judgement) => boolean,
): Threads {
  const units = new Map<FnKey, FnRef>()
  const inside = groupByUnit(analysis)
  const waiting = waitersAbove(analysis, isAsked)
  const calls: Judgement[] = []
  const lost = analysis.judgements.filter((each) => each.verdict === 'lost' && isAsked(each))
  const queue = [...lost, ...waitingBeside(analysis, lost)]
  const seen = new Set<number>()
  const take = (unit: FnRef): void => {
    const key = fnKey(unit)
    if (units.has(key) || !(analysis.wanting.has(key) || analysis.idling.has(key))) return
    units.set(key, unit)
    queue.push(...(inside.get(key) ?? []), ...waiting(key))
  }
  const sharing = declaredAlike(analysis)
  do {
    for (let judgement = queue.shift(); judgement; judgement = queue.shift()) {
      if (seen.has(judgement.node.id)) continue
      seen.add(judgement.node.id)
      calls.push(judgement)
      // Nothing is passed before somebody decides, so nothing has to be taken for it.
      if (isUndecided(judgement)) continue
      for (const target of judgement.node.targets) take(analysis.units.of(target) ?? target)
    }
    for (const unit of sharing(units)) take(unit)
  } while (queue.length > 0)
  return { units, calls }
}

/**
 * Functions that want a signal and are declared by what a threaded one is declared by: an interface that offers
 * a signal to one implementation offers it to all, and a second run would find that the others drop it.
 */
function declaredAlike(analysis: Analysis): (units: ReadonlyMap<FnKey, FnRef>) => readonly FnRef[] {
  const known = new Map<FnKey, readonly string[]>()
  const declarationsOf = (unit: FnRef): readonly string[] => {
    const key = fnKey(unit)
    const found = known.get(key) ?? declarationKeys(analysis, unit)
    known.set(key, found)
    return found
  }
  const wanting = [...analysis.wanting.values()].flatMap(
    ({ file, fn }) => analysis.units.of({ file, fn }) ?? [],
  )
  return (units) => {
    const shared = new Set([...units.values()].flatMap(declarationsOf))
    if (shared.size === 0) return []
    return wanting.filter(
      (each) =>
        !units.has(fnKey(each)) && declarationsOf(each).some((declared) => shared.has(declared)),
    )
  }
}

/** Itself among them, for what overrides it. */
function declarationKeys(analysis: Analysis, unit: FnRef): readonly string[] {
  const { signatures, members } = familyOf(analysis, unit)
  return [
    ...signatures.map(signatureKey),
    ...[unit, ...members].map((each) => `member ${fnKey(each)}`),
  ]
}

/** Work that nobody waits for: whether the signal is to end it too is for a person to say. */
export function isUndecided({ node, sources }: Judgement): boolean {
  return sources.length > 0 && (node.unawaited || sources[0]?.deferred === true)
}

/** Calls that lead to a wait, in functions that get or pass a signal anyway. */
function waitingBeside(analysis: Analysis, lost: readonly Judgement[]): readonly Judgement[] {
  const keyOf = ({ node, sources }: Judgement): string => `${node.file}\0${sources[0]?.fn ?? -1}`
  const touched = new Set(lost.map(keyOf))
  return analysis.judgements.filter(
    (each) => each.verdict === 'idle' && each.sources.length > 0 && touched.has(keyOf(each)),
  )
}

/**
 * Calls with a signal at hand that lead to a wait through a function. Once it takes a signal, for whatever
 * reason, they lose one: a second run would find that.
 */
function waitersAbove(
  analysis: Analysis,
  isAsked: (judgement: Judgement) => boolean,
): (key: FnKey) => readonly Judgement[] {
  const callers = new Map<FnKey, Judgement[]>()
  for (const judgement of analysis.judgements)
    if (judgement.verdict === 'idle')
      for (const target of judgement.node.targets) {
        const key = fnKey(analysis.units.of(target) ?? target)
        append(callers, key, judgement)
      }
  const seen = new Set<FnKey>()
  const above = (key: FnKey): readonly Judgement[] => {
    if (seen.has(key)) return []
    seen.add(key)
    return (callers.get(key) ?? []).flatMap((each) => {
      if (each.sources.length > 0) return isAsked(each) ? [each] : []
      return each.unit ? above(fnKey(each.unit)) : []
    })
  }
  return above
}

function groupByUnit(analysis: Analysis): ReadonlyMap<FnKey, readonly Judgement[]> {
  const groups = new Map<FnKey, Judgement[]>()
  for (const judgement of analysis.judgements) {
    const { verdict, unit } = judgement
    if ((verdict !== 'wanting' && verdict !== 'idle') || !unit || judgement.sources.length > 0)
      continue
    const key = fnKey(unit)
    const group = groups.get(key) ?? []
    group.push(judgement)
    groups.set(key, group)
  }
  return groups
}
