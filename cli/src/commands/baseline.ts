import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { makeBaseline } from '../baseline.js'
import { loadHost, type Host } from '../host.js'
import { plural } from '../reporters/words.js'
import { writeLine, type Terminal } from '../terminal.js'
import { exitCodes, type ExitCode } from '../verdict.js'
import { analyzeAll } from './analyze.js'
import { collectInputs } from './inputs.js'
import type { CheckOptions } from './options.js'

export interface BaselineOptions extends CheckOptions {
  readonly out: string
}

/** Writes down what is found now, so that `check --baseline` reports only what is new. */
export async function runBaseline(
  paths: readonly string[],
  options: BaselineOptions,
  terminal: Terminal,
  getHost: () => Promise<Host> = loadHost,
): Promise<ExitCode> {
  const inputs = await collectInputs(paths, options, terminal.cwd)
  const host = await getHost()
  const report = await analyzeAll(inputs, host, terminal.cwd)
  const baseline = makeBaseline(report)
  writeFileSync(resolve(terminal.cwd, options.out), `${JSON.stringify(baseline, undefined, 2)}\n`)
  const count = Object.values(baseline.findings).flat().length
  writeLine(
    terminal,
    `${plural(count, 'finding')} in ${options.out}: ctx-fix check --baseline ${options.out}`,
  )
  return exitCodes.clean
}
