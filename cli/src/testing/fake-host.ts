import { readFileSync, writeFileSync } from 'node:fs'
import type { Report, ReportedFinding } from '@ctx-fix/core'
import type { FileChange, Host, ProjectInput } from '../host.js'
import { UsageError } from '../usage-error.js'

/**
 * A host that knows one thing: `query()` wants to be `query(signal)`, and `locked.query()` cannot
 * be. Enough to see what the command makes of a host's answers.
 */
export interface FakeHost extends Host {
  readonly inputs: ProjectInput[]
  readonly verified: boolean[]
}

export function createFakeHost(answer: Partial<Report> & { installHint?: string } = {}): FakeHost {
  const { installHint, ...overrides } = answer
  const inputs: ProjectInput[] = []
  const verified: boolean[] = []
  return {
    inputs,
    verified,
    analyzeProject(input) {
      inputs.push(input)
      return Promise.resolve({ report: { ...createReport(input, () => false), ...overrides } })
    },
    fixProject(input, { verify }) {
      inputs.push(input)
      verified.push(verify)
      const changes = input.report.flatMap(planChange)
      return Promise.resolve({
        report: {
          ...createReport(input, ({ message }) => !message.startsWith('locked')),
          ...overrides,
        },
        changes,
        ...(installHint && { installHint }),
        prepareWrite: () => {
          const write = () => {
            for (const { file, after } of changes) writeFileSync(file, after)
            return Promise.resolve()
          }
          return Promise.resolve(Object.assign(write, { discard: () => Promise.resolve() }))
        },
      })
    },
  }
}

function planChange(file: string): FileChange[] {
  const before = readFileSync(file, 'utf8')
  const after = before.replace(/(?<!locked\.)query\(\)/g, 'query(signal)')
  return after === before ? [] : [{ file, before, after }]
}

function createReport(input: ProjectInput, isFixed: (finding: ReportedFinding) => boolean): Report {
  const broken = input.report.find((file) => readFileSync(file, 'utf8').includes('<<<'))
  if (broken) throw new UsageError(`${broken}:1:1 does not parse: mend it first`)
  const all = input.files.flatMap(findSinks)
  const findings = all
    .filter((finding) => input.report.includes(finding.file))
    .map((finding) => ({ ...finding, fixed: isFixed(finding) }))
  const fixed = findings.filter((finding) => finding.fixed).length
  return {
    version: 1,
    summary: {
      files: input.files.length,
      functions: 1,
      entryPoints: 1,
      sinks: all.length,
      findings: findings.length,
      fixed,
      rolledBack: 0,
      ms: 5,
    },
    sinks: all.map(({ file, line, column, endLine, endColumn }) => ({
      file,
      line,
      column,
      endLine,
      endColumn,
      library: 'pg',
      api: 'Pool.query',
      status: 'missing',
      entryPoints: ['GET /'],
    })),
    findings,
    libraries: all.length > 0 ? [{ name: 'pg', sinks: all.length }] : [],
    notices: [],
  }
}

function findSinks(file: string): ReportedFinding[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/(locked\.)?query\(\)/g)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length
    return {
      rule: 'require-signal',
      reason: 'sink-without-signal',
      message: `${match[0]} gets no signal`,
      file,
      line,
      column: 1,
      endLine: line,
      endColumn: 6,
      chain: [
        { name: 'GET /', file, line: 1 },
        { name: 'load', file, line },
      ],
      safety: 'safe',
      ...(match[1] && { refusal: 'receiver-may-intercept' as const }),
      fingerprint: `${file}:${String(match.index)}`,
      fixed: false,
    }
  })
}
