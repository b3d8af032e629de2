import { fnKey, locationOf, testPath, type Analysis, type FnKey, type StepId } from '@ctx-fix/core'
import type { ProgramPlan } from './passes/6-plan-steps.js'

const SHOWN = 20

/**
 * Tests that call a handler themselves. It now asks its request for a signal, and a request that the test has
 * made up is refused: `requestSignal()` takes only those of the framework.
 */
export function madeUpRequests(
  analysis: Analysis,
  plan: ProgramPlan,
  kept: ReadonlySet<StepId>,
): { readonly code: string; readonly message: string }[] {
  const deriving = derivingHandlers(analysis, plan, kept)
  if (deriving.size === 0) return []
  const names = new Set(deriving.values())
  const r = analysis.resolver
  const found: string[] = []
  for (const [file, { exprs, calls, lineStarts }] of r.program.files) {
    if (!testPath.test(file)) continue
    for (const { expr } of calls) {
      const call = exprs[expr]
      const callee = call?.k === 'call' ? exprs[call.callee] : undefined
      if (call?.k !== 'call' || (callee?.k !== 'member' && callee?.k !== 'id')) continue
      if (!names.has(callee.name)) continue
      const isHandler = r
        .expr(file, call.callee)
        .some((each) => each.k === 'fn' && deriving.has(fnKey({ file: each.file, fn: each.fn })))
      if (!isHandler) continue
      const at = `${file}:${locationOf(lineStarts, call.start).line}`
      found.push(`${at} calls ${callee.name} itself: requestSignal() refuses a made-up request`)
    }
  }
  return found.slice(0, SHOWN).map((message) => ({ code: 'made-up-request', message }))
}

/** Functions that a kept step makes derive a signal from their request, with their names. */
function derivingHandlers(
  { resolver }: Analysis,
  plan: ProgramPlan,
  kept: ReadonlySet<StepId>,
): ReadonlyMap<FnKey, string> {
  const found = new Map<FnKey, string>()
  for (const { id, kind, imports, edits } of plan.steps) {
    if (
      kind !== 'derive' ||
      !kept.has(id) ||
      !imports.some((each) => each.name === 'requestSignal')
    )
      continue
    for (const { file, start } of edits) {
      const { functions } = resolver.program.facts(file)
      const around = functions.filter((each) => each.start < start && start < each.end)
      const inner = around.reduce((least, each) => (each.start > least.start ? each : least))
      found.set(fnKey({ file, fn: inner.id }), inner.name)
    }
  }
  return found
}
