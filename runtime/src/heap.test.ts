import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { useDatabase } from './test-support/database.js'

// Of the package as it is built: needs `npm run build`, which `npm test` does first.
const bench = fileURLToPath(new URL('../../bench/heap.mjs', import.meta.url))
const postgres = useDatabase()

it('one signal with 1,000 queries at once, 20,000 in all, keeps nothing and warns of nothing', async () => {
  const env = { ...process.env, DATABASE_URL: postgres.connectionString }
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, ['--expose-gc', bench, '20000'], { env })
  const { heapMb, ...rest } = JSON.parse(stdout) as { heapMb: [number, number] }
  expect(rest).toEqual({ queries: 20_000, listeners: 0, warnings: 0 })
  // 18,000 queries that each kept a hundred bytes would be 1.8 MB.
  expect(heapMb[1] - heapMb[0]).toBeLessThan(1)
})
