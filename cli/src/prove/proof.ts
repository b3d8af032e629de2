/** What `ctx-fix prove` found out about a call site. */
export type ProvenStatus =
  /** PostgreSQL ended its statement when the client went, for each entry point that was tried. */
  | 'proven-cancelled'
  /** The statement went on for at least one of them. */
  | 'ran-on'
  /** It is marked as work that outlives its request. */
  | 'detached'
  /** No test reached it, or none long enough. */
  | 'not-reached'

export interface ProvenPlace {
  /** Relative to the folder of the proof. */
  readonly file: string
  readonly line: number
}

export interface ProvenEntryPoint {
  readonly name: string
  readonly status: ProvenStatus
  /** Milliseconds from the disconnect until PostgreSQL had left the statement. */
  readonly stoppedAfterMs?: number
  /** The rule that finds why it ran on. */
  readonly rule?: string
  /** Where a signal that the entry point had is not passed on. */
  readonly lostAt?: ProvenPlace
  readonly chain: readonly string[]
}

export interface ProvenSite extends ProvenPlace {
  readonly status: ProvenStatus
  readonly sql?: string
  readonly entryPoints: readonly ProvenEntryPoint[]
}

/** The content of `ctx-proof.json`. */
export interface Proof {
  readonly version: 1
  readonly command: readonly string[]
  readonly runs: number
  /** Within how many milliseconds of the disconnect a statement had to end. */
  readonly withinMs: number
  readonly sites: readonly ProvenSite[]
}

/** One line of what the runtime writes while the tests run. */
export interface ProofLine {
  readonly entryPoint: string
  readonly file: string
  readonly line: number
  readonly sql: string
  readonly chain: readonly string[]
  readonly verdict: 'cancelled' | 'ran-on' | 'detached' | 'seen'
  readonly stoppedAfterMs?: number
  readonly rule?: string
  readonly lostAt?: { readonly file: string; readonly line: number }
}

const STATUS: Record<ProofLine['verdict'], ProvenStatus> = {
  cancelled: 'proven-cancelled',
  'ran-on': 'ran-on',
  detached: 'detached',
  seen: 'not-reached',
}

/** The worst comes first: a site is only as good as the worst of its entry points. */
const WORST_FIRST: readonly ProvenStatus[] = [
  'ran-on',
  'proven-cancelled',
  'detached',
  'not-reached',
]

/** Joins what all processes of all runs have written, by call site. */
export function sitesOf(
  lines: readonly ProofLine[],
  shown: (file: string) => string,
): ProvenSite[] {
  const sites = new Map<string, { first: ProofLine; entries: Map<string, ProvenEntryPoint> }>()
  for (const line of lines) {
    const key = `${line.file}:${line.line}`
    const site = sites.get(key) ?? { first: line, entries: new Map<string, ProvenEntryPoint>() }
    sites.set(key, site)
    const status = STATUS[line.verdict]
    const known = site.entries.get(line.entryPoint)
    if (known !== undefined && rank(known.status) <= rank(status)) continue
    const { entryPoint: name, chain, stoppedAfterMs, rule, lostAt } = line
    site.entries.set(name, {
      name,
      status,
      chain,
      ...(stoppedAfterMs === undefined ? {} : { stoppedAfterMs }),
      ...(rule === undefined ? {} : { rule }),
      ...(lostAt === undefined ? {} : { lostAt: { file: shown(lostAt.file), line: lostAt.line } }),
    })
  }
  return [...sites.values()].map(({ first, entries }) => {
    const entryPoints = [...entries.values()].sort((a, b) => a.name.localeCompare(b.name))
    return {
      file: shown(first.file),
      line: first.line,
      status: worstOf(entryPoints.map(({ status }) => status)),
      sql: first.sql,
      entryPoints,
    }
  })
}

/** The same file and line in reading order. */
export function bySite(
  a: { file: string; line: number },
  b: { file: string; line: number },
): number {
  return a.file.localeCompare(b.file) || a.line - b.line
}

function worstOf(statuses: readonly ProvenStatus[]): ProvenStatus {
  return WORST_FIRST.find((each) => statuses.includes(each)) ?? 'not-reached'
}

function rank(status: ProvenStatus): number {
  return WORST_FIRST.indexOf(status)
}
