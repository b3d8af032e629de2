import type { Report } from '@ctx-fix/core'
import type { Host, ProjectInput } from '../host.js'
import { mergeReports, relocateReport } from '../merge-reports.js'

/** One report of all projects, with paths from the folder that the command was called in. */
export async function analyzeAll(
  inputs: readonly ProjectInput[],
  host: Host,
  cwd: string,
): Promise<Report> {
  const reports = []
  for (const input of inputs) {
    const { report } = await host.analyzeProject(input)
    reports.push(relocateReport(report, input.root, cwd))
  }
  return mergeReports(reports)
}
