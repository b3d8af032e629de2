import type { Host } from '../host.js'
import { run } from '../run.js'

export interface Outcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** One command line, in this process. */
export async function runIn(cwd: string, args: readonly string[], host?: Host): Promise<Outcome> {
  const written = { stdout: '', stderr: '' }
  const exitCode = await run(
    args,
    {
      cwd,
      env: {},
      stdout: { write: (text) => (written.stdout += text) },
      stderr: { write: (text) => (written.stderr += text) },
    },
    host && (() => Promise.resolve(host)),
  )
  return { exitCode, ...written }
}
