import type { Report, SinkReport } from '@ctx-fix/core'
import { bySite, type Proof, type ProvenSite, type ProvenStatus } from './proof.js'

/**
 * How what the linter believes of a call compares with what the database did.
 *
 * - `disagrees`: believed to be bound and not cancelled, or believed to be unbound and cancelled.
 * - `unproven`: no test has put it to the test, or not all that goes through it.
 */
export type Agreement = 'disagrees' | 'agrees' | 'unproven'

export interface JoinedSite {
  readonly file: string
  readonly line: number
  readonly api?: string
  /** `undefined` for a call that the linter does not know. */
  readonly believed: SinkReport['status'] | undefined
  readonly proven: ProvenStatus
  readonly agreement: Agreement
  readonly entryPoints: ProvenSite['entryPoints']
}

const ORDER: readonly Agreement[] = ['disagrees', 'agrees', 'unproven']

/** Joins the proof with the report, by file and line: disagreements first. */
export function joinProof(report: Report, proof: Proof): JoinedSite[] {
  const siteOf = matchSites(report.sinks, proof.sites)
  const joined: JoinedSite[] = []
  for (const sink of report.sinks) {
    const { file, line, api, status } = sink
    const site = siteOf.get(sink)
    const result = site?.status ?? 'not-reached'
    joined.push({
      file,
      line,
      api,
      believed: status,
      proven: result,
      agreement: compare(status, result),
      entryPoints: site?.entryPoints ?? [],
    })
  }
  // The runtime has seen calls that the linter has not.
  const matched = new Set(siteOf.values())
  for (const site of proof.sites) {
    const { file, line, status, entryPoints } = site
    if (status === 'not-reached' || matched.has(site)) continue
    const agreement = compare(undefined, status)
    joined.push({ file, line, believed: undefined, proven: status, agreement, entryPoints })
  }
  return joined.sort(
    (a, b) => ORDER.indexOf(a.agreement) - ORDER.indexOf(b.agreement) || bySite(a, b),
  )
}

/**
 * Which call site of the runtime's each sink of the linter's is. A stack shows the line of the last name of a
 * callee, which may be any of those that the call is broken over. A call inside another's arguments is its own. A
 * site at no sink is that of the one sink above it, in the same file, that serves the same entry point.
 */
export function matchSites(
  sinks: readonly SinkReport[],
  sites: readonly ProvenSite[],
): Map<SinkReport, ProvenSite> {
  const found = new Map<SinkReport, ProvenSite>()
  for (const site of sites) {
    for (const sink of innermost(sinks.filter((each) => isOver(each, site)))) {
      const other = found.get(sink)
      // Of two, the later is one inside an argument of which the linter does not know.
      if (other === undefined || site.line < other.line) found.set(sink, site)
    }
  }
  const matched = new Set(found.values())
  for (const site of sites) {
    if (matched.has(site)) continue
    const [sink, ...others] = sinks.filter((each) => !found.has(each) && mayBeSentAt(each, site))
    if (sink !== undefined && others.length === 0) found.set(sink, site)
  }
  return found
}

/** What is lazy, as a stream, is made by a call and sent further down, where it is iterated. */
function mayBeSentAt(sink: SinkReport, site: ProvenSite): boolean {
  return (
    sink.file === site.file &&
    sink.endLine < site.line &&
    // The linter says where each is: `GET /books (src/app.ts:7)`.
    site.entryPoints.some(({ name }) =>
      sink.entryPoints.some((each) => each.startsWith(`${name} (`)),
    )
  )
}

function isOver(sink: SinkReport, site: ProvenSite): boolean {
  return sink.file === site.file && sink.line <= site.line && site.line <= sink.endLine
}

/** More than one where a line has several. */
function innermost(sinks: readonly SinkReport[]): SinkReport[] {
  const shortest = Math.min(...sinks.map(heightOf))
  return sinks.filter((sink) => heightOf(sink) === shortest)
}

function heightOf({ line, endLine }: SinkReport): number {
  return endLine - line
}

/** The statuses of calls that are not bound, and are known not to be. */
const isExpectedToRunOn: ReadonlySet<SinkReport['status'] | undefined> = new Set([
  'missing',
  'unsupported',
  'detached',
  'exempt',
])

function compare(believed: SinkReport['status'] | undefined, proven: ProvenStatus): Agreement {
  if (proven === 'not-reached' || proven === 'untested') return 'unproven'
  if (proven === 'ran-on' || proven === 'ended-otherwise')
    return isExpectedToRunOn.has(believed) ? 'agrees' : 'disagrees'
  if (proven === 'detached') return believed === 'detached' ? 'agrees' : 'disagrees'
  return believed === 'propagated' ? 'agrees' : 'disagrees'
}
