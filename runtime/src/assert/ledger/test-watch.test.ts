import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { deriveSignal, detached } from '../../index.js'
import { useDatabase } from '../../test-support/database.js'
import { asJob } from './entry-point.js'
import { asSetUp } from './scopes.js'
import { configureLedger, ledgerSettings, type LedgerSettings } from './settings.js'
import { TestWatch } from './test-watch.js'

const postgres = useDatabase()
const untouched = ledgerSettings()
let watch: TestWatch

beforeEach(() => {
  watch = new TestWatch()
  watch.start()
})
afterEach(() => {
  watch.stop()
  configureLedger(untouched)
})

/** What a test that does `work` is failed with; `undefined` where it passes. */
async function verdictOn(work: () => unknown): Promise<string | undefined> {
  watch.began('a test')
  await work()
  return watch.ended('a test').then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  )
}

const UNBOUND = 'query without signal or deadline'

describe('a query without signal or deadline', () => {
  const settings: [string, Partial<LedgerSettings>, boolean][] = [
    ['fails its test by default', {}, true],
    ['passes where only records are wanted', { mode: 'record' }, false],
    ['passes by a predicate', { allow: { query: ({ sql }) => sql.startsWith('SELECT') } }, false],
    ['fails where the predicate is about others', { allow: { query: () => false } }, true],
    ['passes by its file', { allow: { files: [/test-watch\.test/] } }, false],
    ['fails where another file is allowed', { allow: { files: [/other/] } }, true],
  ]
  it.each(settings)('%s', async (_, change, isFailed) => {
    configureLedger(change)
    const pool = postgres.pool()
    const verdict = await verdictOn(() => asJob('mails', () => pool.query('SELECT 1')))
    if (isFailed) expect(verdict).toContain(UNBOUND)
    else expect(verdict).toBeUndefined()
  })

  it('passes with any reason to be detached, until reasons are listed', async () => {
    const pool = postgres.pool()
    const audit = (): unknown =>
      asJob('mails', () => detached('audit', () => pool.query('SELECT 1')))
    expect(await verdictOn(audit)).toBeUndefined()
    configureLedger({ allow: { detached: [/^cache/] } })
    expect(await verdictOn(audit)).toContain(UNBOUND)
    configureLedger({ allow: { detached: [/^audit$/] } })
    expect(await verdictOn(audit)).toBeUndefined()
  })

  it('names the place where the signal of a job is lost', async () => {
    const pool = postgres.pool()
    const find = (): unknown => pool.query('SELECT 1')
    const verdict = await verdictOn(() => asJob('mails', () => find()))
    expect(verdict).toMatch(/which is not passed on at .*test-watch\.test\.ts:\d+:\d+ \(ctx\//)
    expect(verdict).not.toContain('nothing on this way has a signal')
  })

  it('is a matter of requests and jobs, unless all queries are', async () => {
    const pool = postgres.pool()
    const direct = (): unknown => pool.query('SELECT 1')
    expect(await verdictOn(direct)).toBeUndefined()
    configureLedger({ mode: 'all' })
    const verdict = await verdictOn(direct)
    expect(verdict).toContain(UNBOUND)
    expect(verdict).toContain('the test\n')
    expect(verdict).toContain('ctx/require-signal')
    expect(await verdictOn(() => asSetUp(direct))).toBeUndefined()
  })

  it('is told of a job as of one', async () => {
    const pool = postgres.pool()
    const run = async (fn: () => unknown): Promise<void> => {
      await fn()
    }
    const verdict = await verdictOn(() => asJob('mails', () => run(() => pool.query('SELECT 1'))))
    expect(verdict).toMatch(/the job has a signal/)
    expect(verdict).not.toContain('request')
  })

  it('is one of the tests’ even where a hook sends its request, before the test', async () => {
    const pool = postgres.pool()
    await pool.query('SELECT 1 AS seed')
    await asJob('login', () => pool.query('SELECT 2 AS login'))
    const verdict = await verdictOn(() => undefined)
    expect(verdict).toContain(UNBOUND)
    expect(verdict).toContain('AS login')
    expect(verdict).not.toContain('AS seed')
    expect(verdict).not.toContain('outlives')
  })

  it('may be transaction control', async () => {
    const pool = postgres.pool()
    const transaction = async (): Promise<void> => {
      const client = await pool.connect()
      await client.query('BEGIN')
      await client.query('SAVEPOINT before')
      await client.query('ROLLBACK TO before')
      await client.query("SET LOCAL lock_timeout = '1s'")
      await client.query('COMMIT')
      client.release()
    }
    expect(await verdictOn(() => asJob('mails', transaction))).toBeUndefined()
  })
})

describe('a query that outlives its test', () => {
  it('is named by the test that made it', async () => {
    const pool = postgres.pool()
    const verdict = await verdictOn(() => {
      void pool.query('SELECT pg_sleep(0.3) AS forgotten')
    })
    expect(verdict).toContain('query outlives its test "a test"')
    expect(verdict).toContain('SELECT pg_sleep(0.3) AS forgotten')
  })

  it('is named as well where the test stops the clock', async () => {
    const pool = postgres.pool()
    await asSetUp(() => pool.query('SELECT 1'))
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now())
    onTestFinished(() => {
      clock.mockRestore()
    })
    const verdict = await verdictOn(() => {
      void pool.query('SELECT pg_sleep(1) AS forgotten')
    })
    expect(verdict).toContain('query outlives its test "a test"')
  })

  it('is no longer one when it ends soon, or is set-up', async () => {
    const pool = postgres.pool()
    // To open a connection may take longer than soon.
    await asSetUp(() => pool.query('SELECT 1'))
    const soon = (): void => void pool.query('SELECT 1')
    expect(await verdictOn(soon)).toBeUndefined()
    const setUp = (): void => void asSetUp(() => pool.query('SELECT pg_sleep(0.2)'))
    expect(await verdictOn(setUp)).toBeUndefined()
  })

  it('is named by its own test where a later one finds it', async () => {
    const pool = postgres.pool()
    watch.began('first')
    const forgotten = asJob('mails', async () => {
      await sleep(150)
      await pool.query('SELECT 1 AS forgotten')
    })
    await watch.ended('first')
    watch.began('second')
    await forgotten
    const verdict = watch.ended('second')
    await expect(verdict).rejects.toThrow('query outlives its test "first"')
    await expect(verdict).rejects.not.toThrow('second')
  })

  it('is none of the requests of tests that run at the same time', async () => {
    const pool = postgres.pool()
    const signal = deriveSignal(null, { timeoutMs: 9_000 })
    const serve = (name: string): unknown =>
      asJob(name, () => pool.query({ text: 'SELECT 1', signal }))
    watch.began('first')
    await serve('of the first')
    watch.began('second')
    await serve('of either')
    await watch.ended('second')
    await serve('of the first, which is still running')
    await watch.ended('first')
    await watch.finished()
  })

  it('is none of a test within another one', async () => {
    const pool = postgres.pool()
    const signal = deriveSignal(null, { timeoutMs: 9_000 })
    watch.began('outer')
    watch.began('inner')
    await asJob('mails', () => pool.query({ text: 'SELECT 1', signal }))
    await watch.ended('inner')
    await watch.ended('outer')
  })

  it('is named by all of those that ran at the same time, as nothing tells whose it is', async () => {
    const pool = postgres.pool()
    watch.began('first')
    watch.began('second')
    void pool.query({ text: 'SELECT pg_sleep(0.3)' })
    await watch.ended('first')
    await expect(watch.ended('second')).rejects.toThrow(
      'query outlives its test "first" or "second"',
    )
  })

  it('is found after the last test of a file, and named once', async () => {
    const pool = postgres.pool()
    watch.began('last')
    const running = asJob('late', async () => {
      await sleep(30)
      await pool.query('SELECT pg_sleep(0.2) AS late')
    })
    await watch.ended('last')
    await running
    await expect(watch.finished()).rejects.toThrow('query outlives its test')
    await watch.finished()
  })
})

it('knows its modes', () => {
  expect(() => {
    configureLedger({ mode: 'sometimes' as never })
  }).toThrow('request, all or record, not sometimes')
})
