import {
  append,
  type CallNode,
  type Found,
  type Refusal,
  type Span,
  type Step,
  type StepId,
} from '@ctx-fix/core'
import type { PlanContext } from '../passes/6-plan-steps.js'
import type { CodemodPlan } from './codemod.js'

export type Unordered = Pick<Step, 'edits' | 'imports' | 'label'>

/**
 * A step of its own for each finding. Of findings whose edits reach into one another the innermost goes first,
 * and the plan says that there is more to do.
 */
export function stepsOf(
  { isEditable }: PlanContext,
  found: readonly Found[],
  planOne: (found: Found) => Unordered | undefined,
): CodemodPlan {
  const steps: Step[] = []
  const nodeOf = new Map<StepId, CallNode>()
  const refusals = new Map<number, Refusal>()
  const taken = new Map<string, Span[]>()
  let again = false
  for (const each of found.toReversed()) {
    const planned = isEditable(each.finding.file) ? planOne(each) : undefined
    if (!planned) continue
    const reaches = extents(planned)
    if (reaches.some(([file, span]) => (taken.get(file) ?? []).some((one) => meets(one, span)))) {
      again = true
      continue
    }
    for (const [file, span] of reaches) append(taken, file, span)
    const { edits, imports, label } = planned
    const id = steps.length
    steps.push({ id, kind: 'sink', edits, imports, requires: [], onlyIfRequired: false, label })
    if (each.judgement) nodeOf.set(id, each.judgement.node)
  }
  return { steps, refusals, nodeOf, again }
}

/** From the first edit of a file to the last. */
function extents({ edits }: Unordered): [string, Span][] {
  const found = new Map<string, Span>()
  for (const { file, start, end } of edits) {
    const known = found.get(file)
    found.set(file, {
      start: Math.min(start, known?.start ?? start),
      end: Math.max(end, known?.end ?? end),
    })
  }
  return [...found]
}

function meets(a: Span, b: Span): boolean {
  return a.start <= b.end && b.start <= a.end
}
