import type { Plan, StepId, StepKind } from '@ctx-fix/core'
import { minimalSet, singleCulprit } from './minimal-set.js'
import { byRank } from './suspects.js'

/** Few steps carry many others, so the search begins with them; all of them rest on a set-up step. */
const SEARCH_ORDER: readonly StepKind[] = ['signature', 'derive', 'sink', 'call-site', 'setup']

/**
 * Finds the steps behind a problem by trial alone: first the culprit among all, then whether a
 * single step that builds on it will do.
 */
export function isolate(
  plan: Plan,
  kept: ReadonlySet<StepId>,
  clears: (gone: readonly StepId[]) => boolean,
): readonly StepId[] {
  const steps = plan.steps.filter((step) => kept.has(step.id))
  const ordered = steps.toSorted(
    (a, b) => SEARCH_ORDER.indexOf(a.kind) - SEARCH_ORDER.indexOf(b.kind),
  )
  const culprits = minimalSet(
    ordered.map(({ id }) => id),
    clears,
  )
  const dependants = new Set<StepId>(culprits)
  for (let size = 0; size !== dependants.size;) {
    size = dependants.size
    for (const { id, requires } of steps) {
      if (requires.some((required) => dependants.has(required))) dependants.add(id)
    }
  }
  const lesser = steps.filter(({ id }) => dependants.has(id) && !culprits.includes(id))
  const single = singleCulprit(
    lesser.toSorted(byRank).map(({ id }) => id),
    clears,
  )
  return single === undefined ? culprits : [single]
}
