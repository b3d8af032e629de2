import type { Plan, Step, StepId } from '@ctx-fix/core'

/**
 * The largest part of `kept` in which every step has what it requires, and in which nothing is left
 * over that only served steps that are gone.
 */
export function settleSteps(plan: Plan, kept: ReadonlySet<StepId>): Set<StepId> {
  let steps = plan.steps.filter((step) => kept.has(step.id))
  for (;;) {
    const ids = new Set(steps.map((step) => step.id))
    const required = new Set(steps.flatMap((step) => step.requires))
    const isOfUse = (step: Step) =>
      !step.onlyIfRequired ||
      (step.serves ? step.serves.some((id) => ids.has(id)) : required.has(step.id))
    const isSettled = (step: Step) => step.requires.every((id) => ids.has(id)) && isOfUse(step)
    const settled = steps.filter(isSettled)
    if (settled.length === steps.length) return ids
    steps = settled
  }
}
