import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Analysis } from '@ctx-fix/core'

const forPg = '@ctx-fix/runtime/pg'

/**
 * Said where calls are given a signal and nothing loads what makes PostgreSQL heed it: pg and what is built on
 * it ignore a signal by themselves, so the report would call clean what is not.
 *
 * @param isSurrounded whether a signal around the request reaches a call, by the id of its node.
 */
export function runtimeNotice(
  root: string,
  analysis: Analysis,
  isSurrounded: (id: number) => boolean,
): readonly { readonly code: string; readonly message: string }[] {
  const { files } = analysis.resolver.program
  if ([...files.values()].some((each) => each.modules.includes(forPg))) return []
  const count = analysis.judgements.filter(({ node, verdict }) => {
    const { sink, slot, given } = node
    if (sink?.library.kind !== 'database' || sink.spec.effect !== 'cancels') return false
    if (sink.library.setup !== undefined || analysis.isExempt(node.file)) return false
    // What the library itself declares, it heeds without the runtime.
    const isOwn = slot?.kind === 'option' && slot.native === true
    return (verdict === 'passed' && given.k !== 'decided' && !isOwn) || isSurrounded(node.id)
  }).length
  if (count === 0 || loadsIt(root)) return []
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
