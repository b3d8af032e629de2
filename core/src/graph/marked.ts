import { isWithin } from '../facts/text.js'
import type { Analysis, Judgement } from './analysis.js'
import { ambientOf, markerOver } from './exemptions.js'
import { fnKey } from './model.js'
import { reachedFunctions } from './reach.js'

export interface MarkedWork {
  readonly judgement: Judgement
  /** What the comment says. */
  readonly reason: string
}

/**
 * Work of a request that only `// ctx:detached -- reason` sets free: a comment does not keep a signal from it that
 * surrounds the request. Of calls within calls, the outermost.
 */
export function markedWork(analysis: Analysis): readonly MarkedWork[] {
  const { resolver: r } = analysis
  const marked = analysis.judgements.flatMap((judgement): MarkedWork[] => {
    const { node, verdict } = judgement
    if (verdict !== 'detached' || node.kind !== 'call' || node.partOf !== undefined) return []
    const { markers } = r.program.facts(node.file)
    const reason = markerOver(markers, r.program.expr(node.file, node.expr).start)?.reason ?? ''
    return reason === '' || ambientOf(r, node) ? [] : [{ judgement, reason }]
  })
  if (marked.length === 0) return []
  const reached = reachedFunctions(analysis)
  const inRequests = marked.filter(({ judgement: { node } }) =>
    reached.has(fnKey({ file: node.file, fn: node.fn })),
  )
  return inRequests.filter((each) => !inRequests.some((other) => isInside(analysis, each, other)))
}

function isInside({ resolver: { program } }: Analysis, inner: MarkedWork, outer: MarkedWork) {
  const [a, b] = [inner.judgement.node, outer.judgement.node]
  if (a === b || a.file !== b.file) return false
  return isWithin(program.expr(a.file, a.expr), program.expr(b.file, b.expr))
}
