import { freeName, importedName, type ChainStart, type Step } from '@ctx-fix/core'
import type { PlanContext } from './6-plan-steps.js'

/** `t.procedure` becomes `t.procedure.use(ctxSignal())`. */
export function chainStep(
  { analysis, texts }: PlanContext,
  { file, establish, span }: ChainStart,
): Omit<Step, 'id'> {
  const { module, name, method, called } = establish
  const facts = analysis.resolver.program.facts(file)
  const known = importedName(facts, module, name)
  const local = known ?? freeName(facts, 0, name)
  const need = { file, module, name, ...(local === name ? {} : { local }) }
  const text = `.${method}(${local}${called ? '()' : ''})`
  return {
    kind: 'derive',
    edits: [{ file, start: span.end, end: span.end, text }],
    imports: known === undefined ? [need] : [],
    requires: [],
    onlyIfRequired: false,
    label: `put the call's signal around what is built on ${texts.get(file)?.slice(span.start, span.end) ?? ''}`,
  }
}
