import { CommanderError } from 'commander'
import type { Host } from './host.js'
import { createProgram } from './program.js'
import { createShortener } from './shown-path.js'
import { writeLine, type Terminal } from './terminal.js'
import { isUsageError } from './usage-error.js'
import { exitCodes, type ExitCode } from './verdict.js'

/**
 * Runs one command line and gives its exit code. Never prompts, never throws. `getHost` is for
 * tests of what lies around the host.
 */
export async function run(
  args: readonly string[],
  terminal: Terminal,
  getHost?: () => Promise<Host>,
): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.clean
  // Commands are imported when they are called: --help and --version stay quick.
  const program = createProgram(terminal, {
    async fix(paths, options) {
      const { runFix } = await import('./commands/fix.js')
      exitCode = await runFix(paths, options, terminal, getHost)
    },
    async check(paths, options) {
      const { runCheck } = await import('./commands/check.js')
      exitCode = await runCheck(paths, options, terminal, getHost)
    },
    async codemod(name, paths, options) {
      const [{ runFix }, { readCodemod }] = await Promise.all([
        import('./commands/fix.js'),
        import('./codemod-names.js'),
      ])
      const codemod = readCodemod(name, options.reason)
      exitCode = await runFix(paths, options, terminal, getHost, codemod)
    },
    async baseline(paths, options) {
      const { runBaseline } = await import('./commands/baseline.js')
      exitCode = await runBaseline(paths, options, terminal, getHost)
    },
    async prove(command, options) {
      const { runProve } = await import('./commands/prove.js')
      exitCode = await runProve(command, options, terminal, getHost)
    },
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    return explainFailure(error, terminal)
  }
}

function explainFailure(error: unknown, terminal: Terminal): ExitCode {
  // Commander has printed its own, and ends --help and --version this way too.
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.clean : exitCodes.failure
  }
  if (isUsageError(error)) writeLine(terminal, createShortener(terminal.cwd, '')(error.message))
  else writeLine(terminal, `internal error, please report it: ${describe(error)}`)
  return exitCodes.failure
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
