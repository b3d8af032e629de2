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
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { status, stdout, stderr }
}
