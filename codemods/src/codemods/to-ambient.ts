import {
  establishment,
  fnKey,
  planDetached,
  unestablishedEntries,
  type Analysis,
  type FnRef,
  type Step,
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
  if (surrounding.steps.length > 0) {
    const freed = freeMarked(context, surrounding.steps.length)
    return { ...surrounding, steps: [...surrounding.steps, ...freed], again: true }
  }
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

/** A comment does not keep a signal that surrounds from the work that it marks: that runs in `detached()`. */
function freeMarked({ analysis, texts, isEditable, names }: PlanContext, firstId: number): Step[] {
  const { program } = analysis.resolver
  return analysis.judgements
    .filter(
      ({ node, verdict }) => verdict === 'detached' && node.unawaited && isEditable(node.file),
    )
    .flatMap(({ node }): Omit<Step, 'id'>[] => {
      const { start, end } = program.expr(node.file, node.expr)
      const marker = program
        .facts(node.file)
        .markers.find(({ target }) => target && target.start <= start && end <= target.end)
      if (!marker || marker.reason === '') return []
      const text = texts.get(node.file) ?? ''
      const planned = planDetached(analysis, node, text, marker.reason, names)
      if ('refusal' in planned) return []
      const { edits, imports } = planned
      const label = `set ${node.name} free of the request`
      return [{ kind: 'sink', edits, imports, requires: [], onlyIfRequired: false, label }]
    })
    .map((step, index) => ({ ...step, id: firstId + index }))
}

function entryAround(analysis: Analysis, { file, fn }: FnRef) {
  for (let at: number | undefined = fn; at !== undefined && at !== 0;) {
    const entry = analysis.entries.get(fnKey({ file, fn: at }))
    if (entry) return entry
    at = analysis.resolver.program.fn(file, at).parent
  }
  return undefined
}
