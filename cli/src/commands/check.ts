import { loadHost, type Host } from '../host.js'
import { mergeReports, relocateReport } from '../merge-reports.js'
import type { Terminal } from '../terminal.js'
import type { ExitCode } from '../verdict.js'
import { conclude } from './conclude.js'
import { collectInputs } from './inputs.js'
import type { CheckOptions } from './options.js'

/** Reports and changes nothing. */
export async function runCheck(
  paths: readonly string[],
  options: CheckOptions,
  terminal: Terminal,
  getHost: () => Promise<Host> = loadHost,
): Promise<ExitCode> {
  const inputs = await collectInputs(paths, options, terminal.cwd)
  const host = await getHost()
  const reports = []
  for (const input of inputs) {
    const { report } = await host.analyzeProject(input)
    reports.push(relocateReport(report, input.root, terminal.cwd))
  }
  return conclude(
    mergeReports(reports),
    inputs,
    { command: 'check', isWritten: false },
    options,
    terminal,
  )
}
