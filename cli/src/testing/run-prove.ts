import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Proof, ProvenSite } from '../prove/proof.js'
import { bin } from './bin.js'
import { createRepository } from './workspace.js'

export interface ProveRun {
  /** By path; the test command finds them in its working directory. */
  readonly files: Record<string, string>
  /** What is proven, run by Node. */
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly runs: number
  readonly withinMs: number
}

/** Runs `ctx-fix prove` as a user does, with little of the environment of the test that calls it. */
export async function runProve({
  files,
  command,
  env: added,
  runs,
  withinMs,
}: ProveRun): Promise<{ sites: readonly ProvenSite[]; status: number | null; output: string }> {
  const { root, read } = createRepository(files)
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, NO_COLOR: '1', ...added }
  const options = ['--runs', String(runs), '--within', String(withinMs)]
  const args = [bin, 'prove', ...options, '--', process.execPath, ...command]
  const child = spawn(process.execPath, args, { cwd: root, env })
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  const { sites } = JSON.parse(read('ctx-proof.json')) as Proof
  return { sites, status: child.exitCode, output: stdout + stderr }
}
