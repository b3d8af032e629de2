import { locationOf } from '../facts/text.js'
import type { Span } from '../facts/types.js'
import type { Analysis, Judgement } from '../graph/analysis.js'
import { fnKey, type CallNode, type FnKey } from '../graph/model.js'
import type { ChainLink, Finding, RuleName, Safety } from './finding.js'
import type { Reason } from './reasons.js'
import { reasonWords } from './words.js'

/** A finding with the judgement that it rests on, for those who plan edits. */
export interface Found {
  readonly finding: Finding
  readonly judgement?: Judgement
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
