import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Terminal } from '../terminal.js'
import { UsageError } from '../usage-error.js'
import type { ProofLine } from './proof.js'

export interface TestRuns {
  readonly lines: readonly ProofLine[]
  readonly runs: number
}

/**
 * Runs the user's test command until a run puts no further call site to the test. One run cannot do
 * all, because a test whose request was cut off does not come to its next one.
 */
export async function runTests(
  command: readonly string[],
  options: { readonly withinMs: number; readonly runs: number },
  terminal: Terminal,
): Promise<TestRuns> {
  const preload = pathToFileURL(locatePreload(terminal.cwd)).href
  const folder = mkdtempSync(join(tmpdir(), 'ctx-fix-proof-'))
  try {
    const settled = new Set<string>()
    let runs = 0
    while (runs < options.runs) {
      runs += 1
      const before = settled.size
      writeFileSync(join(folder, 'settled.json'), JSON.stringify([...settled]))
      await runOnce(command, terminal, {
        NODE_OPTIONS: `${terminal.env['NODE_OPTIONS'] ?? ''} --import ${preload}`.trim(),
        CTX_FIX_PROVE: folder,
        CTX_FIX_PROVE_WITHIN: String(options.withinMs),
        // A set-up module of the project's own must not fail tests that fail anyway.
        CTX_FIX_LEDGER: 'record',
      })
      for (const { verdict, entryPoint, file, line } of readLines(folder)) {
        if (verdict !== 'seen') settled.add(`${entryPoint} ${file}:${line}`)
      }
      if (settled.size === before) break
      terminal.stderr.write(`run ${runs}: ${settled.size - before} more put to the test\n`)
    }
    return { lines: readLines(folder), runs }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function locatePreload(cwd: string): string {
  try {
    return createRequire(join(cwd, 'any.js')).resolve('@ctx-fix/runtime/assert/prove')
  } catch {
    throw new UsageError(
      '@ctx-fix/runtime is not installed here: prove runs it with the tests (npm install --save-dev @ctx-fix/runtime)',
    )
  }
}

async function runOnce(
  [program = '', ...args]: readonly string[],
  { cwd, env }: Terminal,
  added: Record<string, string>,
): Promise<void> {
  // The tests fail where requests are cut off; what they print is about that.
  const child = spawn(program, args, { cwd, env: { ...env, ...added }, stdio: 'ignore' })
  try {
    await once(child, 'close')
  } catch (error) {
    throw new UsageError(`${program} could not be run: ${(error as Error).message}`)
  }
}

function readLines(folder: string): ProofLine[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ProofLine)
}
