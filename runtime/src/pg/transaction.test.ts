import knex from 'knex'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { AbortError, configure, withSignal } from '../index.js'
import { backendPid, slow, useDatabase } from '../test-support/database.js'
import { proxyTo } from '../test-support/proxy.js'

const postgres = useDatabase()
const cancelled = { name: 'AbortError', outcome: 'cancelled' }
const notSent = { name: 'AbortError', outcome: 'not-sent' }

afterEach(() => {
  configure({ cleanupTimeoutMs: 5_000, cancelGraceMs: 2_000 })
})

/** Runs `work` on a client of a pool of one, aborted once `marker` is running. */
async function abortDuring<T>(
  marker: string,
  work: (client: pg.PoolClient, pool: pg.Pool) => Promise<T>,
): Promise<{ outcome: PromiseSettledResult<T>; pool: pg.Pool }> {
  const pool = postgres.pool({ max: 1 })
  const controller = new AbortController()
  const running = withSignal(controller.signal, async () => {
    const client = await pool.connect()
    try {
      return await work(client, pool)
    } finally {
      client.release()
    }
  })
  await postgres.untilRunning(marker)
  controller.abort()
  const [outcome] = await Promise.allSettled([running])
  return { outcome, pool }
}

describe('after the surrounding signal aborted', () => {
  it('a transaction can be rolled back, and the connection is clean', async () => {
    const pids: unknown[] = []
    const { outcome, pool } = await abortDuring('in-tx', async (client) => {
      pids.push(await backendPid(client))
      await client.query('BEGIN')
      await client.query('CREATE TABLE half (done int)')
      try {
        await client.query(slow('in-tx'))
        await client.query('COMMIT')
      } catch (error) {
        await client.query('ROLLBACK')
        throw error
      }
    })
    expect(outcome).toMatchObject({ status: 'rejected', reason: cancelled })
    expect(await backendPid(pool)).toBe(pids[0])
    const { rows } = await pool.query("SELECT to_regclass('half') AS half")
    expect(rows).toEqual([{ half: null }])
  })

  it('only cleanup passes inside a transaction, so that it comes to its ROLLBACK', async () => {
    const { outcome } = await abortDuring('refusal', async (client) => {
      await client.query('BEGIN')
      await client.query('SAVEPOINT s')
      await client.query(slow('refusal')).catch(() => undefined)
      const statements = ['SELECT 1', 'COMMIT', 'ROLLBACK TO SAVEPOINT s', 'RELEASE s', 'ROLLBACK']
      const results: string[] = []
      for (const statement of statements) {
        results.push(
          await client.query(statement).then(
            ({ command }) => command,
            (error: unknown) => (error instanceof AbortError ? error.outcome : 'failed'),
          ),
        )
      }
      return results
    })
    expect(outcome).toMatchObject({
      value: ['not-sent', 'not-sent', 'ROLLBACK', 'RELEASE', 'ROLLBACK'],
    })
  })

  it('a client that was checked out before may clean up outside a transaction', async () => {
    const { outcome, pool } = await abortDuring('unlock', async (client) => {
      await client.query('SELECT pg_advisory_lock(99)')
      try {
        await client.query(slow('unlock'))
      } finally {
        await client.query('SELECT pg_advisory_unlock(99)')
        await client.query("SELECT set_config('application_name', 'restored', false)")
        await expect(client.query('BEGIN')).rejects.toMatchObject(notSent)
      }
    })
    expect(outcome).toMatchObject({ status: 'rejected', reason: cancelled })
    const { rows } = await pool.query(
      "SELECT count(*)::int AS locks FROM pg_locks WHERE locktype = 'advisory'",
    )
    expect(rows).toEqual([{ locks: 0 }])
  })

  it('cleanup has a deadline of its own, which all of it shares', async () => {
    configure({ cleanupTimeoutMs: 200 })
    const start = performance.now()
    const { outcome } = await abortDuring('bounded', async (client) => {
      await client.query(slow('bounded')).catch(() => undefined)
      const first: unknown = await client.query(slow('cleanup')).catch((error: unknown) => error)
      const second: unknown = await client.query('SELECT 1').catch((error: unknown) => error)
      return [first, second]
    })
    expect(outcome).toMatchObject({
      value: [
        { name: 'TimeoutError', outcome: 'cancelled' },
        { name: 'TimeoutError', outcome: 'not-sent' },
      ],
    })
    expect(performance.now() - start).toBeLessThan(15_000)
  })

  it('new work is refused: another client, and a client that was opened since', async () => {
    const { outcome } = await abortDuring('new-work', async (client, pool) => {
      await client.query(slow('new-work')).catch(() => undefined)
      const late = new pg.Client({ connectionString: postgres.connectionString })
      await late.connect()
      const results = await Promise.allSettled([
        pool.connect(),
        pool.query('SELECT 1'),
        late.query('SELECT 1'),
        late.query('SELECT pg_cancel_backend(0)'),
      ])
      await late.end()
      return results
    })
    expect(outcome).toMatchObject({
      value: [
        { reason: notSent },
        { reason: notSent },
        { reason: notSent },
        { status: 'fulfilled' },
      ],
    })
  })

  it('an explicit signal refuses even a ROLLBACK', async () => {
    const client = await postgres.client()
    await client.query('BEGIN')
    await expect(
      client.query({ text: 'ROLLBACK', signal: AbortSignal.abort() }),
    ).rejects.toMatchObject(notSent)
    await client.query('ROLLBACK')
  })
})

