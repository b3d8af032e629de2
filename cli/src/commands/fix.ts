import { requireCommitted } from '../guard.js'
import {
  loadHost,
  type CodemodRequest,
  type FileChange,
  type FixResult,
  type Host,
  type PreparedWrite,
} from '../host.js'
import { mergeReports, relocateReport } from '../merge-reports.js'
import { createShortener } from '../shown-path.js'
import { canColour, createPaint, writeLine, type Terminal } from '../terminal.js'
import type { ExitCode } from '../verdict.js'
import { conclude } from './conclude.js'
import { collectInputs } from './inputs.js'
import type { FixOptions } from './options.js'

/** Plans every change in every project (those of one codemod, where one is named), and only then writes. */
export async function runFix(
  paths: readonly string[],
  options: FixOptions,
  terminal: Terminal,
  getHost: () => Promise<Host> = loadHost,
  codemod?: CodemodRequest,
): Promise<ExitCode> {
  const inputs = await collectInputs(paths, options, terminal.cwd)
  const host = await getHost()
  const results: FixResult[] = []
  const reports = []
  for (const input of inputs) {
    const result = await host.fixProject(input, {
      verify: options.verify,
      todo: options.todo === true,
      updateTests: options.updateTests === true,
      ...(codemod ? { codemod } : {}),
    })
    results.push(result)
    reports.push(relocateReport(result.report, input.root, terminal.cwd))
  }
  const changes = results.flatMap((result) => result.changes)
  const isWritten = !options.dryRun && !options.diff
  if (isWritten) {
    if (!options.allowDirty) guard(changes, terminal)
    await writeAll(results)
  }
  if (options.diff) await writeDiff(changes, terminal)
  const exitCode = conclude(
    mergeReports(reports),
    inputs,
    { command: 'fix', isWritten },
    options,
    terminal,
  )
  const toShown = createShortener(terminal.cwd, '')
  for (const hint of new Set(results.map((result) => result.installHint))) {
    if (hint) writeLine(terminal, toShown(hint))
  }
  return exitCode
}

/** Nothing is written in one project where another must not be. */
async function writeAll(results: readonly FixResult[]): Promise<void> {
  const prepared: PreparedWrite[] = []
  try {
    for (const result of results) prepared.push(await result.prepareWrite())
  } catch (error) {
    for (const each of prepared) await each.discard()
    throw error
  }
  for (const write of prepared) await write()
}

function guard(changes: readonly FileChange[], terminal: Terminal): void {
  const answer = requireCommitted(
    changes.map((change) => change.file),
    terminal.cwd,
  )
  if (answer === 'not-in-git') {
    writeLine(terminal, 'these files are not in git, which therefore cannot undo the changes')
  }
}

async function writeDiff(changes: readonly FileChange[], terminal: Terminal): Promise<void> {
  const { formatDiff } = await import('../diff.js')
  const paint = createPaint(canColour(terminal.stdout, terminal.env))
  terminal.stdout.write(formatDiff(changes, terminal.cwd, paint))
}
