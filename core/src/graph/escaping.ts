import type { Analysis, Judgement } from './analysis.js'
import { entryPointsBySink } from './reach.js'

/**
 * Work that a request starts and does not wait for, or that others wait for too. Where a signal surrounds
 * the request, it has to be set free, or it ends with the request.
 */
export function escapingWork(analysis: Analysis): readonly Judgement[] {
  const reached = entryPointsBySink(analysis)
  return analysis.judgements.filter(({ node, verdict, sources }) => {
    if (verdict === 'shared') return true
    const isOpen =
      verdict === 'lost' || (verdict === 'wanting' && (!node.sink || reached.has(node.id)))
    return isOpen && (node.unawaited || sources[0]?.deferred === true)
  })
}
