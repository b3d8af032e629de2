import { writeFileSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { libraries, type Report, type SinkReport } from '@ctx-fix/core'
import { loadHost, type Host } from '../host.js'
import { mergeReports, relocateReport } from '../merge-reports.js'
import { matchSites } from '../prove/join.js'
import { printProof } from '../prove/print.js'
import { bySite, sitesOf, type Proof, type ProvenSite, type ProvenStatus } from '../prove/proof.js'
import { runTests } from '../prove/run-tests.js'
import { canColour, createPaint, type Terminal } from '../terminal.js'
import { UsageError } from '../usage-error.js'
import { exitCodes, type ExitCode } from '../verdict.js'
import { collectInputs } from './inputs.js'

export interface ProveOptions {
  readonly out: string
  readonly runs: string
  readonly within: string
  readonly timeout: string
}

/** Runs the tests, cuts off each request at each of its statements, and writes what came of it. */
export async function runProve(
  command: readonly string[],
  options: ProveOptions,
  terminal: Terminal,
  getHost: () => Promise<Host> = loadHost,
): Promise<ExitCode> {
  const withinMs = positive('--within', options.within)
  const limit = positive('--runs', options.runs)
  const timeoutMs = positive('--timeout', options.timeout) * 1_000
  const { lines, runs, output } = await runTests(
    command,
    { withinMs, runs: limit, timeoutMs },
    terminal,
  )
  if (lines.length === 0) {
    throw new UsageError(
      'the tests sent no statement while serving a request: is the database there, is pg bundled or mocked, do they use HTTP?' +
        (output.trim() === '' ? '' : `\nThe tests printed:\n${output.trim().replace(/^/gm, '  ')}`),
    )
  }
  const sites = sitesOf(lines, (file) => relative(terminal.cwd, file).split(sep).join('/'))
  const report = await reportOf(terminal, getHost)
  if (report.sinks.length > 0 && matchSites(report.sinks, sites).size === 0) {
    terminal.stderr.write(
      `no statement came from a call that check knows: is ${sites[0]?.file ?? ''} compiled without source maps?\n`,
    )
  }
  const all = [...sites, ...unreached(report, sites)].sort(bySite)
  const proof: Proof = { version: 1, command, runs, withinMs, sites: all }
  writeFileSync(resolve(terminal.cwd, options.out), `${JSON.stringify(proof, null, 2)}\n`)
  terminal.stdout.write(printProof(proof, createPaint(canColour(terminal.stdout, terminal.env))))
  return sites.some(({ status }) => FAILS.has(status)) ? exitCodes.findingsLeft : exitCodes.clean
}

async function reportOf(terminal: Terminal, getHost: () => Promise<Host>): Promise<Report> {
  const host = await getHost()
  const inputs = await collectInputs([], {}, terminal.cwd)
  const reports = []
  for (const input of inputs) {
    const { report } = await host.analyzeProject(input)
    reports.push(relocateReport(report, input.root, terminal.cwd))
  }
  return mergeReports(reports)
}

/** What was reached and is not cancelled. */
const FAILS: ReadonlySet<ProvenStatus> = new Set(['ran-on', 'ended-otherwise'])

/**
 * Sinks that no test has come to, those included of which check knows no entry point: it may not know the framework.
 */
function unreached({ sinks }: Report, sites: readonly ProvenSite[]): ProvenSite[] {
  const siteOf = matchSites(sinks, sites)
  return sinks
    .filter((sink) => sink.status !== 'exempt' && !isElsewhere(sink) && !siteOf.has(sink))
    .map(({ file, line }) => ({ file, line, status: 'not-reached', entryPoints: [] }))
}

/** A call of another service, of which PostgreSQL knows nothing. */
function isElsewhere({ library }: SinkReport): boolean {
  return libraries.some(({ name, kind }) => name === library && kind !== 'database')
}

function positive(option: string, value: string): number {
  const number = Number(value)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw new UsageError(`${option} takes a positive number, not ${value}`)
}
