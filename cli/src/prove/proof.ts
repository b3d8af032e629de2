/** What `ctx-fix prove` found out about a call site. */
export type ProvenStatus =
  /** PostgreSQL cancelled it when the client went: each of its statements, on each way that a test reached it by. */
  | 'proven-cancelled'
  /** A statement went on. */
  | 'ran-on'
  /** A statement ended, and not by a cancel: see `endedBy`. */
  | 'ended-otherwise'
  /** A test reached it by a statement or on a way that was not put to the test: see `why`. */
  | 'untested'
  /** It is marked as work that outlives its request. */
  | 'detached'
  /** No test reached it. */
  | 'not-reached'

export interface ProvenPlace {
  /** Relative to the folder of the proof. */
  readonly file: string
  readonly line: number
}

/** A statement on its way from an entry point. One entry point may have several, through a wrapper say. */
export interface ProvenEntryPoint {
  readonly name: string
  readonly status: ProvenStatus
  readonly sql: string
  /** Milliseconds from the disconnect until PostgreSQL had left the statement. */
  readonly stoppedAfterMs?: number
  /** What ended it instead of a cancel: timeout, closed, error, completion, unknown. */
  readonly endedBy?: string
  /** Why it was not put to the test. */
  readonly why?: string
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
  /** Of the statement and the way to it: what is put to the test once. */
  readonly key: string
  readonly entryPoint: string
  readonly file: string
  readonly line: number
  readonly sql: string
  readonly chain: readonly string[]
  readonly verdict: 'cancelled' | 'ran-on' | 'ended-otherwise' | 'untested' | 'detached' | 'seen'
  readonly stoppedAfterMs?: number
  readonly endedBy?: string
  readonly why?: string
  readonly rule?: string
  readonly lostAt?: { readonly file: string; readonly line: number }
}

const STATUS: Record<ProofLine['verdict'], ProvenStatus> = {
  cancelled: 'proven-cancelled',
  'ran-on': 'ran-on',
  'ended-otherwise': 'ended-otherwise',
  untested: 'untested',
  detached: 'detached',
  seen: 'untested',
}

/** Why a statement that was seen is without a verdict. */
const NO_VERDICT = 'the runs ended before it was put to the test: allow more by --runs'

/** The worst comes first: a site is only as good as the worst of what goes through it. */
const WORST_FIRST: readonly ProvenStatus[] = [
  'ran-on',
  'ended-otherwise',
  'untested',
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
    const known = site.entries.get(line.key)
    if (known === undefined || !isVerdict(known, line))
      site.entries.set(line.key, entryOf(line, shown))
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

function entryOf(line: ProofLine, shown: (file: string) => string): ProvenEntryPoint {
  const { entryPoint: name, verdict, sql, chain, stoppedAfterMs, endedBy, rule, lostAt } = line
  const why = verdict === 'seen' ? NO_VERDICT : line.why
  return {
    name,
    status: STATUS[verdict],
    sql,
    chain,
    ...(stoppedAfterMs === undefined ? {} : { stoppedAfterMs }),
    ...(endedBy === undefined ? {} : { endedBy }),
    ...(why === undefined ? {} : { why }),
    ...(rule === undefined ? {} : { rule }),
    ...(lostAt === undefined ? {} : { lostAt: { file: shown(lostAt.file), line: lostAt.line } }),
  }
}

/** Whether what is `known` of a statement says more than `line`, or worse. */
function isVerdict({ status, why }: ProvenEntryPoint, { verdict }: ProofLine): boolean {
  if (verdict === 'seen') return true
  if (why === NO_VERDICT) return false
  return rank(status) <= rank(STATUS[verdict])
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
