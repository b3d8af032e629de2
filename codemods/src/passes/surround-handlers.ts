import { planSurround, surroundOf, type Analysis, type EntryPoint, type Step } from '@ctx-fix/core'
import type { PlanContext } from './6-plan-steps.js'

/** A step for each handler that its framework gives no other place to put a signal around. */
export function surroundSteps(
  { analysis, texts, isEditable, names }: PlanContext,
  entries: readonly EntryPoint[],
  firstId: number,
): Step[] {
  return onePerMap(entries)
    .filter((each) => isEditable((each.holders?.[0] ?? each).file))
    .flatMap((entry): Omit<Step, 'id'>[] => {
      const surround = surroundOf(analysis.resolver.catalog, entry)
      const planned =
        surround && planSurround(analysis, entry, surround, (file) => texts.get(file) ?? '', names)
      if (!planned || 'refusal' in planned) return []
      return [
        {
          kind: 'derive',
          edits: planned.edits,
          imports: planned.imports,
          requires: [],
          onlyIfRequired: false,
          label: `put a signal around ${nameOf(analysis, entry)}`,
        },
      ]
    })
    .map((step, index) => ({ ...step, id: firstId + index }))
}

/** A map of handlers is surrounded as a whole, wherever a framework is given it. */
function onePerMap(entries: readonly EntryPoint[]): readonly EntryPoint[] {
  const seen = new Set<string>()
  return entries.flatMap((entry) => {
    if (!entry.holders) return [entry]
    const fresh = entry.holders.filter(({ file, expr }) => {
      const key = `${file}\0${String(expr)}`
      return !seen.has(key) && seen.add(key)
    })
    return fresh.map((each) => ({ ...entry, holders: [each] }))
  })
}

function nameOf(analysis: Analysis, { file, fn, title }: EntryPoint): string {
  return title === '' ? analysis.resolver.program.fn(file, fn).name : title
}
