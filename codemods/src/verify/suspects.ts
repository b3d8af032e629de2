import type { Plan, Step, StepId, StepKind } from '@ctx-fix/core'
import type { RenderedFile } from '../apply/materialize.js'
import type { Judge } from './judge.js'
import type { Place, Problem } from './problem.js'

/** Steps that may be the cause of a problem: those that together brought one edited span. */
export interface Suspect {
  readonly steps: readonly StepId[]
  /** 0 where the problem lies on the edit itself; the higher, the weaker the evidence. */
  readonly tier: number
}

/** Trying more than this costs more than bisection does. */
const MAX_WEAK_SUSPECTS = 8

/** The order in which steps are given up. */
const RANK: Record<StepKind, number> = {
  'call-site': 0,
  sink: 1,
  derive: 2,
  signature: 3,
  setup: 4,
}

/** A step's place in the order in which steps are given up. */
export function byRank(a: Step, b: Step): number {
  return RANK[a.kind] - RANK[b.kind]
}

/** The steps to try for a problem, likeliest first. */
export function suspectSteps(
  plan: Plan,
  problem: Problem,
  files: ReadonlyMap<string, RenderedFile>,
  judge: Judge,
): Suspect[] {
  const rankOf = new Map(plan.steps.map((step) => [step.id, RANK[step.kind]]))
  const rankOfAll = (steps: readonly StepId[]) =>
    Math.max(...steps.map((id) => rankOf.get(id) ?? Infinity))
  const at = (place: Place, tier: number): Suspect[] => {
    const spans = files.get(place.file)?.map.overlapping(place.start, place.end) ?? []
    return spans
      .toSorted(
        (a, b) =>
          rankOfAll(a.steps) - rankOfAll(b.steps) ||
          Math.abs(a.newStart - place.start) - Math.abs(b.newStart - place.start),
      )
      .map(({ steps }) => ({ steps, tier }))
  }
  const strong = at(problem, 0)
  const weak = judge
    .suspects(problem)
    .flatMap((places, index) => places.flatMap((place) => at(place, index + 1)))
  return distinct([...strong, ...distinct(weak).slice(0, MAX_WEAK_SUSPECTS)])
}

function distinct(suspects: readonly Suspect[]): Suspect[] {
  const seen = new Set<string>()
  return suspects.filter(({ steps }) => {
    const key = steps.join()
    return !seen.has(key) && seen.add(key)
  })
}
