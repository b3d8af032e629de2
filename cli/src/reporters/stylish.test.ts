import type { Report, ReportedFinding } from '@ctx-fix/core'
import { expect, it } from 'vitest'
import { reportStylish } from './stylish.js'

function createFinding(place: Partial<ReportedFinding>): ReportedFinding {
  return {
    rule: 'require-signal',
    reason: 'sink-without-signal',
    message: 'pool.query() gets no signal',
    file: 'src/users.ts',
    line: 12,
    column: 9,
    endLine: 12,
    endColumn: 19,
    chain: [],
    safety: 'safe',
    fingerprint: 'f',
    fixed: false,
    ...place,
  }
}

const [handler, repository] = [
  { name: 'GET /users', file: 'src/app.ts', line: 3 },
  { name: 'UserRepo.byId', file: 'src/users.ts', line: 10 },
]

const report: Report = {
  version: 1,
  summary: {
    files: 4,
    functions: 20,
    entryPoints: 3,
    sinks: 5,
    findings: 4,
    fixed: 1,
    rolledBack: 1,
    ms: 432,
  },
  sinks: [
    {
      file: 'src/users.ts',
      line: 12,
      column: 9,
      endLine: 12,
      endColumn: 19,
      library: 'pg',
      api: 'Pool.query',
      status: 'missing',
      entryPoints: ['GET /users'],
    },
    {
      file: 'src/users.ts',
      line: 14,
      column: 9,
      endLine: 14,
      endColumn: 19,
      library: 'pg',
      api: 'Pool.query',
      status: 'missing',
      entryPoints: ['GET /users'],
    },
    {
      file: 'src/jobs.ts',
      line: 1,
      column: 1,
      endLine: 1,
      endColumn: 11,
      library: 'pg',
      api: 'Pool.query',
      status: 'exempt',
      entryPoints: [],
    },
  ],
  findings: [
    createFinding({ chain: [handler, repository], refusal: 'receiver-may-intercept' }),
    createFinding({
      line: 140,
      message: 'The signal is lost here. It leads to UserRepo.byId.',
      chain: [handler, repository],
    }),
    createFinding({ file: 'src/jobs.ts', line: 1, column: 1, refusal: 'receiver-may-intercept' }),
    createFinding({ fixed: true, message: 'mended' }),
  ],
  libraries: [
    { name: 'pg', sinks: 5 },
    { name: 'express', sinks: 0 },
  ],
  notices: [{ code: 'unsupported-library', message: 'massive is installed and not supported' }],
}

const context = { isWritten: true, isQuiet: false, paint: (_style: string, text: string) => text }

it('check: findings by file, what was recognised, notices, verdict', () => {
  expect(reportStylish(report, { ...context, command: 'check' })).toMatchInlineSnapshot(`
    "src/users.ts
       12:9  require-signal  pool.query() gets no signal
                             GET /users → UserRepo.byId (src/users.ts:10)
      140:9  require-signal  The signal is lost here.
                             GET /users → UserRepo.byId (src/users.ts:10)

    src/jobs.ts
      1:1  require-signal  pool.query() gets no signal

    Recognised
      libraries     pg (3 calls)
      entry points  3, of which 1 reach such a call
      calls         5: 2 without, 1 exempt
      in            4 files, 20 functions, 0.4 s

    note  massive is installed and not supported

    ✖ 3 findings
      3 may be fixed automatically: ctx-fix --diff shows the patch
    "
  `)
})

it('fix: only what is left, and why', () => {
  expect(reportStylish(report, { ...context, command: 'fix', isQuiet: true }))
    .toMatchInlineSnapshot(`
      "Left, 2 findings: the receiver may be a proxy or another object that reads its arguments
        src/users.ts:12:9  require-signal
          pool.query() gets no signal
        src/jobs.ts:1:1  require-signal
          pool.query() gets no signal

      Left, 1 finding: no edit is known that is safe here: do by hand what the message says
        src/users.ts:140:9  require-signal
          The signal is lost here.

      ✖ 3 findings left, 1 fixed, 1 edit rolled back by the type-check
      "
    `)
})

it('dry run: says that nothing was written', () => {
  const print = reportStylish(report, { ...context, command: 'fix', isWritten: false })
  expect(print).toContain('1 edit rolled back by the type-check, nothing was written')
})

it('a terminal: lines are broken between words, in their column', () => {
  const narrow = { ...context, command: 'check', width: 60 } as const
  const message = 'pool.query() gets no signal, and none of its callers has one'
  const one = { ...report, findings: [createFinding({ message })] }
  expect(reportStylish(one, narrow).split('\n').slice(0, 4)).toEqual([
    'src/users.ts',
    '  12:9  require-signal  pool.query() gets no signal, and',
    '                        none of its callers has one',
    '',
  ])
})

it('nothing left', () => {
  const clean = { ...report, findings: [], notices: [] }
  expect(reportStylish(clean, { ...context, command: 'check', isQuiet: true })).toBe(
    '✔ 0 findings\n',
  )
})
