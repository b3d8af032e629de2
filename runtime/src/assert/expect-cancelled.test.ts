import { describe, expect, it } from 'vitest'
import { withSignal } from '../index.js'
import { onAbort } from '../abort-listeners.js'
import { slow, useDatabase } from '../test-support/database.js'
import { expectCancelled } from './index.js'

const postgres = useDatabase()
const quick = { timeoutMs: 400, withinMs: 400 }

describe('expectCancelled', () => {
  it('passes for a call that is cancelled, and reports what it saw', async () => {
    const pool = postgres.pool()
    const report = await expectCancelled((signal) => pool.query({ text: slow('proven'), signal }), {
      pool,
    })
    expect(report).toMatchObject({ statement: slow('proven'), error: { outcome: 'cancelled' } })
    expect(report.rejectedAfterMs).toBeLessThan(1_000)
    expect(report.stoppedAfterMs).toBeLessThanOrEqual(report.cleanAfterMs)
    expect(report.cleanAfterMs).toBeLessThan(report.withinMs)
  })

  it('passes for a transaction that is rolled back, with the signal around it', async () => {
    const pool = postgres.pool()
    const transfer = async (): Promise<void> => {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        await client.query('SELECT pg_advisory_xact_lock(1)')
        await client.query(slow('transfer'))
        await client.query('COMMIT')
      } catch (error) {
        await client.query('ROLLBACK')
        throw error
      } finally {
        client.release()
      }
    }
    await expectCancelled((signal) => withSignal(signal, transfer), {
      pool,
      statement: /transfer/,
    })
  })

  it('needs no pool', async () => {
    const client = await postgres.client()
    const { connectionString } = postgres
    await expectCancelled((signal) => client.query({ text: slow('no-pool'), signal }), {
      connectionString,
    })
  })

  it('finds the SQLSTATE in what an ORM wraps around the error', async () => {
    const pool = postgres.pool()
    const wrapped = (signal: AbortSignal): Promise<unknown> =>
      pool.query({ text: slow('wrapped'), signal }).catch((cause: unknown) => {
        throw Object.assign(new Error('QueryFailedError'), { driverError: cause })
      })
    await expectCancelled(wrapped, { pool })
  })

  it.each([
    [
      'the statement runs on',
      'leaves the statement',
      (signal: AbortSignal, query: () => Promise<unknown>) =>
        Promise.race([query(), rejectionOf(signal)]),
    ],
    [
      'the abort is swallowed',
      'swallowed',
      (signal: AbortSignal, query: (signal: AbortSignal) => Promise<unknown>) =>
        query(signal).catch(() => []),
    ],
    [
      'the call rejects for another reason',
      'SQLSTATE 57014',
      (signal: AbortSignal, query: (signal: AbortSignal) => Promise<unknown>) =>
        query(signal).catch(() => Promise.reject(new Error('sorry'))),
    ],
    [
      'a listener is left',
      'listener',
      (signal: AbortSignal, query: (signal: AbortSignal) => Promise<unknown>) => {
        signal.addEventListener('abort', () => {
          signal.addEventListener('abort', () => undefined)
        })
        return query(signal)
      },
    ],
    ['the statement is over too soon', 'make it slower', () => Promise.resolve()],
    ['the call fails by itself', 'failed before', () => Promise.reject(new Error('by itself'))],
  ])('fails when %s', async (_, message, call) => {
    const pool = postgres.pool()
    const marker = `failing ${String(Math.random())}`
    const query = (signal?: AbortSignal): Promise<unknown> =>
      pool.query({ text: `SELECT pg_sleep(1) /* ${marker} */`, signal })
    await expect(
      expectCancelled((signal) => call(signal, query), { pool, ...quick }),
    ).rejects.toThrow(message)
  })

  it('fails when a transaction is left open', async () => {
    const pool = postgres.pool()
    const client = await pool.connect()
    await client.query('BEGIN')
    const call = (signal: AbortSignal): unknown => client.query({ text: slow('left open'), signal })
    await expect(expectCancelled(call, { pool, ...quick })).rejects.toThrow('without transaction')
    await client.query('ROLLBACK')
    client.release()
  })

  it('fails when the connection is closed instead of kept', async () => {
    const pool = postgres.pool()
    const call = async (signal: AbortSignal): Promise<void> => {
      const client = await pool.connect()
      try {
        await client.query({ text: slow('closed'), signal })
      } finally {
        client.release(true)
      }
    }
    await expect(expectCancelled(call, { pool, ...quick })).rejects.toThrow('closed instead of')
  })

  it('needs to know where to look', async () => {
    await expect(expectCancelled(() => 1, {})).rejects.toThrow(TypeError)
  })
})

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    onAbort(signal, () => {
      reject(signal.reason as Error)
    })
  })
}
