import { pgBouncerVersion, startPgBouncer, type PgBouncerOptions } from '@ctx-fix/fixtures'
import type { Sql } from 'postgres'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { configure, deriveSignal, withSignal } from '../index.js'
import { useDatabase } from '../test-support/database.js'
import { connectPostgresJs as connect, leaveDuring, pidOf } from '../test-support/postgres-js.js'
import { proxyTo } from '../test-support/proxy.js'

const postgres = useDatabase()

beforeEach(() => {
  configure({ proxyFence: true })
})
afterEach(() => {
  configure({ proxyFence: false })
})

it('behind a pooler, which may pass a cancel on after its close, a connection is closed', async () => {
  const { proxy, connectionString } = await proxyTo(postgres.connectionString)
  proxy.onCancel = () => ({ kind: 'lose' })
  const sql = connect(connectionString)
  const pid = await pidOf(sql)
  const signal = deriveSignal(null, { timeoutMs: 50 })
  await withSignal(signal, () => sql`SELECT pg_sleep(0.3)`)
  expect(await pidOf(sql)).not.toBe(pid)
})

describe.skipIf(pgBouncerVersion() === undefined)('behind PgBouncer', () => {
  it.each(['session', 'transaction'] as const)(
    'cancels and goes on: pool_mode %s',
    async (poolMode) => {
      const sql = await connectBehind({ poolMode, poolSize: 2 })
      for (let round = 0; round < 4; round++) {
        const alone = await leaveDuring(
          postgres,
          'pooled',
          () => sql`SELECT pg_sleep(30) /* pooled */`,
        )
        expect(alone).toMatchObject({ outcome: 'cancelled' })
        const inside = await leaveDuring(postgres, 'pooled', () =>
          sql.begin((tx) => tx`SELECT pg_sleep(30) /* pooled */`),
        )
        expect(inside).toMatchObject({ outcome: 'cancelled' })
        expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
      }
    },
  )

  it('hits nobody else by aborts at about the end of their statements', async () => {
    const sql = await connectBehind({ poolMode: 'transaction', poolSize: 2 })
    let aborts = 0
    const worker = async (n: number): Promise<void> => {
      for (let round = 0; round < 25; round++) {
        const ms = (7 * n + round) % 5
        const innocent = round % 2 === 0
        const signal = deriveSignal(null, { timeoutMs: innocent ? 60_000 : ms + 1 })
        const run = async (): Promise<unknown> => sql`SELECT pg_sleep(${ms}::float8 / 1000)`
        await withSignal(signal, run).catch((error: unknown) => {
          expect(error).toMatchObject({ name: 'TimeoutError' })
          expect(signal.aborted).toBe(true)
          aborts += 1
        })
      }
    }
    await Promise.all([0, 1, 2, 3].map(worker))
    expect(aborts).toBeGreaterThan(0)
    expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
  })
})

async function connectBehind(
  options: Pick<PgBouncerOptions, 'poolMode' | 'poolSize'>,
): Promise<Sql> {
  const { connectionString } = postgres
  const bouncer = await startPgBouncer({ connectionString, ...options })
  onTestFinished(() => bouncer.close())
  // Statements with a name need a PgBouncer that knows of them, from 1.21 on.
  return connect(bouncer.connectionString, { max: 4, prepare: false })
}
