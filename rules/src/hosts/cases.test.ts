import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const repository = fileURLToPath(new URL('../../..', import.meta.url))

it.each(['typed', 'untyped', 'oxlint', 'check'])(
  '%s: every scenario is answered as it is judged',
  (host) => {
    const { stdout } = spawnSync(
      process.execPath,
      ['scripts/cases.mjs', 'fixtures/cases', '--reports', '--host', host],
      { cwd: repository, encoding: 'utf8' },
    )
    const tiers = stdout
      .split('\n')
      .filter((line) => line.startsWith(`${host} `) && line.includes(' passed, '))
    expect(tiers).toHaveLength(3)
    expect(tiers.filter((line) => !line.includes(' 0 failed'))).toEqual([])
  },
  240_000,
)
