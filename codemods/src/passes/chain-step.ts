import { importAs, type ChainStart, type Step } from '@ctx-fix/core'
import type { PlanContext } from './6-plan-steps.js'

/** `t.procedure` becomes `t.procedure.use(ctxSignal())`. */
export function chainStep(
  { analysis, texts, names }: PlanContext,
  { file, establish, span }: ChainStart,
): Omit<Step, 'id'> {
  const { module, name, method, called } = establish
  const facts = analysis.resolver.program.facts(file)
  const { local, imports } = importAs(facts, 0, module, name, names)
  const text = `.${method}(${local}${called ? '()' : ''})`
  return {
    kind: 'derive',
    edits: [{ file, start: span.end, end: span.end, text }],
    imports,
    requires: [],
    onlyIfRequired: false,
    label: `put the call's signal around what is built on ${texts.get(file)?.slice(span.start, span.end) ?? ''}`,
  }
}
