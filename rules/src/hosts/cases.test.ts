import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const repository = fileURLToPath(new URL('../../..', import.meta.url))

it.each([
  { host: 'typed', singleRun: 'false' },
  { host: 'typed', singleRun: 'true' },
  { host: 'untyped', singleRun: 'false' },
  { host: 'oxlint', singleRun: 'false' },
  { host: 'check', singleRun: 'false' },
])(
  '$host, single run $singleRun: every scenario is answered as it is judged',
  ({ host, singleRun }) => {
    // With its fixes: what typescript-eslint parses again in a single run has a program of its own.
    const reportsOnly = singleRun === 'true' ? [] : ['--reports']
    const { stdout } = spawnSync(
      process.execPath,
      ['scripts/cases.mjs', 'fixtures/cases', '--host', host, ...reportsOnly],
      // What a command and CI do with typescript-eslint, or what an editor does.
      {
        cwd: repository,
        encoding: 'utf8',
        env: { ...process.env, TSESTREE_SINGLE_RUN: singleRun },
      },
    )
    const tiers = stdout
      .split('\n')
      .filter((line) => line.startsWith(`${host} `) && line.includes(' passed, '))
    expect(tiers, stdout).toHaveLength(3)
    expect(
      tiers.filter((line) => !line.includes(' 0 failed')),
      stdout,
    ).toEqual([])
  },
  240_000,
)
