import { relative, resolve } from 'node:path'
import type { Report, Summary } from '@ctx-fix/core'
import { findRepository } from './discovery/git.js'
import { createShortener, toPosix } from './shown-path.js'

/**
 * The report of one project, with its paths relative to where the command was called. Fingerprints
 * have to be the same from everywhere: theirs are relative to the repository.
 */
export function relocateReport(report: Report, root: string, cwd: string): Report {
  const toShown = (file: string) => toPosix(relative(cwd, resolve(root, file)))
  const toStable = createShortener(findRepository(root) ?? root, '')
  const toReadable = createShortener(root, toPosix(relative(cwd, root)))
  return {
    ...report,
    sinks: report.sinks.map((sink) => ({
      ...sink,
      file: toShown(sink.file),
      entryPoints: sink.entryPoints.map((name) => shortenPlace(name, toShown)),
    })),
    findings: report.findings.map((finding) => ({
      ...finding,
      file: toShown(finding.file),
      chain: finding.chain.map((link) => ({ ...link, file: toShown(link.file) })),
      fingerprint: toStable(finding.fingerprint),
    })),
    notices: report.notices.map((notice) => ({ ...notice, message: toReadable(notice.message) })),
  }
}

/** `GET /users (/home/me/shop/src/app.ts:12)` is `GET /users (src/app.ts:12)`. */
function shortenPlace(name: string, toShown: (file: string) => string): string {
  return name.replace(/ \((.+):(\d+)\)$/, (_, file: string, line: string) => {
    return ` (${toShown(file)}:${line})`
  })
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
