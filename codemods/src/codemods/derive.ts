import type { Found, Judgement } from '@ctx-fix/core'
import { planAmbient } from '../passes/8-plan-ambient.js'
import { planSteps, type PlanContext } from '../passes/6-plan-steps.js'
import type { CodemodPlan, CodemodSettings } from './codemod.js'
import { planSuggested } from './suggested.js'

/** Signals that do not work are swapped first: then what handlers still have to derive is planned. */
export function planDerive(
  context: PlanContext,
  found: readonly Found[],
  { propagation }: CodemodSettings,
): CodemodPlan {
  const broken = found.filter(({ finding }) => isBroken.has(finding.reason))
  const swapped = planSuggested(context, broken)
  if (swapped.steps.length > 0) return { ...swapped, again: true }
  return propagation === 'ambient' ? planAmbient(context) : planSteps(context, isInHandler)
}

const isBroken = new Set<string>(['handler-uses-broken-signal', 'handler-listens-to-request-close'])

function isInHandler({ sources }: Judgement): boolean {
  return sources[0]?.kind === 'request'
}
