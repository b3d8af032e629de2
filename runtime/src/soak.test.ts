import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { useDatabase } from './test-support/database.js'

// Of the package as it is built: needs `npm run build`, which `npm test` does first.
const bench = fileURLToPath(new URL('../../bench/soak.mjs', import.meta.url))
const postgres = useDatabase()

it.each(['runtime', 'runtime-tls', 'runtime-postgresjs', 'runtime-postgresjs-tls'])(
  'no innocent query fails and no connection is lost in the short soak: %s',
  { retry: 0 },
  async (variant) => {
    const env = { ...process.env, DATABASE_URL: postgres.connectionString }
    const run = promisify(execFile)
    // On a machine that is busy with other tests, nothing is to be given up for being late.
    const args = [bench, '1500', variant, '--grace', '60000']
    const { stdout } = await run(process.execPath, args, { env })
    const { aborts, opened, ...counts } = JSON.parse(stdout) as Record<string, number>
    expect(counts).toMatchObject({
      queries: 1_500,
      innocentFailures: 0,
      unsettled: 0,
      unhandled: 0,
      leaked: 0,
    })
    expect(aborts).toBeGreaterThan(100)
    // postgres.js does not tell.
    if (!variant.startsWith('runtime-postgresjs')) expect(opened).toBe(10)
  },
)
