import {
  establishment,
  fnKey,
  unestablishedEntries,
  type Analysis,
  type FnRef,
} from '@ctx-fix/core'
import { planAmbient } from '../passes/8-plan-ambient.js'
import type { PlanContext } from '../passes/6-plan-steps.js'
import { carriedSignals } from './carried.js'
import type { CodemodPlan } from './codemod.js'
import { unusedImports } from './unused-imports.js'
import { Uncarrier } from './uncarry.js'

/**
 * From signals that are passed to a signal that surrounds: first every handler is surrounded, then what is
 * passed by hand goes where it would be the same, at last what nothing names any more.
 */
export function planToAmbient(context: PlanContext): CodemodPlan {
  const { analysis, isEditable } = context
  const surrounding = planAmbient(context, unestablishedEntries(analysis, 'all'))
  if (surrounding.steps.length > 0) return { ...surrounding, again: true }
  const isEstablished = establishment(analysis)
  const isSurrounded = (ref: FnRef): boolean => {
    const entry = entryAround(analysis, ref)
    return entry !== undefined && isEstablished(entry)
  }
  const carried = carriedSignals(analysis, isEditable, isSurrounded)
  const steps = new Uncarrier(context, carried).steps()
  if (steps.length > 0) return { ...surrounding, steps, again: true }
  return { ...surrounding, steps: unusedImports(context) }
}

function entryAround(analysis: Analysis, { file, fn }: FnRef) {
  for (let at: number | undefined = fn; at !== undefined && at !== 0;) {
    const entry = analysis.entries.get(fnKey({ file, fn: at }))
    if (entry) return entry
    at = analysis.resolver.program.fn(file, at).parent
  }
  return undefined
}
