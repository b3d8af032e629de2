import { relative, resolve, sep } from 'node:path'
import type { Report, Summary } from '@ctx-fix/core'

/** The report of one project, with its paths relative to where the command was called. */
export function relocateReport(report: Report, root: string, cwd: string): Report {
  const toShown = (file: string) => relative(cwd, resolve(root, file)).split(sep).join('/')
  return {
    ...report,
    sinks: report.sinks.map((sink) => ({ ...sink, file: toShown(sink.file) })),
    findings: report.findings.map((finding) => ({
      ...finding,
      file: toShown(finding.file),
      chain: finding.chain.map((link) => ({ ...link, file: toShown(link.file) })),
    })),
  }
}

/** One report for all the projects that the given paths belong to. */
export function mergeReports(reports: readonly Report[]): Report {
  const notices = new Map(
    reports.flatMap((report) => report.notices).map((notice) => [notice.message, notice]),
  )
  const libraries = new Map<string, number>()
  for (const { name, sinks } of reports.flatMap((report) => report.libraries)) {
    libraries.set(name, (libraries.get(name) ?? 0) + sinks)
  }
  return {
    version: 1,
    summary: addSummaries(reports.map((report) => report.summary)),
    sinks: reports.flatMap((report) => report.sinks),
    findings: reports.flatMap((report) => report.findings),
    libraries: [...libraries].map(([name, sinks]) => ({ name, sinks })),
    notices: [...notices.values()],
  }
}

function addSummaries(summaries: readonly Summary[]): Summary {
  const add = (key: keyof Summary) => summaries.reduce((sum, summary) => sum + summary[key], 0)
  return {
    files: add('files'),
    functions: add('functions'),
    entryPoints: add('entryPoints'),
    sinks: add('sinks'),
    findings: add('findings'),
    fixed: add('fixed'),
    rolledBack: add('rolledBack'),
    ms: add('ms'),
  }
}
