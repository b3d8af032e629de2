import type { Report, SinkReport } from '@ctx-fix/core'
import { describe, expect, it } from 'vitest'
import { joinProof } from './join.js'
import { printJoined, printProof } from './print.js'
import { sitesOf, type Proof, type ProofLine, type ProvenStatus } from './proof.js'

const plain = (_style: string, text: string): string => text

function line(
  verdict: ProofLine['verdict'],
  entryPoint: string,
  at = 1,
  sql = 'SELECT 1',
): ProofLine {
  const file = '/shop/src/books.ts'
  const lostAt = { file: '/shop/src/app.ts', line: 3 }
  const rule = verdict === 'ran-on' ? { rule: 'ctx/forward-signal', lostAt } : {}
  const end = verdict === 'ended-otherwise' ? { endedBy: 'timeout' } : {}
  const key = `${entryPoint} ${at} ${sql}`
  return { key, verdict, entryPoint, file, line: at, sql, chain: [entryPoint], ...rule, ...end }
}

const shown = (file: string): string => file.replace('/shop/', '')

describe('what the runs have written, by call site', () => {
  it.each<[string, ProofLine[], ProvenStatus]>([
    [
      'cancelled for all',
      [line('cancelled', 'GET /a'), line('cancelled', 'GET /b')],
      'proven-cancelled',
    ],
    ['ran on for one', [line('cancelled', 'GET /a'), line('ran-on', 'GET /b')], 'ran-on'],
    [
      'seen before it was put to the test',
      [line('seen', 'GET /a'), line('cancelled', 'GET /a')],
      'proven-cancelled',
    ],
    ['seen only', [line('seen', 'GET /a')], 'untested'],
    [
      'one of two statements through it seen only',
      [line('cancelled', 'GET /a'), line('seen', 'GET /a', 1, 'SELECT 2')],
      'untested',
    ],
    [
      'one of two statements through it ran on',
      [line('cancelled', 'GET /a'), line('ran-on', 'GET /a', 1, 'SELECT 2')],
      'ran-on',
    ],
    [
      'ended by something else for one',
      [line('cancelled', 'GET /a'), line('ended-otherwise', 'GET /b')],
      'ended-otherwise',
    ],
    [
      'put to the test in a later run',
      [line('seen', 'GET /a'), line('ran-on', 'GET /a')],
      'ran-on',
    ],
    ['detached', [line('detached', 'GET /a')], 'detached'],
  ])('%s', (_, lines, status) => {
    expect(sitesOf(lines, shown)).toMatchObject([{ file: 'src/books.ts', line: 1, status }])
  })
})

function proofOf(...lines: ProofLine[]): Proof {
  return { version: 1, command: ['test'], runs: 2, withinMs: 100, sites: sitesOf(lines, shown) }
}

function reportOf(...sinks: [number, SinkReport['status'], endLine?: number][]): Report {
  return {
    sinks: sinks.map(([at, status, endLine = at]) => ({
      file: 'src/books.ts',
      line: at,
      column: 1,
      endLine,
      endColumn: 80,
      library: 'pg',
      api: 'Pool.query',
      status,
      entryPoints: [],
    })),
  } as unknown as Report
}

describe('the proof beside the report', () => {
  it.each<[SinkReport['status'], ProofLine['verdict'], string]>([
    ['propagated', 'cancelled', 'agrees'],
    ['propagated', 'ran-on', 'disagrees'],
    ['missing', 'ran-on', 'agrees'],
    ['unsupported', 'ran-on', 'agrees'],
    ['detached', 'ran-on', 'agrees'],
    ['missing', 'cancelled', 'disagrees'],
    ['detached', 'detached', 'agrees'],
    ['detached', 'cancelled', 'disagrees'],
    ['propagated', 'seen', 'unproven'],
    ['propagated', 'ended-otherwise', 'disagrees'],
    ['missing', 'untested', 'unproven'],
  ])('%s and %s: %s', (status, verdict, agreement) => {
    const joined = joinProof(reportOf([1, status]), proofOf(line(verdict, 'GET /a')))
    expect(joined).toMatchObject([{ agreement }])
  })

  it('puts disagreements first, and what the linter does not know among them', () => {
    const report = reportOf([1, 'propagated'], [2, 'propagated'], [30, 'missing'])
    const proof = proofOf(
      line('cancelled', 'GET /a'),
      line('ran-on', 'GET /b', 2),
      line('ran-on', 'GET /c', 9),
    )
    expect(printJoined(joinProof(report, proof), plain)).toBe(
      [
        'disagrees src/books.ts:2: linter propagated, database ran on',
        'disagrees src/books.ts:9: linter unknown to it, database ran on',
        'agrees    src/books.ts:1: linter propagated, database proven cancelled',
        'proof: 2 disagree, 1 agree, 1 without proof',
        '',
      ].join('\n'),
    )
  })

  it.each<[string, Parameters<typeof reportOf>, number[], [number, string][]]>([
    ['a call that is broken over lines', [[4, 'propagated', 30]], [25], [[4, 'agrees']]],
    [
      'a call in the arguments of another',
      [
        [4, 'propagated', 9],
        [6, 'propagated', 7],
      ],
      [7],
      [
        [6, 'agrees'],
        [4, 'unproven'],
      ],
    ],
    [
      'two calls on one line',
      [
        [4, 'propagated'],
        [4, 'propagated'],
      ],
      [4],
      [
        [4, 'agrees'],
        [4, 'agrees'],
      ],
    ],
    [
      'a call in the arguments of another, of which the linter does not know',
      [[4, 'propagated', 9]],
      [4, 7],
      [
        [7, 'disagrees'],
        [4, 'agrees'],
      ],
    ],
    [
      'a call behind another',
      [[4, 'propagated', 5]],
      [6],
      [
        [6, 'disagrees'],
        [4, 'unproven'],
      ],
    ],
  ])('knows %s', (_, sinks, lines, expected) => {
    const proof = proofOf(...lines.map((at) => line('cancelled', 'GET /a', at)))
    const joined = joinProof(reportOf(...sinks), proof)
    expect(joined.map(({ line: at, agreement }) => [at, agreement])).toEqual(expected)
  })
})

it('is printed with what was not cancelled, for which entry point, and why', () => {
  const proof = proofOf(
    line('ran-on', 'GET /a'),
    line('cancelled', 'GET /a', 1, 'SELECT 2'),
    line('cancelled', 'GET /b', 7),
    line('ended-otherwise', 'GET /c', 8),
    line('seen', 'GET /d', 9),
  )
  expect(printProof(proof, plain)).toBe(
    `ran on              src/books.ts:1
    ran on for GET /a, signal not passed on at src/app.ts:3 (ctx/forward-signal): SELECT 1
proven cancelled    src/books.ts:7
ended otherwise     src/books.ts:8
    for GET /c it was not a cancel that ended it: a time limit: of the server, as statement_timeout, or a deadline of its own
not put to the test src/books.ts:9
    for GET /d: the runs ended before it was put to the test: allow more by --runs

1 proven cancelled, 1 ran on, 1 ended otherwise, 1 not put to the test, 0 detached, 0 not reached, in 2 runs of the tests
`,
  )
})
