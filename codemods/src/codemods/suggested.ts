import { planSuggestions, type Found } from '@ctx-fix/core'
import { setupSteps } from '../passes/8-plan-ambient.js'
import type { PlanContext } from '../passes/6-plan-steps.js'
import type { CodemodPlan } from './codemod.js'
import { stepsOf, type Unordered } from './steps.js'

/** A step for each finding that the rule has an edit for: the edit that it offers in an editor. */
export function planSuggested(context: PlanContext, found: readonly Found[]): CodemodPlan {
  const { analysis, texts } = context
  return stepsOf(context, found, (each): Unordered | undefined => {
    const [best] = planSuggestions(analysis, each, texts.get(each.finding.file) ?? '')
    return best && { ...best, label: `mend ${each.finding.reason}` }
  })
}

/** The same, for edits after which the runtime has to be there. */
export function planWithRuntime(context: PlanContext, found: readonly Found[]): CodemodPlan {
  const plan = planSuggested(context, found)
  if (plan.steps.length === 0) return plan
  return { ...plan, steps: [...plan.steps, ...setupSteps(context, plan.steps.length)] }
}
