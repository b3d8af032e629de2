import type { Report, ReportedFinding, SinkStatus } from '@ctx-fix/core'
import type { Paint } from '../terminal.js'
import { getSentence, getWay } from './finding-text.js'
import { formatLeft } from './left.js'
import type { ReportContext, Reporter } from './reporter.js'
import { countBy, plural } from './words.js'
import { wrap } from './wrap.js'

/** For people: findings, what was recognised, and one line that sums the run up. */
export const reportStylish: Reporter = (report, context) => {
  const { paint } = context
  const left = report.findings.filter((finding) => !finding.fixed)
  const blocks = context.command === 'fix' ? formatLeft(left, context) : formatFiles(left, context)
  if (!context.isQuiet) {
    blocks.push(formatRecognised(report, paint))
    if (report.notices.length > 0) blocks.push(formatNotices(report, paint))
  }
  blocks.push(formatSummary(report, left, context))
  return `${blocks.join('\n\n')}\n`
}

function formatFiles(findings: readonly ReportedFinding[], context: ReportContext): string[] {
  const byFile = new Map<string, ReportedFinding[]>()
  for (const finding of findings) {
    const group = byFile.get(finding.file)
    if (group) group.push(finding)
    else byFile.set(finding.file, [finding])
  }
  const ruleWidth = Math.max(...findings.map(({ rule }) => rule.length))
  return [...byFile].map(([file, group]) =>
    [context.paint('underline', file), ...formatFindings(group, ruleWidth, context)].join('\n'),
  )
}

function formatFindings(
  findings: readonly ReportedFinding[],
  ruleWidth: number,
  { paint, width }: ReportContext,
): string[] {
  const places = findings.map(({ line, column }) => `${String(line)}:${String(column)}`)
  const placeWidth = Math.max(...places.map((place) => place.length))
  const indent = 2 + placeWidth + 2 + ruleWidth + 2
  return findings.flatMap((finding, index) => {
    const place = (places[index] ?? '').padStart(placeWidth)
    const start = `  ${place}  ${finding.rule.padEnd(ruleWidth)}  `
    const lines = [paint('dim', start) + wrap(getSentence(finding), indent, width)]
    const way = getWay(finding)
    if (way) lines.push(' '.repeat(indent) + paint('dim', wrap(way, indent, width)))
    return lines
  })
}

function formatRecognised({ summary, sinks }: Report, paint: Paint): string {
  const names = countBy(sinks, (sink) => sink.library).map(
    ([name, count]) => `${name} (${plural(count, 'call')})`,
  )
  const reaching = new Set(sinks.flatMap((sink) => sink.entryPoints)).size
  const statuses = countBy(sinks, (sink) => sink.status).map(
    ([status, count]) => `${String(count)} ${statusWords[status]}`,
  )
  return [
    paint('bold', 'Recognised'),
    `  libraries     ${names.join(', ') || 'none'}`,
    `  entry points  ${String(summary.entryPoints)}${reaching > 0 ? `, of which ${String(reaching)} reach such a call` : ''}`,
    `  calls         ${String(summary.sinks)}${statuses.length > 0 ? `: ${statuses.join(', ')}` : ''}`,
    `  in            ${plural(summary.files, 'file')}, ${plural(summary.functions, 'function')}, ${(summary.ms / 1000).toFixed(1)} s`,
  ].join('\n')
}

const statusWords: Record<SinkStatus, string> = {
  propagated: 'with a signal',
  missing: 'without',
  detached: 'detached',
  exempt: 'exempt',
  unsupported: 'not supported',
}

function formatNotices({ notices }: Report, paint: Paint): string {
  return notices.map(({ message }) => `${paint('yellow', 'note')}  ${message}`).join('\n')
}

function formatSummary(
  { summary, libraries }: Report,
  left: readonly ReportedFinding[],
  { command, isWritten, paint }: ReportContext,
): string {
  const isClean = left.length === 0
  // Nothing found where nothing was seen is no clean bill of health.
  if (isClean && libraries.every((each) => each.sinks === 0))
    return paint('yellow', 'no call to a database or a service was recognised: nothing to judge')
  const found = `${isClean ? '✔' : '✖'} ${plural(left.length, 'finding')}`
  const parts = [command === 'fix' && !isClean ? `${found} left` : found]
  if (command === 'fix') {
    parts.push(`${String(summary.fixed)} fixed`)
    if (summary.rolledBack > 0) {
      parts.push(`${plural(summary.rolledBack, 'edit')} rolled back by the type-check`)
    }
    if (!isWritten) parts.push('nothing was written')
  }
  const line = paint(isClean ? 'green' : 'red', parts.join(', '))
  const fixable = command === 'check' ? left.filter((each) => each.safety === 'safe').length : 0
  return fixable === 0
    ? line
    : `${line}\n  ${String(fixable)} may be fixed automatically: ctx-fix --diff shows the patch`
}
