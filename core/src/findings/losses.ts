import { isUnbound, type Analysis, type Judgement } from '../graph/analysis.js'
import type { CallNode, SignalSource } from '../graph/model.js'
import { isSignal } from '../resolve/values.js'
import type { RuleName, Safety } from './finding.js'
import { chainFrom, makeFinding, type Found } from './make-finding.js'
import type { Reason } from './reasons.js'
import { useOfSource, workOf } from './use.js'

export function lossFindings(analysis: Analysis): Found[] {
  return analysis.judgements
    .filter((each) => each.verdict === 'lost')
    .map((judgement) => {
      const { node } = judgement
      const [source] = judgement.sources
      const { rule, reason } = lossReason(analysis, judgement, source)
      return {
        judgement,
        finding: makeFinding(analysis, {
          rule,
          reason,
          file: node.file,
          span: node.callee,
          fn: node.fn,
          name: node.name,
          safety: reason === 'handler-given-no-request' ? 'manual' : lossSafety(judgement, source),
          chain: chainFrom(analysis, node),
          data: {
            source: source?.text ?? '',
            use: source ? useOfSource(analysis, node, source) : '',
            work: workOf(node),
          },
        }),
      }
    })
}

function lossReason(
  analysis: Analysis,
  { node }: Judgement,
  source: SignalSource | undefined,
): { rule: RuleName; reason: Reason } {
  const direct: RuleName = node.sink ? 'require-signal' : 'forward-signal'
  if (source?.deferred === true) return { rule: direct, reason: 'deferred-work-unmarked' }
  if (node.unawaited) return { rule: direct, reason: 'unawaited-work-unmarked' }
  const inHandler = source?.kind === 'request'
  // A handler of a command is given that, and nothing of who sends it.
  const request = source?.request
  const isGivenOne = request?.optional === true || request?.param !== undefined
  if (request && request.index < 0 && !isGivenOne && !request.parameter)
    return {
      rule: node.sink ? 'require-signal' : 'derive-in-handler',
      reason: 'handler-given-no-request',
    }
  const isJob = request !== undefined && isOfJobs(analysis, request.module)
  if (node.sink && inHandler)
    return {
      rule: 'require-signal',
      reason: isJob ? 'sink-without-signal-in-job' : 'sink-without-signal-in-handler',
    }
  if (node.sink) return { rule: 'require-signal', reason: 'sink-without-signal' }
  if (inHandler && !givesSignal(analysis, node))
    return {
      rule: 'derive-in-handler',
      reason: isJob ? 'job-derives-nothing' : 'handler-derives-nothing',
    }
  return {
    rule: 'forward-signal',
    reason: node.slot ? 'callee-accepts-signal' : 'callee-drops-signal',
  }
}

/** What queues, schedulers and sockets call has no request, and no client that could go away. */
function isOfJobs({ resolver: r }: Analysis, module: string): boolean {
  return r.catalog.libraries.some(
    ({ surround }) => surround?.name === 'withJobSignal' && surround.module === module,
  )
}

/** `load(id, requestSignal(req))` of a script, where `load` takes none. */
function givesSignal({ resolver: r }: Analysis, { file, expr }: CallNode): boolean {
  const call = r.program.expr(file, expr)
  return call.k === 'call' && call.args.some((each) => r.expr(file, each).some(isSignal))
}

function lossSafety({ node, sources }: Judgement, source: SignalSource | undefined): Safety {
  if (!source || source.deferred || source.hidden === true || node.unawaited) return 'manual'
  if (isAmbiguous(sources)) return 'suggestion'
  if (source.certainty === 'name' || source.rank < 0) return 'suggestion'
  // A signal that may be missing does not fit where one is required.
  if (
    node.slot &&
    node.slot.kind !== 'wrap' &&
    source.nullish.undefined &&
    !node.slot.accepts.undefined
  )
    return 'suggestion'
  return 'safe'
}

/** Two signals equally near and equally derived: the author has to say which. */
export function isAmbiguous(sources: readonly SignalSource[]): boolean {
  const [first, second] = sources
  return (
    first !== undefined &&
    second !== undefined &&
    first.depth === second.depth &&
    first.rank === second.rank &&
    first.kind === second.kind &&
    first.kind !== 'request'
  )
}

/** Work that others wait for too, or start later: to be marked, or bounded by a deadline of its own. */
export function sharedFindings(analysis: Analysis): Found[] {
  return analysis.judgements
    .filter((each) => isUnbound(each.verdict))
    .map((judgement) => ({
      judgement,
      finding: makeFinding(analysis, {
        rule: judgement.node.sink ? 'require-signal' : 'forward-signal',
        reason: judgement.verdict === 'shared' ? 'shared-work-unmarked' : 'outlived-work-unmarked',
        file: judgement.node.file,
        span: judgement.node.callee,
        fn: judgement.node.fn,
        name: judgement.node.name,
        safety: 'manual',
        chain: chainFrom(analysis, judgement.node),
        data: {},
      }),
    }))
}