describe('a client that goes back to the pool', () => {
  it('is destroyed when an aborted transaction was left open', async () => {
    const { pool } = await abortDuring('left-open', async (client) => {
      await client.query('BEGIN')
      await client.query(slow('left-open'))
    })
    expect(pool.totalCount).toBe(0)
  })

  it('goes back when the cancellation is over, where it was released before', async () => {
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    proxy.onCancel = () => ({ kind: 'pass', delayMs: 100 })
    const pool = postgres.pool({ connectionString, max: 1 })
    const controller = new AbortController()
    const client = await pool.connect()
    const query = client.query({ text: slow('early'), signal: controller.signal })
    await postgres.untilRunning('early')
    controller.abort()
    client.release()
    expect(pool.idleCount).toBe(0)
    await expect(query).rejects.toMatchObject({ name: 'AbortError' })
    expect(pool).toMatchObject({ totalCount: 1, idleCount: 1 })
  })
})

describe('COMMIT', () => {
  it('is not cancelled by a request that goes away', async () => {
    const client = await postgres.client()
    await client.query(`
      CREATE TABLE ledger (n int);
      CREATE FUNCTION slow_check() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON ledger
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow_check()`)
    const { outcome, pool } = await abortDuring('COMMIT /* shielded */', async (owned) => {
      await owned.query('BEGIN')
      await owned.query('INSERT INTO ledger VALUES (1)')
      return owned.query('COMMIT /* shielded */')
    })
    expect(outcome).toMatchObject({ status: 'fulfilled', value: { command: 'COMMIT' } })
    await expect(pool.query('SELECT FROM ledger')).resolves.toMatchObject({ rowCount: 1 })
  })

  it('gets the cleanup deadline instead', async () => {
    configure({ cleanupTimeoutMs: 100 })
    const client = await postgres.client()
    await client.query(`
      CREATE TABLE slow_ledger (n int);
      CREATE FUNCTION slower_check() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN PERFORM pg_sleep(30); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON slow_ledger
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slower_check()`)
    const { outcome, pool } = await abortDuring('COMMIT /* endless */', async (owned) => {
      await owned.query('BEGIN')
      await owned.query('INSERT INTO slow_ledger VALUES (1)')
      return owned.query('COMMIT /* endless */')
    })
    expect(outcome).toMatchObject({ reason: { name: 'TimeoutError', outcome: 'cancelled' } })
    await expect(pool.query('SELECT FROM slow_ledger')).resolves.toMatchObject({ rowCount: 0 })
  })
})

