import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { configure } from '../index.js'
import { backendPid, slow, useDatabase } from '../test-support/database.js'
import { proxyTo } from '../test-support/proxy.js'

const postgres = useDatabase()

beforeEach(() => {
  configure({ proxyFence: true })
})
afterEach(() => {
  configure({ proxyFence: false })
})

describe('behind a pooler, a connection', () => {
  it('is kept when its one cancel ended the statement', async () => {
    const pool = postgres.pool({ max: 1 })
    const pid = await backendPid(pool)
    const controller = new AbortController()
    const query = pool.query({ text: 'SELECT pg_sleep(30) /* kept */', signal: controller.signal })
    await postgres.untilRunning('kept')
    controller.abort()
    await expect(query).rejects.toMatchObject({ outcome: 'cancelled' })
    // On a busy machine the cancel may have been repeated, and then the connection is not kept.
    expect(pool.totalCount === 0 || (await backendPid(pool)) === pid).toBe(true)
  })

  it('is closed when the statement ended by itself', async () => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    // A pooler that closes at once and passes the cancel on later, or never.
    proxy.onCancel = () => ({ kind: 'lose' })
    const pool = postgres.pool({ connectionString, max: 1 })
    const controller = new AbortController()
    const query = pool.query({ text: 'SELECT pg_sleep(0.3) /* ends */', signal: controller.signal })
    await postgres.untilRunning('ends')
    controller.abort()
    await expect(query).resolves.toMatchObject({ rowCount: 1 })
    expect(pool.totalCount).toBe(0)
  })

  it('is closed when statement_timeout ended the statement, and the cancel is still to come', async () => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    proxy.onCancel = () => ({ kind: 'pass', delayMs: 1_000 })
    const pool = postgres.pool({ connectionString, max: 1, statement_timeout: 500 })
    const controller = new AbortController()
    const query = pool.query({ text: slow('out-of-time'), signal: controller.signal })
    await postgres.untilRunning('out-of-time')
    controller.abort()
    await expect(query).rejects.toMatchObject({ pgError: { code: '57014' } })
    expect(pool.totalCount).toBe(0)
  })
})

const pgbouncer = spawnSync('pgbouncer', ['--version'], { encoding: 'utf8' })

describe.skipIf(pgbouncer.status !== 0)('behind PgBouncer', () => {
  it.each(['session', 'transaction'])('cancels and goes on: pool_mode %s', async (mode) => {
    const connectionString = await startPgBouncer(mode)
    const pool = postgres.pool({ connectionString, max: 2 })
    for (let round = 0; round < 5; round++) {
      const controller = new AbortController()
      const query = pool.query({ text: slow('pooled'), signal: controller.signal })
      await postgres.untilRunning('pooled')
      controller.abort()
      await expect(query).rejects.toMatchObject({ outcome: 'cancelled' })
      await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
    }
  })
})

async function startPgBouncer(mode: string): Promise<string> {
  const target = new URL(postgres.connectionString)
  const folder = mkdtempSync(join(tmpdir(), 'ctx-fix-pgbouncer-'))
  chmodSync(folder, 0o755)
  const port = await freePort()
  const name = target.pathname.slice(1)
  const config = join(folder, 'pgbouncer.ini')
  const server = `host=${target.hostname} port=${target.port} user=${target.username}`
  writeFileSync(
    config,
    `[databases]
${name} = ${server} password=${decodeURIComponent(target.password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = 2
`,
  )
  // It refuses to run as root.
  const asUser = process.getuid?.() === 0 ? ['-u', 'postgres'] : []
  const child = spawn('pgbouncer', ['-q', ...asUser, config], { stdio: 'ignore' })
  onTestFinished(async () => {
    const exit = once(child, 'exit')
    if (child.exitCode === null && child.kill('SIGKILL')) await exit
    rmSync(folder, { recursive: true })
  })
  const url = `postgres://${target.username}@127.0.0.1:${port}/${name}`
  for (let attempt = 0; attempt < 100; attempt++) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      await client.end()
      return url
    } catch {
      await sleep(50)
    }
  }
  throw new Error('PgBouncer did not start')
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  return port
}
