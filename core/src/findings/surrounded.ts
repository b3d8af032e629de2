import type { Analysis } from '../graph/analysis.js'
import { escapingWork } from '../graph/escaping.js'
import { markedWork } from '../graph/marked.js'
import { makeFinding, type Found } from './make-finding.js'

/** Surrounded by a request's signal, work that nobody waits for is cancelled with the request: meant or not, it has to be said. */
export function escapingFindings(analysis: Analysis): Found[] {
  return escapingWork(analysis)
    .filter((each) => each.verdict !== 'shared')
    .map((judgement) => ({
      judgement,
      finding: makeFinding(analysis, {
        rule: 'forward-signal',
        reason: 'surrounded-work-unmarked',
        file: judgement.node.file,
        span: judgement.node.callee,
        fn: judgement.node.fn,
        name: judgement.node.name,
        safety: 'manual',
        chain: [],
        data: {},
      }),
    }))
}

/** Surrounded by a request's signal, work that a comment sets free is cancelled with the request all the same. */
export function markedFindings(analysis: Analysis): Found[] {
  return markedWork(analysis).map(({ judgement }) => ({
    judgement,
    finding: makeFinding(analysis, {
      rule: 'forward-signal',
      reason: 'marked-work-surrounded',
      file: judgement.node.file,
      span: judgement.node.callee,
      fn: judgement.node.fn,
      name: judgement.node.name,
      safety: 'safe',
      chain: [],
      data: {},
    }),
  }))
}