describe("other libraries' own cancelling, inside an aborted surrounding signal", () => {
  it('Kysely cancels by pg_cancel_backend over a client of its own', async () => {
    const pool = postgres.pool({ max: 2 })
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
    const [outer, own] = [new AbortController(), new AbortController()]
    const query = withSignal(outer.signal, () =>
      db.connection().execute(async (connection) => {
        outer.abort()
        await sql
          .raw(slow('kysely'))
          .execute(connection, { signal: own.signal, inflightQueryAbortStrategy: 'cancel query' })
      }),
    )
    await postgres.untilRunning('kysely')
    own.abort()
    await expect(query).rejects.toMatchObject({ name: 'AbortError' })
    await postgres.untilStopped('kysely')
    await expect(sql`SELECT 1`.execute(db)).resolves.toMatchObject({ rows: [{}] })
    expect(pool.idleCount).toBe(pool.totalCount)
  })

  it('Kysely rolls its transaction back', async () => {
    const pool = postgres.pool({ max: 1 })
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
    const controller = new AbortController()
    const transaction = withSignal(controller.signal, () =>
      db.transaction().execute((tx) => sql.raw(slow('kysely-tx')).execute(tx)),
    )
    await postgres.untilRunning('kysely-tx')
    controller.abort()
    await expect(transaction).rejects.toMatchObject(cancelled)
    expect(pool).toMatchObject({ totalCount: 1, idleCount: 1 })
  })

  it('knex cancels a query that is over time, over a client of its own', async () => {
    const db = knex({
      client: 'pg',
      connection: postgres.connectionString,
      pool: { min: 0, max: 1 },
    })
    onTestFinished(() => db.destroy())
    const controller = new AbortController()
    const query = withSignal(controller.signal, async () => {
      await db.raw('SELECT 1')
      controller.abort()
      await db.raw(slow('knex')).timeout(100, { cancel: true })
    })
    await expect(query).rejects.toMatchObject({ name: 'KnexTimeoutError' })
    await postgres.untilStopped('knex')
    await expect(db.raw('SELECT 1')).resolves.toMatchObject({ rowCount: 1 })
  })

  it('knex queries end with the surrounding signal, and new ones are refused', async () => {
    const db = knex({
      client: 'pg',
      connection: postgres.connectionString,
      pool: { min: 0, max: 1 },
    })
    onTestFinished(() => db.destroy())
    await db.raw('SELECT 1')
    const controller = new AbortController()
    const query = withSignal(controller.signal, async () => {
      const first: unknown = await db.raw(slow('knex-ambient')).catch((error: unknown) => error)
      const second: unknown = await db.raw('SELECT 2').catch((error: unknown) => error)
      return [first, second]
    })
    await postgres.untilRunning('knex-ambient')
    controller.abort()
    expect(await query).toMatchObject([cancelled, notSent])
  })
})

describe('a statement that commits on its way', () => {
  it.each([
    ['several in one', 'INSERT INTO part VALUES (1); COMMIT; SELECT pg_sleep(30) /* part */'],
    [
      'a block',
      'DO $$ BEGIN INSERT INTO part VALUES (1); COMMIT; PERFORM pg_sleep(30); END $$ /* part */',
    ],
  ])('is not told to have had no effect: %s', async (_, text) => {
    const pool = postgres.pool({ max: 1 })
    await pool.query('CREATE TABLE IF NOT EXISTS part (n int); TRUNCATE part')
    const pid = await backendPid(pool)
    const controller = new AbortController()
    const query = pool.query({ text, signal: controller.signal })
    const other = postgres.pool()
    await vi.waitUntil(async () => (await other.query('SELECT FROM part')).rowCount === 1, {
      timeout: 20_000,
    })
    controller.abort()
    await expect(query).rejects.toMatchObject({ outcome: 'unknown', pgError: { code: '57014' } })
    expect((await pool.query('SELECT FROM part')).rowCount).toBe(1)
    expect(await backendPid(pool)).toBe(pid)
  })

  it('is not told so where it goes by its name, its text having been parsed before', async () => {
    const client = await postgres.client()
    await client.query(`CREATE TABLE named_part (n int);
      CREATE PROCEDURE fill_part(seconds float8) LANGUAGE plpgsql
      AS $$ BEGIN INSERT INTO named_part VALUES (1); COMMIT; PERFORM pg_sleep(seconds); END $$`)
    await client.query({ name: 'fill', text: 'CALL fill_part($1)', values: [0] })
    const controller = new AbortController()
    const query = client.query({ name: 'fill', values: [30], signal: controller.signal } as never)
    const other = postgres.pool()
    await vi.waitUntil(async () => (await other.query('SELECT FROM named_part')).rowCount === 2, {
      timeout: 20_000,
    })
    controller.abort()
    await expect(query).rejects.toMatchObject({ outcome: 'unknown', pgError: { code: '57014' } })
  })
})
