import {
  fnKey,
  type Analysis,
  type CallNode,
  type FnKey,
  type Slot,
  type StepId,
} from '@ctx-fix/core'
import type { ProgramPlan } from '../passes/6-plan-steps.js'

/** Calls of one name that get a signal. */
export interface Change {
  /** One of the steps that give it. */
  readonly step: StepId
  readonly isSink: boolean
  /** Where all of them get it, or undefined where they differ or other functions have the name. */
  readonly slot: Slot | undefined
}

/** By the last name of the callee, as a test has nothing else: `repo.find` is asserted as `find`. */
export function changesOf(
  analysis: Analysis,
  plan: ProgramPlan,
  counts: (step: StepId) => boolean,
): ReadonlyMap<string, Change> {
  const changed = new Map<string, Change & { targets: Set<FnKey> }>()
  for (const [step, node] of plan.nodeOf) {
    const isWrapped = plan.steps[step]?.imports.some((each) => each.name === 'withSignal') === true
    if (isWrapped || !counts(step) || node.kind !== 'call') continue
    const name = lastName(node)
    const known = changed.get(name)
    const isSink = node.sink !== undefined
    changed.set(name, {
      step: known?.step ?? step,
      isSink: isSink || known?.isSink === true,
      slot: isSink || (known && !isSame(known.slot, node.slot)) ? undefined : node.slot,
      targets: new Set([...(known?.targets ?? []), ...node.targets.map(fnKey)]),
    })
  }
  // Of several functions with a name, one that is as it was may be the one that is meant.
  for (const [file, { functions }] of analysis.resolver.program.files)
    for (const fn of functions) {
      const change = changed.get(fn.name)
      if (!change || !fn.hasBody || analysis.isExempt(file)) continue
      if (!change.targets.has(fnKey({ file, fn: fn.id })))
        changed.set(fn.name, { ...change, slot: undefined })
    }
  return changed
}

function isSame(one: Slot | undefined, other: Slot | undefined): boolean {
  if (one === undefined || one.kind === 'wrap') return false
  if (other?.kind !== one.kind || other.index !== one.index) return false
  return one.kind === 'argument' || (other.kind === 'option' && other.key === one.key)
}

function lastName(node: CallNode): string {
  return node.name.replace(/\(.*$/, '').split('.').at(-1) ?? node.name
}
