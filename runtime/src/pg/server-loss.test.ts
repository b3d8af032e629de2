import { setTimeout as sleep } from 'node:timers/promises'
import { startPostgres } from '@ctx-fix/fixtures'
import pg from 'pg'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  vi,
} from 'vitest'
import { configure, withSignal } from '../index.js'
import { slow, useDatabase } from '../test-support/database.js'
import { proxyTo } from '../test-support/proxy.js'

const postgres = useDatabase()

beforeEach(() => {
  configure({ cancelGraceMs: 300 })
})
afterEach(() => {
  configure({ cancelGraceMs: 2_000, cleanupTimeoutMs: 5_000 })
})

describe('a backend that an administrator ends', () => {
  it.each([
    ['before the abort: the error is the server’s', false, { code: '57P01' }],
    [
      'during the cancellation: what became of the statement is unknown',
      true,
      { outcome: 'unknown' },
    ],
  ])('%s', async (_, isDuring, expected) => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    const administrator = await postgres.client()
    const end = () =>
      administrator.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE position('ended' IN query) > 0 AND pid <> pg_backend_pid()`,
      )
    proxy.onCancel = () => {
      void end()
      return { kind: 'deaf' }
    }
    const pool = postgres.pool({ connectionString, max: 1 })
    pool.on('error', () => undefined)
    const controller = new AbortController()
    const query = pool.query({ text: slow('ended'), signal: controller.signal })
    const outcome = query.catch((error: unknown) => error)
    await postgres.untilRunning('ended')
    if (isDuring) controller.abort()
    else await end()
    expect(await outcome).toMatchObject(expected)
    expect(pool.totalCount).toBe(0)
    await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
  })
})

describe('a connection that was given up', () => {
  it('ends its statement where the server looks for its client', async () => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    const options = '-c client_connection_check_interval=100'
    const pool = postgres.pool({ connectionString, max: 1, options })
    proxy.onCancel = () => ({ kind: 'lose' })
    const controller = new AbortController()
    const query = pool.query({ text: slow('given-up'), signal: controller.signal })
    await postgres.untilRunning('given-up')
    controller.abort()
    await expect(query).rejects.toMatchObject({ outcome: 'unknown' })
    await postgres.untilStopped('given-up')
  })

  it('leaves a COMMIT that got no answer unknown', async () => {
    configure({ cleanupTimeoutMs: 100 })
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    const pool = postgres.pool({ connectionString, max: 1 })
    const controller = new AbortController()
    const outcome = withSignal(controller.signal, async () => {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        proxy.frozen = true
        proxy.onCancel = () => ({ kind: 'deaf' })
        setTimeout(() => {
          controller.abort()
        }, 20)
        await client.query('COMMIT')
      } finally {
        client.release()
      }
    })
    await expect(outcome).rejects.toMatchObject({ name: 'TimeoutError', outcome: 'unknown' })
    expect(pool.totalCount).toBe(0)
  })
})

/** With settings that no other test file could stand. */
describe('a server of its own', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>
  let url: URL
  beforeAll(async () => {
    vi.stubEnv('DATABASE_URL', '')
    vi.stubEnv('PGHOST', '')
    server = await startPostgres()
    vi.unstubAllEnvs()
    url = new URL(server.connectionString)
  })
  afterAll(() => server.stop())

  it('that waits for a replica after COMMIT has committed, cancelled or not', async () => {
    configure({ cleanupTimeoutMs: 200, cancelGraceMs: 2_000 })
    const administrator = new pg.Client({ connectionString: url.href })
    await administrator.connect()
    onTestFinished(() => administrator.end())
    await administrator.query('CREATE TABLE replicated (n int)')
    const settle = async (standbys: string): Promise<void> => {
      await administrator.query(`ALTER SYSTEM SET synchronous_standby_names = '${standbys}'`)
      await administrator.query('SELECT pg_reload_conf()')
      await sleep(200)
    }
    await settle('nobody')
    const pool = new pg.Pool({ connectionString: url.href, max: 1 })
    onTestFinished(() => pool.end())
    const notices: string[] = []
    const controller = new AbortController()
    const commit = withSignal(controller.signal, async () => {
      const client = await pool.connect()
      client.on('notice', ({ message }) => notices.push(message ?? ''))
      try {
        await client.query('BEGIN')
        await client.query('INSERT INTO replicated VALUES (1)')
        setTimeout(() => {
          controller.abort()
        }, 50)
        return await client.query('COMMIT')
      } finally {
        client.release()
      }
    })
    await expect(commit).resolves.toMatchObject({ command: 'COMMIT' })
    expect(notices).toEqual(['canceling wait for synchronous replication due to user request'])
    await settle('')
    expect((await pool.query('SELECT FROM replicated')).rowCount).toBe(1)
  })

  // The last, because it ends the server.
  it('that is shut down settles every call', async () => {
    const pool = new pg.Pool({ connectionString: url.href, max: 5 })
    pool.on('error', () => undefined)
    const controllers = Array.from({ length: 5 }, () => new AbortController())
    const outcomes = controllers.map(({ signal }) =>
      pool.query({ text: 'SELECT pg_sleep(30)', signal }).catch((error: unknown) => error),
    )
    await sleep(200)
    controllers[0]?.abort()
    await server.stop()
    controllers[1]?.abort()
    for (const error of await Promise.all(outcomes)) expect(error).toBeInstanceOf(Error)
    await expect(pool.query({ text: 'SELECT 1', signal: controllers[2]?.signal })).rejects.toThrow(
      'ECONNREFUSED',
    )
    expect(pool.totalCount).toBe(0)
    await pool.end()
  })
})
