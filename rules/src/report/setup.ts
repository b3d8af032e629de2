import type { Analysis, Found, ImportNeed } from '@ctx-fix/core'

const setup = '@ctx-fix/runtime/pg'

/**
 * pg cancels nothing without the runtime, and its types know no `signal`: where the file makes the pool
 * itself, the fix brings the import along. Elsewhere the file that makes it is the place.
 */
export function setupNeeds({ resolver }: Analysis, { finding, judgement }: Found): ImportNeed[] {
  const { node } = judgement ?? {}
  const isSurrounded = /^(?:app|entry)-establishes-nothing$/.test(finding.reason)
  const isDerived = finding.reason === 'timeout-only-rejects'
  const isPg = node?.sink?.library.name === 'pg' && node.slot?.kind === 'option'
  if (!isPg && !isSurrounded && !isDerived) return []
  const { file } = finding
  const { exprs, modules } = resolver.program.facts(file)
  const makesIt = exprs.some(
    (each, id) =>
      each.k === 'new' &&
      resolver
        .expr(file, id)
        .some(
          (value) =>
            value.k === 'lib' && value.lib.name === 'pg' && /^(?:Pool|Client)$/.test(value.entity),
        ),
  )
  return makesIt && !modules.includes(setup) ? [{ file, module: setup }] : []
}
