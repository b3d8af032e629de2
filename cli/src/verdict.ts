import type { Report } from '@ctx-fix/core'
import { plural } from './reporters/words.js'

export const exitCodes = { clean: 0, findingsLeft: 1, failure: 2 } as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export interface Verdict {
  readonly exitCode: ExitCode
  /** Said even where the run is quiet. */
  readonly warning?: string
}

/** Notices by which the host says that a database library is there of which it recognised no call. */
const blindnessCodes = new Set(['unsupported-library', 'library-without-sinks'])

/**
 * No sink at all is never a success by itself: either there is no database (said, exit 0), or there
 * is one that was not seen (said, with the cure, exit 2, so that a CI step cannot stay green blind).
 * Libraries are counted over the whole project, so that naming a file without database calls, as
 * lint-staged does, stays clean.
 */
export function decideVerdict(report: Report, databaseDependencies: readonly string[]): Verdict {
  if (report.findings.some((finding) => !finding.fixed)) return { exitCode: exitCodes.findingsLeft }
  if (report.libraries.some(({ sinks }) => sinks > 0)) return { exitCode: exitCodes.clean }
  const seen = `no database call recognised in ${plural(report.summary.files, 'file')}`
  const isBlind = report.notices.some(({ code }) => blindnessCodes.has(code))
  if (databaseDependencies.length === 0 && !isBlind) {
    return {
      exitCode: exitCodes.clean,
      warning: `${seen}: package.json depends on no database library, and none is imported`,
    }
  }
  const present =
    databaseDependencies.length > 0 ? databaseDependencies.join(', ') : 'a database library'
  return {
    exitCode: exitCodes.failure,
    warning:
      `${seen} although ${present} is there: name the folder where the database is called, ` +
      'or describe your own wrappers under "libraries" in ctx-fix.config.json',
  }
}
