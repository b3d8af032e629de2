import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { withSignal } from '../index.js'
import { useDatabase } from '../test-support/database.js'
import { doctor } from './index.js'

const postgres = useDatabase()

/** The complaints about a pool, by what they are about. */
async function complaints(
  config: pg.PoolConfig,
  options?: { concurrency: number },
): Promise<Record<string, string>> {
  const findings = await doctor(postgres.pool(config), options)
  expect(findings).toHaveLength(5)
  const bad = findings.filter(({ isFine }) => !isFine)
  return Object.fromEntries(bad.map(({ check, message }) => [check, message]))
}

describe('doctor', () => {
  it('has nothing to say against a pool that is set up for cancellation', async () => {
    const options = '-c client_connection_check_interval=1000 -c statement_timeout=31000'
    expect(await complaints({ options, connectionTimeoutMillis: 5_000 })).toEqual({})
  })

  it('says what an unprepared one lacks', async () => {
    expect(await complaints({})).toEqual({
      'pool-wait': expect.stringContaining('set connectionTimeoutMillis') as string,
      statement_timeout: expect.stringContaining('a little above 30000 ms') as string,
      client_connection_check_interval: expect.stringContaining('say to 1s') as string,
    })
  })

  it('compares the pool with what is asked of it', async () => {
    const small = await complaints({ max: 2 }, { concurrency: 100 })
    expect(small['pool-size']).toContain('2 connections for 100 requests')
    const large = await complaints({ max: 100_000 }, { concurrency: 100 })
    expect(large['pool-size']).toContain('the server takes')
    const long = await complaints({ connectionTimeoutMillis: 60_000, statement_timeout: 1_000 })
    expect(long['pool-wait']).toContain("no less than a request's 30000 ms")
    expect(long['statement_timeout']).toContain('before the request')
  })

  it('looks also when the surrounding signal has aborted', async () => {
    const pool = postgres.pool()
    await expect(withSignal(AbortSignal.abort(), () => doctor(pool))).resolves.toHaveLength(5)
  })

  it('notices a pool that was not instrumented', async () => {
    const pool = { options: {}, query: () => Promise.resolve({ rows: [] }) }
    const findings = await doctor(pool)
    expect(findings).toContainEqual({
      check: 'instrumented',
      isFine: false,
      message: 'this pool ignores signals: call instrument(pool)',
    })
  })
})
