import { append, refusalWords, type Reason, type ReportedFinding } from '@ctx-fix/core'
import type { ReportContext } from './reporter.js'
import { getSentence } from './finding-text.js'
import { plural } from './words.js'
import { wrap } from './wrap.js'

/** What to do about findings of which no refusal says why they were left. */
const cures: Partial<Record<Reason, string>> = {
  'sink-without-signal-no-source':
    'no request is known to reach these: give the function a signal and pass one, or mark the call',
  'deferred-work-unmarked': 'this work outlives the request: mark it, or pass the signal',
  'unawaited-work-unmarked': 'nobody awaits this work: mark it, or pass the signal',
  'shared-work-unmarked': 'several callers wait for this work: give it a deadline, and mark it',
  'outlived-work-unmarked':
    'this work is done later, or for others: give it a deadline, and mark it',
  'marker-without-reason': 'write down why',
  'marker-unused': 'remove the marker',
}

const otherwise = 'no edit is known that is safe here: do by hand what the message says'

/** What a rewrite left, grouped by why. */
export function formatLeft(left: readonly ReportedFinding[], context: ReportContext): string[] {
  const groups = new Map<string, ReportedFinding[]>()
  for (const finding of left) {
    const why = getWhy(finding)
    append(groups, why, finding)
  }
  return [...groups]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([why, findings]) => formatGroup(why, findings, context))
}

function getWhy({ refusal, reason }: ReportedFinding): string {
  return refusal === undefined ? (cures[reason] ?? otherwise) : refusalWords[refusal]
}

function formatGroup(
  why: string,
  findings: readonly ReportedFinding[],
  { paint, width }: ReportContext,
): string {
  const title = `Left, ${plural(findings.length, 'finding')}: ${why}`
  return [
    paint('bold', wrap(title, 2, width)),
    ...findings.flatMap((finding) => [
      `  ${finding.file}:${String(finding.line)}:${String(finding.column)}  ${paint('dim', finding.rule)}`,
      `    ${wrap(getSentence(finding), 4, width)}`,
    ]),
  ].join('\n')
}
