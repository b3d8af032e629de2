import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Analysis, CallNode } from '@ctx-fix/core'

const forPg = '@ctx-fix/runtime/pg'

/**
 * Calls that are given a signal while nothing loads what makes PostgreSQL heed it: pg and what is built on it
 * ignore a signal by themselves.
 *
 * @param isSurrounded whether a signal around the request reaches a call, by the id of its node.
 */
export function unheededCalls(
  root: string,
  analysis: Analysis,
  isSurrounded: (id: number) => boolean,
): readonly CallNode[] {
  const { files } = analysis.resolver.program
  if ([...files.values()].some((each) => each.modules.includes(forPg))) return []
  const calls = analysis.judgements.flatMap(({ node, verdict }) => {
    const { sink, slot, given } = node
    if (sink?.library.kind !== 'database' || sink.spec.effect !== 'cancels') return []
    if (sink.library.setup !== undefined || analysis.isExempt(node.file)) return []
    // What the library itself declares, it heeds without the runtime.
    const isOwn = slot?.kind === 'option' && slot.native === true
    const isGiven = verdict === 'passed' && given.k !== 'decided' && !isOwn
    return isGiven || isSurrounded(node.id) ? [node] : []
  })
  return calls.length === 0 || loadsIt(root) ? [] : calls
}

/** Said of such calls, or the report would call clean what is not. */
export function runtimeNotice(
  root: string,
  analysis: Analysis,
  isSurrounded: (id: number) => boolean,
): readonly { readonly code: string; readonly message: string }[] {
  const count = unheededCalls(root, analysis, isSurrounded).length
  if (count === 0) return []
  const calls = count === 1 ? '1 call is' : `${String(count)} calls are`
  return [
    {
      code: 'runtime-not-loaded',
      message: `${calls} given a signal, and nothing imports ${forPg}: without it pg ignores signals. Import it where the pool is made, or load it with --import`,
    },
  ]
}

/** `node --import @ctx-fix/runtime/pg …` in a script. */
function loadsIt(root: string): boolean {
  try {
    return readFileSync(join(root, 'package.json'), 'utf8').includes(forPg)
  } catch {
    return false
  }
}
