import type { Finding } from './finding.js'

export type SinkStatus = 'propagated' | 'missing' | 'detached' | 'exempt' | 'unsupported'

/** A call that does I/O, as the whole program sees it. */
export interface SinkReport {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
  readonly library: string
  /** `Pool.query` */
  readonly api: string
  readonly status: SinkStatus
  /** Names of the entry points that reach it: `GET /users/:id (src/app.ts:12)`. */
  readonly entryPoints: readonly string[]
}

export interface ReportedFinding extends Omit<Finding, 'start' | 'end' | 'words'> {
  readonly fixed: boolean
}

export interface Summary {
  readonly files: number
  readonly functions: number
  readonly entryPoints: number
  readonly sinks: number
  readonly findings: number
  readonly fixed: number
  readonly rolledBack: number
  readonly ms: number
}

/** What `--reporter json` prints. */
export interface Report {
  readonly version: 1
  readonly summary: Summary
  readonly sinks: readonly SinkReport[]
  readonly findings: readonly ReportedFinding[]
  /** Libraries recognised, with the number of sinks of each. */
  readonly libraries: readonly { readonly name: string; readonly sinks: number }[]
  /** Things to say about the run itself: an installed database library that is not supported, 0 sinks, files that do not parse. */
  readonly notices: readonly { readonly code: string; readonly message: string }[]
}
