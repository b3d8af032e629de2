import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Needs `npm run build`: this is the file that npm links as `ctx-fix`. */
export const bin = fileURLToPath(new URL('../../bin/ctx-fix.js', import.meta.url))

export interface BinOutcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** One command line in a process of its own, as a user's shell would run it. */
export function runBin(cwd: string, ...args: readonly string[]): BinOutcome {
  return runCommand(cwd, process.execPath, bin, ...args)
}

/**
 * The same as a user for whom the modes of files hold. The superuser, as which containers run, lays down the
 * power to pass over them, and stays the owner of what the test has written.
 */
export function runBinBoundByModes(cwd: string, ...args: readonly string[]): BinOutcome {
  if (process.getuid?.() !== 0) return runBin(cwd, ...args)
  const powerless = ['--inh-caps=-all', '--bounding-set=-all']
  return runCommand(cwd, 'setpriv', ...powerless, '--', process.execPath, bin, ...args)
}

function runCommand(cwd: string, command: string, ...args: readonly string[]): BinOutcome {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { status, stdout, stderr }
}
