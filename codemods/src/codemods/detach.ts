import { planDetached, planMarker, type Found } from '@ctx-fix/core'
import type { PlanContext } from '../passes/6-plan-steps.js'
import type { CodemodPlan, CodemodSettings } from './codemod.js'
import { stepsOf, type Unordered } from './steps.js'

/**
 * Marks work that nobody waits for as meant to outlive its request. Where a signal surrounds the request, a
 * comment would not keep that from the work: there it runs in `detached('reason', …)`.
 */
export function planDetach(
  context: PlanContext,
  found: readonly Found[],
  { reason = '', propagation }: CodemodSettings,
): CodemodPlan {
  const { analysis, texts, names } = context
  return stepsOf(context, found, ({ judgement }): Unordered | undefined => {
    if (!judgement) return undefined
    const { node } = judgement
    const text = texts.get(node.file) ?? ''
    const label = `detach ${node.name}`
    if (propagation === 'ambient') {
      const planned = planDetached(analysis, node, text, reason, names)
      return 'refusal' in planned ? undefined : { ...planned, label }
    }
    const edit = planMarker(analysis, node, text, reason)
    return edit && { edits: [edit], imports: [], label }
  })
}
