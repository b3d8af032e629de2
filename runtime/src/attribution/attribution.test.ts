import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  TimeoutError,
  configure,
  deriveSignal,
  onDeadline,
  timeAccount,
  withSignal,
  type PassedDeadline,
  type QueryEvents,
} from '../index.js'
import { slow, useDatabase } from '../test-support/database.js'
import { proxyTo } from '../test-support/proxy.js'

const postgres = useDatabase()

afterEach(() => {
  configure({ cancelGraceMs: 2_000 })
})

function listen<Name extends keyof QueryEvents>(name: Name): QueryEvents[Name][] {
  const messages: QueryEvents[Name][] = []
  const listener = (message: unknown): void => {
    messages.push(message as QueryEvents[Name])
  }
  subscribe(name, listener)
  onTestFinished(() => {
    unsubscribe(name, listener)
  })
  return messages
}

const errorOf = (promise: Promise<unknown>): Promise<TimeoutError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as TimeoutError,
  )

describe('the error of a deadline says where the time went', () => {
  it('executing a statement, after others', async () => {
    const pool = postgres.pool()
    // To have opened a connection may take longer than the statement on a busy machine.
    await pool.query('SELECT 1')
    const error = await errorOf(
      withSignal(deriveSignal(null, { timeoutMs: 1_000 }), async () => {
        await pool.query('SELECT 1')
        await pool.query('SELECT pg_sleep(0.05)')
        await pool.query(slow('attributed'))
      }),
    )
    expect(error.phase).toBe('server')
    expect(error.message).toMatch(/ of \d+ ms went on executing SELECT pg_sleep\(30\)/)
    expect(error.spent?.totals.statement?.count).toBe(3)
    expect(error.spent?.longest[0]).toMatchObject({ kind: 'statement', detail: slow('attributed') })
  })

  it('waiting for a client of the pool, seen from a derived signal', async () => {
    const pool = postgres.pool({ max: 1 })
    const client = await pool.connect()
    const request = deriveSignal(null, { timeoutMs: 20_000 })
    const signal = deriveSignal(request, { timeoutMs: 60 })
    const error = await errorOf(pool.query({ text: 'SELECT 1', signal }))
    expect(error.phase).toBe('pool')
    expect(error.message).toContain('went on waiting for a client of the pool')
    expect(error.spent?.longest[0]).toMatchObject({ kind: 'pool', isRunning: true })
    expect(timeAccount(request)?.totals.pool?.count).toBe(1)
    client.release()
  })

  it('waiting for the connection', async () => {
    const client = await postgres.client()
    const busy = client.query('SELECT pg_sleep(0.4)')
    const signal = deriveSignal(null, { timeoutMs: 60 })
    const error = await errorOf(client.query({ text: 'SELECT 1', signal }))
    expect(error).toMatchObject({ phase: 'queue', outcome: 'not-sent' })
    expect(error.message).toContain('went on waiting for the connection')
    await busy
  })

  it('keeps little of a thousand statements', async () => {
    const client = await postgres.client()
    const signal = deriveSignal(null, { timeoutMs: 60_000 })
    for (let n = 0; n < 1_000; n++) await client.query({ text: `SELECT ${n}`, signal })
    const account = timeAccount(signal)
    expect(account?.totals).toMatchObject({ statement: { count: 1_000 }, queue: { count: 1_000 } })
    expect(account?.longest.length).toBeLessThan(10)
  })

  it('says nothing where there was no deadline', async () => {
    const client = await postgres.client()
    const { signal } = new AbortController()
    await client.query({ text: 'SELECT 1', signal })
    expect(timeAccount(signal)).toBeUndefined()
  })
})

describe('onDeadline', () => {
  it('hears of a deadline with its account, before the abort', async () => {
    const heard: (PassedDeadline & { aborted: boolean })[] = []
    const stop = onDeadline((passed) => heard.push({ ...passed, aborted: passed.signal.aborted }))
    const client = await postgres.client()
    const signal = deriveSignal(null, { timeoutMs: 100 })
    await errorOf(client.query({ text: slow('heard'), signal }))
    stop()
    expect(heard).toMatchObject([{ signal, aborted: false, reason: { name: 'TimeoutError' } }])
    expect(heard[0]?.spent?.longest[0]).toMatchObject({ kind: 'statement', isRunning: true })
    deriveSignal(null, { timeoutMs: 0 })
    expect(heard).toHaveLength(1)
  })

  it.each([
    { what: 'throws', listener: () => fail() },
    { what: 'rejects', listener: () => Promise.resolve().then(fail) },
  ])('does not stand in the way of the abort where it $what', async ({ listener }) => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const stop = onDeadline(listener)
    expect(deriveSignal(null, { timeoutMs: 0 }).aborted).toBe(true)
    stop()
    await vi.waitFor(
      () => {
        expect(warn).toHaveBeenCalledOnce()
      },
      { timeout: 20_000 },
    )
    warn.mockRestore()
  })

  function fail(): never {
    throw new Error('of the listener')
  }
})

describe('events', () => {
  it('tell of the cancel and of the abort', async () => {
    const cancels = listen('ctx:query:cancel')
    const aborts = listen('ctx:query:abort')
    const client = await postgres.client()
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const controller = new AbortController()
    const query = client.query({ text: slow('told'), signal: controller.signal })
    await postgres.untilRunning('told')
    controller.abort()
    const error = await errorOf(query)
    expect(aborts).toEqual([{ error, text: slow('told') }])
    expect(cancels).toContainEqual({ processId: rows[0]?.pid, delivery: 'delivered' })
  })

  it('tell of statements that were never sent', async () => {
    const aborts = listen('ctx:query:abort')
    const pool = postgres.pool({ max: 1 })
    const client = await pool.connect()
    const controller = new AbortController()
    const running = errorOf(client.query({ text: 'SELECT 1', signal: AbortSignal.abort() }))
    const waiting = errorOf(pool.query({ text: 'SELECT 2', signal: controller.signal }))
    controller.abort()
    await Promise.all([running, waiting])
    expect(aborts).toMatchObject([
      { error: { outcome: 'not-sent' }, text: 'SELECT 1' },
      { error: { outcome: 'not-sent', phase: 'pool' } },
    ])
    client.release()
  })

  it('tell of a connection that was given up', async () => {
    configure({ cancelGraceMs: 100 })
    const destroyed = listen('ctx:query:destroy')
    const { proxy, connectionString } = await proxyTo(postgres.connectionString)
    const pool = postgres.pool({ connectionString, max: 1 })
    const controller = new AbortController()
    const query = errorOf(pool.query({ text: slow('given-up'), signal: controller.signal }))
    await postgres.untilRunning('given-up')
    proxy.refusing = true
    controller.abort()
    expect(await query).toMatchObject({ outcome: 'unknown' })
    await sleep(0)
    expect(destroyed).toEqual([{ processId: expect.any(Number) as number }])
  })
})
