import { setTimeout as sleep } from 'node:timers/promises'
import { createTestDatabase } from '@ctx-fix/fixtures/test-database'
import type { TestDatabase } from '@ctx-fix/fixtures'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { withSignal } from '../index.js'
import './index.js'

let database: TestDatabase
let pool: pg.Pool

beforeAll(async () => {
  database = await createTestDatabase()
  pool = new pg.Pool({ connectionString: database.connectionString, max: 2 })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

describe('pool.query', () => {
  it('cancels the statement on the server and keeps the connection', async () => {
    const pid = await backendPid(pool)
    const controller = new AbortController()
    const query = pool.query({ text: 'SELECT pg_sleep(30)', signal: controller.signal })
    await sleep(50)
    const t = performance.now()
    controller.abort()
    await expect(query).rejects.toMatchObject({ name: 'AbortError', outcome: 'cancelled' })
    console.log('abort->rejected', performance.now() - t)
    expect(pool).toMatchObject({ totalCount: 1, idleCount: 1, waitingCount: 0 })
    expect(await backendPid(pool)).toBe(pid)
  })
  it('ambient', async () => {
    const controller = new AbortController()
    const query = withSignal(controller.signal, () => pool.query('SELECT pg_sleep(30)'))
    await sleep(50)
    controller.abort()
    await expect(query).rejects.toMatchObject({ name: 'AbortError', outcome: 'cancelled' })
  })
})

async function backendPid(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  return rows[0]!.pid
}
