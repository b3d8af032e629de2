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
  /** The end of what the last run printed. */
  readonly output: string
}

/**
 * Runs the user's test command until a run puts no further statement to the test. One run cannot do
 * all, because a test whose request was cut off does not come to its next one.
 */
export async function runTests(
  command: readonly string[],
  options: { readonly withinMs: number; readonly runs: number; readonly timeoutMs: number },
  terminal: Terminal,
): Promise<TestRuns> {
  const preload = pathToFileURL(locate(PRELOAD, terminal.cwd)).href
  const insideJest = locate(`${PRELOAD}/jest`, terminal.cwd)
  const folder = mkdtempSync(join(tmpdir(), 'ctx-fix-proof-'))
  try {
    const settled = new Set<string>()
    let runs = 0
    let output = ''
    let known = 0
    let idle = 0
    while (runs < options.runs) {
      runs += 1
      const before = settled.size
      writeFileSync(join(folder, 'settled.json'), JSON.stringify([...settled]))
      const ended = await runOnce(command, terminal, options.timeoutMs, {
        NODE_OPTIONS: `${terminal.env['NODE_OPTIONS'] ?? ''} --import ${preload}`.trim(),
        CTX_FIX_PROVE: folder,
        CTX_FIX_PROVE_JEST: insideJest,
        CTX_FIX_PROVE_WITHIN: String(options.withinMs),
        // A set-up module of the project's own must not fail tests that fail anyway.
        CTX_FIX_LEDGER: 'record',
      })
      output = ended.output
      if (!ended.isByItself) {
        terminal.stderr.write(
          `run ${runs}: stopped after ${options.timeoutMs / 1_000} s, as the test command had not ended: does the runner need a switch for that, as mocha --exit?\n`,
        )
      }
      const lines = readLines(folder)
      for (const { verdict, key } of lines) if (verdict !== 'seen') settled.add(key)
      const added = settled.size - before
      if (added > 0) terminal.stderr.write(`run ${runs}: ${added} more put to the test\n`)
      else if (known > 0 && lines.length === known) terminal.stderr.write(silentRun(runs, output))
      else if (lines.every(({ key }) => settled.has(key))) break
      // A run that came to nothing, or whose processes ended before a verdict, is tried again, once.
      idle = added > 0 ? 0 : idle + 1
      if (idle === 2) break
      known = lines.length
    }
    return { lines: readLines(folder), runs, output }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A run that reaches what earlier ones have reached says so in lines of its own. */
function silentRun(run: number, output: string): string {
  const printed = output.trim().replace(/^/gm, '  ')
  return `run ${run}: the tests sent no statement while serving a request. They printed:\n${printed}\n`
}

const PRELOAD = '@ctx-fix/runtime/assert/prove'

function locate(module: string, cwd: string): string {
  try {
    return createRequire(join(cwd, 'any.js')).resolve(module)
  } catch {
    throw new UsageError(
      '@ctx-fix/runtime is not installed here: prove runs it with the tests (npm install --save-dev @ctx-fix/runtime)',
    )
  }
}

/** Characters of the output that are kept. */
const KEPT = 2_000

/** Runs the tests, and gives the end of what they print, with how they ended. */
async function runOnce(
  [program = '', ...args]: readonly string[],
  { cwd, env }: Terminal,
  timeoutMs: number,
  added: Record<string, string>,
): Promise<{ readonly output: string; readonly isByItself: boolean }> {
  const stdio = ['ignore', 'pipe', 'pipe'] as const
  // A group of its own, because runners start processes, and a shell starts runners.
  const detached = process.platform !== 'win32'
  const child = spawn(program, args, {
    cwd,
    env: { ...env, ...added },
    stdio: [...stdio],
    detached,
  })
  const end = { isByItself: true }
  const stop = (): void => {
    end.isByItself = false
    if (child.pid === undefined) return
    if (detached) process.kill(-child.pid, 'SIGKILL')
    else child.kill('SIGKILL')
  }
  // Which the terminal then no longer ends with this process.
  const leave = (): void => {
    stop()
    process.exit(130)
  }
  const timer = setTimeout(stop, timeoutMs)
  process.once('SIGINT', leave).once('SIGTERM', leave)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT)
    })
  }
  try {
    await once(child, 'close')
  } catch (error) {
    throw new UsageError(`${program} could not be run: ${(error as Error).message}`)
  } finally {
    clearTimeout(timer)
    process.off('SIGINT', leave).off('SIGTERM', leave)
  }
  const { isByItself } = end
  if (isByItself && child.exitCode !== 0) {
    output += `\n(it ended with ${child.signalCode ?? `code ${child.exitCode}`})`
  }
  return { output, isByItself }
}

function readLines(folder: string): ProofLine[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ProofLine)
}
