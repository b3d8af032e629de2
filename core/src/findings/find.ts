import { append } from '../append.js'
import { escapingWork } from '../graph/escaping.js'
import { markedWork } from '../graph/marked.js'
import { locationOf } from '../facts/text.js'
import { exprsWithin } from '../facts/within.js'
import type { Marker, Span } from '../facts/types.js'
import { fnKey, type CallNode, type FnKey, type SignalSource } from '../graph/model.js'
import { isUnbound, type Analysis, type Judgement } from '../graph/analysis.js'
import { ambientFindings } from './ambient.js'
import { budgetFindings } from './budgets.js'
import { clientFindings } from './clients.js'
import { deadlineFindings } from './deadlines.js'
import { detachedFindings } from './detached.js'
import { escapeFindings } from './escapes.js'
import type { ChainLink, Finding, RuleName, Safety } from './finding.js'
import { handlerFindings } from './handlers.js'
import { localTimeoutFindings } from './local-timeouts.js'
import { listenerFindings } from './listeners.js'
import { loopFindings } from './loops.js'
import { timerFindings } from './timers.js'
import type { Reason } from './reasons.js'
import { ineffectiveFindings } from './ineffective.js'
import { lazyEscapeFindings } from './lazy-escapes.js'
import { swallowedFindings } from './swallowed.js'
import { transactionFindings } from './transactions.js'
import { useOf, workOf } from './use.js'
import { reasonWords } from './words.js'

export interface FindOptions {
  /** Whether a sink is reported that no signal can reach yet. */
  readonly noSignalInScope: 'report' | 'off'
  /** Signal parameters (the default), or a signal that surrounds each request. */
  readonly propagation?: 'explicit' | 'ambient'
  /** Also what is a matter of taste: signals without a deadline, aborts that a `catch` hides. */
  readonly strict?: boolean
  /** The longest that work may take, in milliseconds, by the name of the budget. */
  readonly budgets?: Readonly<Record<string, number>>
}

/** A finding with the judgement that it rests on, for those who plan edits. */
export interface Found {
  readonly finding: Finding
  readonly judgement?: Judgement
}

export function findAll(analysis: Analysis, options: FindOptions): Found[] {
  const isAmbient = options.propagation === 'ambient'
  const found = [
    ...(isAmbient ? ambientFindings(analysis) : lossFindings(analysis)),
    ...(isAmbient ? escapingFindings(analysis) : []),
    ...(isAmbient ? markedFindings(analysis) : []),
    ...sharedFindings(analysis),
    ...(options.noSignalInScope === 'report' && !isAmbient ? uncoveredSinks(analysis) : []),
    ...detachedFindings(analysis),
    ...handlerFindings(analysis),
    ...timerFindings(analysis),
    ...listenerFindings(analysis),
    ...escapeFindings(analysis),
    ...loopFindings(analysis),
    ...clientFindings(analysis),
    ...ineffectiveFindings(analysis),
    ...(isAmbient ? [] : localTimeoutFindings(analysis)),
    ...transactionFindings(analysis),
    ...lazyEscapeFindings(analysis),
    ...(options.strict === true ? deadlineFindings(analysis) : []),
    ...(options.budgets ? budgetFindings(analysis, options.budgets) : []),
    ...(options.strict === true ? swallowedFindings(analysis) : []),
    ...markerFindings(analysis),
  ]
  return numbered(found).toSorted(
    (a, b) => a.finding.file.localeCompare(b.finding.file) || a.finding.start - b.finding.start,
  )
}

function lossFindings(analysis: Analysis): Found[] {
  return analysis.judgements
    .filter((each) => each.verdict === 'lost')
    .map((judgement) => {
      const { node } = judgement
      const [source] = judgement.sources
      const { rule, reason } = lossReason(judgement, source)
      return {
        judgement,
        finding: makeFinding(analysis, {
          rule,
          reason,
          file: node.file,
          span: node.callee,
          fn: node.fn,
          name: node.name,
          safety: lossSafety(judgement, source),
          chain: chainFrom(analysis, node),
          data: {
            source: source?.text ?? '',
            use: source ? useOf(analysis, node, source.text) : '',
            work: workOf(node),
          },
        }),
      }
    })
}

