import type { Report } from '@ctx-fix/core'
import { findDatabaseDependencies } from '../database-packages.js'
import type { ProjectInput } from '../host.js'
import { reporters } from '../reporters/index.js'
import type { ReportContext } from '../reporters/reporter.js'
import { canColour, createPaint, writeLine, type Terminal } from '../terminal.js'
import { decideVerdict, type ExitCode } from '../verdict.js'
import type { FixOptions } from './options.js'

/** Prints the report and decides the exit code: the end of every run. */
export function conclude(
  report: Report,
  inputs: readonly ProjectInput[],
  run: Pick<ReportContext, 'command' | 'isWritten'>,
  options: Partial<FixOptions>,
  terminal: Terminal,
): ExitCode {
  // With --diff, stdout is the patch, for `git apply`.
  const output = options.diff ? terminal.stderr : terminal.stdout
  const paint = createPaint(canColour(output, terminal.env))
  const print = reporters[options.reporter ?? 'stylish']
  const isQuiet = options.quiet ?? false
  output.write(print(report, { ...run, isQuiet, paint, width: output.columns }))
  const databases = new Set(inputs.flatMap((input) => findDatabaseDependencies(input.root)))
  const verdict = decideVerdict(report, [...databases])
  if (verdict.warning) writeLine(terminal, verdict.warning)
  return verdict.exitCode
}
