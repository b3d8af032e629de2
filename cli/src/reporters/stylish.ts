import type { Report, ReportedFinding } from '@ctx-fix/core'
import type { Paint } from '../terminal.js'
import type { ReportContext, Reporter } from './reporter.js'
import { countBy, plural } from './words.js'

/** For people: findings by file, what was recognised, and one line that sums the run up. */
export const reportStylish: Reporter = (report, context) => {
  const { paint } = context
  const left = report.findings.filter((finding) => !finding.fixed)
  const blocks = formatFiles(left, paint)
  if (context.command === 'fix' && left.length > 0) blocks.push(formatRefusals(left, paint))
  if (!context.isQuiet) {
    blocks.push(formatRecognised(report, paint))
    if (report.notices.length > 0) blocks.push(formatNotices(report, paint))
  }
  blocks.push(formatSummary(report, left.length, context))
  return `${blocks.join('\n\n')}\n`
}

function formatFiles(findings: readonly ReportedFinding[], paint: Paint): string[] {
  const byFile = new Map<string, ReportedFinding[]>()
  for (const finding of findings) {
    const group = byFile.get(finding.file)
    if (group) group.push(finding)
    else byFile.set(finding.file, [finding])
  }
  return [...byFile].map(([file, group]) =>
    [paint('underline', file), ...formatFindings(group, paint)].join('\n'),
  )
}

function formatFindings(findings: readonly ReportedFinding[], paint: Paint): string[] {
  const places = findings.map(({ line, column }) => `${String(line)}:${String(column)}`)
  const width = Math.max(...places.map((place) => place.length))
  return findings.flatMap((finding, index) => {
    const place = paint('dim', (places[index] ?? '').padStart(width))
    const lines = [`  ${place}  ${finding.message}  ${paint('dim', finding.rule)}`]
    const chain = finding.chain.map((link) => link.name).join(' → ')
    // A message that already walks the chain is not followed by it once more.
    if (finding.chain.length > 1 && !finding.message.includes(chain)) {
      lines.push(`  ${' '.repeat(width)}  ${paint('dim', `via ${chain}`)}`)
    }
    return lines
  })
}

function formatRefusals(left: readonly ReportedFinding[], paint: Paint): string {
  const counts = countBy(left, getRefusal)
  const width = String(counts[0]?.[1] ?? 0).length
  return [
    paint('bold', 'Left as they are'),
    ...counts.map(([why, count]) => `  ${String(count).padStart(width)}  ${why}`),
  ].join('\n')
}

function getRefusal({ refusal, safety }: ReportedFinding): string {
  return refusal ?? (safety === 'suggestion' ? 'for a person to decide' : 'no safe edit is known')
}

function formatRecognised({ summary, libraries, sinks }: Report, paint: Paint): string {
  const names = libraries.map(({ name, sinks: count }) =>
    count > 0 ? `${name} (${plural(count, 'sink')})` : name,
  )
  const reaching = new Set(sinks.flatMap((sink) => sink.entryPoints)).size
  const statuses = countBy(sinks, (sink) => sink.status).map(
    ([status, count]) => `${String(count)} ${status}`,
  )
  return [
    paint('bold', 'Recognised'),
    `  libraries     ${names.join(', ') || 'none'}`,
    `  entry points  ${String(summary.entryPoints)}${reaching > 0 ? `, of which ${String(reaching)} reach a sink` : ''}`,
    `  sinks         ${String(summary.sinks)}${statuses.length > 0 ? `: ${statuses.join(', ')}` : ''}`,
    `  in            ${plural(summary.files, 'file')}, ${plural(summary.functions, 'function')}, ${(summary.ms / 1000).toFixed(1)} s`,
  ].join('\n')
}

function formatNotices({ notices }: Report, paint: Paint): string {
  return notices.map(({ message }) => `${paint('yellow', 'note')}  ${message}`).join('\n')
}

function formatSummary({ summary }: Report, left: number, context: ReportContext): string {
  const isClean = left === 0
  const parts = [`${isClean ? '✔' : '✖'} ${plural(left, 'finding')}`]
  if (context.command === 'fix') {
    parts[0] += isClean ? '' : ' left'
    parts.push(`${String(summary.fixed)} fixed`)
    if (summary.rolledBack > 0) parts.push(`${String(summary.rolledBack)} rolled back`)
    if (!context.isWritten) parts.push('nothing was written')
  }
  return context.paint(isClean ? 'green' : 'red', parts.join(', '))
}
