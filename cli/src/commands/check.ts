import { DEFAULT_BASELINE, readBaseline, withoutKnown } from '../baseline.js'
import { loadHost, type Host } from '../host.js'
import { joinProof } from '../prove/join.js'
import { printJoined } from '../prove/print.js'
import { readProof } from '../prove/read.js'
import { canColour, createPaint, type Terminal } from '../terminal.js'
import { exitCodes, type ExitCode } from '../verdict.js'
import { analyzeAll } from './analyze.js'
import { conclude } from './conclude.js'
import { collectInputs } from './inputs.js'
import type { CheckOptions } from './options.js'

/** Reports and changes nothing. */
export async function runCheck(
  paths: readonly string[],
  options: CheckOptions,
  terminal: Terminal,
  getHost: () => Promise<Host> = loadHost,
): Promise<ExitCode> {
  const proof = options.proof === undefined ? undefined : readProof(options.proof, terminal.cwd)
  const baseline =
    options.baseline === undefined ? undefined : readBaseline(options.baseline, terminal.cwd)
  const inputs = await collectInputs(paths, options, terminal.cwd)
  const host = await getHost()
  const all = await analyzeAll(inputs, host, terminal.cwd)
  const merged =
    baseline === undefined ? all : withoutKnown(all, baseline, options.baseline ?? DEFAULT_BASELINE)
  const joined = proof === undefined ? [] : joinProof(merged, proof)
  const isJson = options.reporter === 'json'
  if (proof !== undefined && !isJson) {
    const paint = createPaint(canColour(terminal.stdout, terminal.env))
    terminal.stdout.write(printJoined(joined, paint))
  }
  const exitCode = conclude(
    proof !== undefined && isJson ? Object.assign(merged, { proof: joined }) : merged,
    inputs,
    { command: 'check', isWritten: false },
    options,
    terminal,
  )
  const isDisputed = joined.some(({ agreement }) => agreement === 'disagrees')
  return exitCode === exitCodes.clean && isDisputed ? exitCodes.findingsLeft : exitCode
}
