import type { Step } from '@ctx-fix/core'
import type { PlanContext } from '../passes/6-plan-steps.js'
import { withoutImport } from './removals.js'

const removable = new Set(['requestSignal', 'withSignal', 'ctxSignal'])

/** Imports of the runtime that a codemod has left without a use. */
export function unusedImports({ analysis, texts, isEditable }: PlanContext): readonly Step[] {
  const { program } = analysis.resolver
  const edits = [...program.files].flatMap(([file, facts]) => {
    if (!isEditable(file)) return []
    return facts.bindings.flatMap((binding) => {
      const { import: from, name } = binding
      if (!from || !removable.has(from.name) || !from.module.startsWith('@ctx-fix/runtime'))
        return []
      const isUsed = facts.exprs.some((each) => each.k === 'id' && each.name === name)
      const isExported = facts.exports.some((each) => each.kind === 'local' && each.local === name)
      const edit =
        isUsed || isExported ? undefined : withoutImport(facts, texts.get(file) ?? '', binding)
      return edit ? [edit] : []
    })
  })
  return edits.map((edit, id) => ({
    id,
    kind: 'setup',
    edits: [edit],
    imports: [],
    requires: [],
    onlyIfRequired: false,
    label: 'remove an import',
  }))
}
