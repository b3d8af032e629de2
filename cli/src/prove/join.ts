import type { Report, SinkReport } from '@ctx-fix/core'
import { bySite, type Proof, type ProvenSite, type ProvenStatus } from './proof.js'

/**
 * How what the linter believes of a call compares with what the database did.
 *
 * - `disagrees`: believed to be bound and ran on, or believed to be unbound and cancelled.
 * - `unproven`: no test has put it to the test.
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

// A call that is broken over lines begins, for the linter, where its callee does; a stack shows the
// line of its last name.
const LONGEST_CALLEE = 10

/** Which call site of the runtime's each sink of the linter's is. */
export function matchSites(
  sinks: readonly SinkReport[],
  sites: readonly ProvenSite[],
): Map<SinkReport, ProvenSite> {
  const found = new Map<SinkReport, ProvenSite>()
  const free = new Set(sites)
  for (const offset of Array.from({ length: LONGEST_CALLEE }, (_, index) => index)) {
    const byPlace = new Map([...free].map((site) => [`${site.file}:${site.line}`, site]))
    for (const sink of sinks) {
      const site = byPlace.get(`${sink.file}:${sink.line + offset}`)
      if (site === undefined || found.has(sink)) continue
      found.set(sink, site)
      free.delete(site)
    }
  }
  return found
}

function compare(believed: SinkReport['status'] | undefined, proven: ProvenStatus): Agreement {
  if (proven === 'not-reached') return 'unproven'
  if (proven === 'ran-on') return believed === 'missing' ? 'agrees' : 'disagrees'
  if (proven === 'detached') return believed === 'detached' ? 'agrees' : 'disagrees'
  return believed === 'propagated' ? 'agrees' : 'disagrees'
}
