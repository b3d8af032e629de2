import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Report } from '@ctx-fix/core'
import { UsageError } from './usage-error.js'

export const DEFAULT_BASELINE = 'ctx-fix-baseline.json'

/** Findings that were there when the file was written, by rule, for people, and by their fingerprints. */
export interface Baseline {
  readonly version: 1
  readonly findings: Readonly<Record<string, readonly string[]>>
}

export function makeBaseline(report: Report): Baseline {
  const open = report.findings.filter((each) => !each.fixed)
  const rules = [...new Set(open.map((each) => each.rule))].toSorted()
  const fingerprintsOf = (rule: string) =>
    open.flatMap((each) => (each.rule === rule ? [each.fingerprint] : [])).toSorted()
  return {
    version: 1,
    findings: Object.fromEntries(rules.map((rule) => [rule, fingerprintsOf(rule)])),
  }
}

/**
 * The report without what the baseline has, and with a notice of entries that stand for nothing any more: a
 * baseline is to become shorter.
 */
export function withoutKnown(report: Report, baseline: Baseline, file: string): Report {
  const known = new Set(Object.values(baseline.findings).flat())
  const findings = report.findings.filter((each) => each.fixed || !known.has(each.fingerprint))
  const found = new Set(report.findings.map((each) => each.fingerprint))
  const stale = [...known].filter((each) => !found.has(each)).length
  const hidden = report.findings.length - findings.length
  const notices = [
    ...(hidden > 0 ? [{ code: 'baseline', message: `${hidden} known, in ${file}` }] : []),
    ...(stale > 0
      ? [
          {
            code: 'stale-baseline',
            message: `${stale} of ${file} not found any more: ctx-fix baseline makes it shorter`,
          },
        ]
      : []),
  ]
  return {
    ...report,
    summary: { ...report.summary, findings: findings.length },
    findings,
    notices: [...report.notices, ...notices],
  }
}

/** @throws {UsageError} where the file cannot be read, or is no baseline. */
export function readBaseline(file: string, cwd: string): Baseline {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(resolve(cwd, file), 'utf8'))
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read'
    throw new UsageError(`${file} ${why}: ctx-fix baseline --out ${file} writes it`)
  }
  if (!isBaseline(value))
    throw new UsageError(`${file} is no baseline: ctx-fix baseline --out ${file} writes one`)
  return value
}

function isBaseline(value: unknown): value is Baseline {
  if (typeof value !== 'object' || value === null) return false
  const { version, findings } = value as Partial<Record<keyof Baseline, unknown>>
  if (version !== 1 || typeof findings !== 'object' || findings === null) return false
  return Object.values(findings).every(
    (each) => Array.isArray(each) && each.every((one) => typeof one === 'string'),
  )
}
