import { append } from '../append.js'
import { isUnbound, type Analysis } from '../graph/analysis.js'
import { isForBrowser } from '../graph/in-browser.js'
import { fnKey, type CallNode, type FnKey } from '../graph/model.js'
import { makeFinding, type Found } from './make-finding.js'

/** Sinks that no signal can reach yet and that no loss further up speaks for. */
export function uncoveredSinks(analysis: Analysis): Found[] {
  const covered = coveredUnits(analysis)
  return analysis.judgements
    .filter((each) => each.verdict === 'wanting' && each.node.sink && !each.node.sink.spec.bounded)
    .filter(({ node }) => !isOfBrowser(analysis, node))
    .filter((each) => !each.unit || !covered.has(fnKey(each.unit)))
    .map((judgement) => ({
      judgement,
      finding: makeFinding(analysis, {
        rule: 'require-signal',
        reason: 'sink-without-signal-no-source',
        file: judgement.node.file,
        span: judgement.node.callee,
        fn: judgement.node.fn,
        name: judgement.node.name,
        safety: 'suggestion',
        chain: [],
        data: {},
      }),
    }))
}

/** There a request hangs on no other, and statements are sent from servers only. */
function isOfBrowser({ resolver: r }: Analysis, { file, sink }: CallNode): boolean {
  return sink?.library.kind !== 'database' && isForBrowser(r.program.facts(file))
}

/** Functions below a call that is reported: their sinks are that report's. */
function coveredUnits(analysis: Analysis): ReadonlySet<FnKey> {
  const below = new Map<FnKey, CallNode[]>()
  for (const { node, verdict, unit } of analysis.judgements) {
    if (verdict !== 'wanting' || !unit) continue
    append(below, fnKey(unit), node)
  }
  const covered = new Set<FnKey>()
  const queue = analysis.judgements
    .filter((each) => each.verdict === 'lost' || isUnbound(each.verdict))
    .flatMap((each) => each.node.targets)
  for (let ref = queue.pop(); ref; ref = queue.pop()) {
    const unit = analysis.units.of(ref) ?? ref
    const key = fnKey(unit)
    if (covered.has(key) || !analysis.wanting.has(key)) continue
    covered.add(key)
    for (const node of below.get(key) ?? []) queue.push(...node.targets)
  }
  return covered
}
