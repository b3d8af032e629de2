import type { Analysis, CallNode, ImportNeed } from '@ctx-fix/core'

const runtimeModule = '@ctx-fix/runtime/pg'
const makers = new Set(['Pool', 'Client'])

/**
 * The import that makes a signal reach PostgreSQL goes in where the pool is made, or where the first
 * statement is sent if that is not in sight. Undefined where the program has it already.
 */
export function setupNeed(
  analysis: Analysis,
  node: CallNode,
  isEditable: (file: string) => boolean,
): ImportNeed | undefined {
  const { program } = analysis.resolver
  for (const facts of program.files.values())
    if (facts.modules.includes(runtimeModule)) return undefined
  const made = [...program.files.keys()].find(
    (file) => isEditable(file) && !analysis.isExempt(file) && makesPool(analysis, file),
  )
  return { file: made ?? node.file, module: runtimeModule }
}

function makesPool(analysis: Analysis, file: string): boolean {
  const r = analysis.resolver
  const facts = r.program.facts(file)
  return facts.calls.some((site) => {
    const call = facts.exprs[site.expr]
    if (call?.k !== 'new') return false
    return r
      .expr(file, call.callee)
      .some((each) => each.k === 'libclass' && each.lib.name === 'pg' && makers.has(each.entity))
  })
}