function lossReason(
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
  if (node.sink)
    return {
      rule: 'require-signal',
      reason: inHandler ? 'sink-without-signal-in-handler' : 'sink-without-signal',
    }
  if (inHandler) return { rule: 'derive-in-handler', reason: 'handler-derives-nothing' }
  return {
    rule: 'forward-signal',
    reason: node.slot ? 'callee-accepts-signal' : 'callee-drops-signal',
  }
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

/** Surrounded by a request's signal, work that nobody waits for is cancelled with the request: meant or not, it has to be said. */
function escapingFindings(analysis: Analysis): Found[] {
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
function markedFindings(analysis: Analysis): Found[] {
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

/** Work that others wait for too, or start later: to be marked, or bounded by a deadline of its own. */
function sharedFindings(analysis: Analysis): Found[] {
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

/** Sinks that no signal can reach yet and that no loss further up speaks for. */
function uncoveredSinks(analysis: Analysis): Found[] {
  const covered = coveredUnits(analysis)
  return analysis.judgements
    .filter((each) => each.verdict === 'wanting' && each.node.sink && !each.node.sink.spec.bounded)
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

/** From a call down to the sink that asks for its signal. */
export function chainFrom(analysis: Analysis, node: CallNode): ChainLink[] {
  const chain: ChainLink[] = []
  const seen = new Set<FnKey>()
  for (let at: CallNode | undefined = node; at;) {
    chain.push(linkOf(analysis, at))
    if (at.sink) break
    const next: CallNode | undefined = at.targets
      .map((ref) => analysis.units.of(ref) ?? ref)
      .map((ref) => (seen.has(fnKey(ref)) ? undefined : analysis.wanting.get(fnKey(ref))))
      .find((each) => each !== undefined)
    for (const ref of at.targets) seen.add(fnKey(analysis.units.of(ref) ?? ref))
    at = next
  }
  return chain
}

/** A call as a link of a chain. */
export function linkOf(analysis: Analysis, node: CallNode): ChainLink {
  const { lineStarts } = analysis.resolver.program.facts(node.file)
  return { name: node.name, file: node.file, line: locationOf(lineStarts, node.callee.start).line }
}

function markerFindings(analysis: Analysis): Found[] {
  const found: Found[] = []
  for (const [file, { markers }] of analysis.reported)
    for (const marker of markers) {
      const reason = markerReason(analysis, file, marker)
      if (reason)
        found.push({
          finding: makeFinding(analysis, {
            rule: 'detached-needs-reason',
            reason,
            file,
            span: marker,
            fn: 0,
            name: 'ctx:detached',
            safety: 'manual',
            chain: [],
            data: {},
          }),
        })
    }
  return found
}

function markerReason(analysis: Analysis, file: string, marker: Marker): Reason | undefined {
  if (marker.reason === '') return 'marker-without-reason'
  const mayBeUsed = analysis.usedMarkers.has(marker) || callsPackage(analysis, file, marker)
  return mayBeUsed ? undefined : 'marker-unused'
}

/** What a package that the catalog does not know does with a signal, only its types say, to hosts that read them. */
function callsPackage({ resolver: r }: Analysis, file: string, { target }: Marker): boolean {
  const calls = target ? exprsWithin(r.program.facts(file), target) : []
  return calls.some(
    (each) => each.k === 'call' && r.expr(file, each.callee).some(({ k }) => k === 'external'),
  )
}

export interface FindingParts {
  readonly rule: RuleName
  readonly reason: Reason
  readonly file: string
  readonly span: Span
  readonly fn: number
  readonly name: string
  readonly safety: Safety
  readonly chain: readonly ChainLink[]
  readonly data: Readonly<Record<string, string>>
}

export function makeFinding(analysis: Analysis, parts: FindingParts): Finding {
  const facts = analysis.resolver.program.facts(parts.file)
  const start = locationOf(facts.lineStarts, parts.span.start)
  const end = locationOf(facts.lineStarts, parts.span.end)
  const via = parts.chain.slice(1).map((each) => each.name)
  const words: Record<string, string> = {
    ...parts.data,
    name: `\`${parts.name}\``,
    source: parts.data['source'] === undefined ? '' : `\`${parts.data['source']}\``,
    chain: via.length === 0 ? '' : ` It leads to ${via.join(' → ')}.`,
  }
  return {
    rule: parts.rule,
    reason: parts.reason,
    message: reasonWords[parts.reason].replace(/\{(\w+)\}/g, (_, key: string) => words[key] ?? ''),
    words,
    file: parts.file,
    start: parts.span.start,
    end: parts.span.end,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    chain: parts.chain,
    safety: parts.safety,
    fingerprint: `${parts.rule}:${parts.file}:${functionPath(analysis, parts.file, parts.fn)}:${parts.name}`,
  }
}

/** `UserRepo.byId`: stays the same when lines move. */
export function functionPath(analysis: Analysis, file: string, id: number): string {
  const { program } = analysis.resolver
  const names: string[] = []
  for (let at: number | undefined = id; at !== undefined && at !== 0;) {
    const fn = program.fn(file, at)
    const owner =
      fn.cls !== undefined && fn.kind !== 'arrow' ? `${program.cls(file, fn.cls).name}.` : ''
    names.unshift(`${owner}${fn.name === '' ? 'callback' : fn.name}`)
    at = fn.parent
  }
  return names.join('/')
}

/** Equal fingerprints are told apart by their order in the file. */
function numbered(found: readonly Found[]): Found[] {
  const counts = new Map<string, number>()
  return found
    .toSorted((a, b) => a.finding.start - b.finding.start)
    .map((each) => {
      const { fingerprint } = each.finding
      const count = counts.get(fingerprint) ?? 0
      counts.set(fingerprint, count + 1)
      return { ...each, finding: { ...each.finding, fingerprint: `${fingerprint}:${count}` } }
    })
}
