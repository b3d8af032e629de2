import { createServer } from 'node:http'
import pg from 'pg'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { onAbort } from '../abort-listeners.js'
import { requestSignal } from '../http/node.js'
import { deriveSignal } from '../index.js'
import { guarantees } from '../pg/internals.js'
import { useDatabase } from '../test-support/database.js'
import { delayBinds } from '../test-support/slow-bind.js'
import { isCancelledBy } from './expectations.js'
import { expectCancelled, expectRequestCancelled } from './index.js'
import { Ledger } from './ledger/ledger.js'
import { unrecorded } from './ledger/scopes.js'

// A statement that ends is not one that was cancelled, and one that seems to end need not have.
const postgres = useDatabase()

interface Case {
  readonly pool: pg.Pool
  readonly work: (signal: AbortSignal) => Promise<unknown>
}

const sleepFor = (seconds: number): string => `SELECT pg_sleep(${seconds}) AS books`

const otherEnds: Record<string, [RegExp, () => Case]> = {
  'a time limit of the server': [
    /did not cancel the statement: a time limit/,
    () => {
      const pool = postgres.pool({ statement_timeout: 300 })
      return { pool, work: () => pool.query(sleepFor(9)) }
    },
  ],
  'the loss of its connection': [
    /connection was closed|gave it up before/,
    () => {
      const pool = postgres.pool()
      const work = async (signal: AbortSignal): Promise<unknown> => {
        const client = await pool.connect()
        client.on('error', () => undefined)
        const { processID } = client as unknown as { processID: number }
        onAbort(signal, () => {
          void postgres.pool().query('SELECT pg_terminate_backend($1)', [processID])
        })
        return client.query(sleepFor(9)).finally(() => {
          client.release(true)
        })
      }
      return { pool, work }
    },
  ],
  'an error of its own': [
    /did not cancel the statement: it failed|because of SQLSTATE 57014/,
    () => {
      const pool = postgres.pool()
      return {
        pool,
        work: () => pool.query(`SELECT 1 / (SELECT count(pg_sleep(0.3)) - 1) AS books`),
      }
    },
  ],
}

describe.each(Object.entries(otherEnds))('%s is no cancellation', (_, [message, begin]) => {
  it('for expectRequestCancelled', async () => {
    const { pool, work } = begin()
    const proof = expectRequestCancelled(handlerOf(work), '/', { pool, statement: /books/ })
    await expect(proof).rejects.toThrow(message)
  })

  it.each([true, false])('for expectCancelled, expectSqlState: %s', async (expectSqlState) => {
    const { pool, work } = begin()
    const proof = expectCancelled(work, { pool, statement: /books/, expectSqlState })
    await expect(proof).rejects.toThrow(message)
  })

  it('for toBeCancelledBy', async () => {
    const { work } = begin()
    const signal = deriveSignal(null, { timeoutMs: 100 })
    const { pass, message: said } = await isCancelledBy(() => work(signal), signal, recorded())
    expect(pass).toBe(false)
    expect(said).toContain('for another reason than the abort')
  })
})

it('its own end is no cancellation', async () => {
  const pool = postgres.pool()
  const proof = expectRequestCancelled(
    handlerOf(() => pool.query(sleepFor(0.3))),
    '/',
    { pool },
  )
  await expect(proof).rejects.toThrow('did not cancel the statement: it came to its end by itself')
  const swallowing = (): Promise<never> =>
    pool.query(sleepFor(0.3)).then(() => Promise.reject(new Error('aborted')))
  await expect(
    expectCancelled(swallowing, { pool, statement: /books/, expectSqlState: false }),
  ).rejects.toThrow('did not cancel the statement: it came to its end by itself')
})

it('a connection that is closed in place of going back to the pool is none', async () => {
  const pool = postgres.pool()
  const work = async (signal: AbortSignal): Promise<void> => {
    const client = await pool.connect()
    await client.query({ text: sleepFor(9), signal }).finally(() => {
      client.release(true)
    })
  }
  const proof = expectRequestCancelled(handlerOf(work), '/', { pool })
  await expect(proof).rejects.toThrow('closed instead of going back')
})

describe('a statement that is bound late still runs, although PostgreSQL starts it anew', () => {
  let pool: pg.Pool
  const books = { text: 'SELECT pg_sleep($1) AS books', values: [1] }
  const late = async (): Promise<unknown> => {
    const client = await pool.connect()
    delayBinds(client, 150)
    return client.query(books).finally(() => {
      client.release(true)
    })
  }
  beforeAll(() => {
    pool = new pg.Pool({ connectionString: postgres.connectionString })
    return () => pool.end()
  })

  it.each([true, false])('for expectRequestCancelled, stalled: %s', async (stall) => {
    const proof = expectRequestCancelled(handlerOf(late), '/', {
      pool,
      statement: /books/,
      stall,
      withinMs: 400,
    })
    await expect(proof).rejects.toThrow('until the backend leaves the statement')
  })

  it('for expectCancelled', async () => {
    const rejecting = (signal: AbortSignal): Promise<unknown> => {
      const aborted = new Promise((_resolve, reject) => {
        onAbort(signal, () => {
          reject(signal.reason as Error)
        })
      })
      return Promise.race([late(), aborted])
    }
    const options = { pool, statement: /books/, runningForMs: 20, withinMs: 400 }
    await expect(expectCancelled(rejecting, options)).rejects.toThrow('leaves the statement')
  })
})

describe('where the runtime is broken: the caller is refused, and no cancel is sent', () => {
  const breakIt = (): void => {
    guarantees.sendCancel = false
    onTestFinished(() => {
      guarantees.sendCancel = true
    })
  }

  it('expectCancelled fails', async () => {
    breakIt()
    const pool = postgres.pool()
    const call = (signal: AbortSignal): unknown => pool.query({ text: sleepFor(1), signal })
    // Both the call and the backend are waited for.
    await expect(expectCancelled(call, { pool, withinMs: 300 })).rejects.toThrow(
      /in vain until the (?:backend leaves|call settles)/,
    )
  })

  it('toBeCancelledBy fails, also where the error of the call looks right', async () => {
    breakIt()
    const pool = postgres.pool()
    const signal = deriveSignal(null, { timeoutMs: 100 })
    const lying = (): Promise<unknown> =>
      Promise.race([
        pool.query({ text: sleepFor(1.5), signal }),
        new Promise((_resolve, reject) => {
          const message = 'canceling statement due to user request'
          onAbort(signal, () => {
            reject(Object.assign(new Error(message), { code: '57014' }))
          })
        }),
      ])
    const { pass, message } = await isCancelledBy(lying, signal, recorded())
    expect([pass, message]).toEqual([
      false,
      expect.stringMatching(/still runs on the server[^]*books/),
    ])
  })
})

describe('toBeCancelledBy', () => {
  it('asks PostgreSQL over a connection like that of the statement', async () => {
    const pool = postgres.pool()
    const signal = deriveSignal(null, { timeoutMs: 100 })
    const call = (): Promise<unknown> => pool.query({ text: sleepFor(9), signal })
    expect(await isCancelledBy(call, signal, recorded())).toEqual({
      pass: true,
      message: 'the call was cancelled by the signal, as PostgreSQL says',
    })
  })

  it('says that it needs the database where nothing tells how to reach it', async () => {
    const pool = postgres.pool()
    const signal = deriveSignal(null, { timeoutMs: 100 })
    const ledger = recorded()
    const call = (): Promise<unknown> => unrecorded(() => pool.query({ text: sleepFor(9), signal }))
    const { pass, message } = await isCancelledBy(call, signal, ledger)
    expect([pass, message]).toEqual([
      false,
      expect.stringContaining('toBeCancelledBy(signal, { pool })'),
    ])
    const given = deriveSignal(null, { timeoutMs: 100 })
    const again = (): Promise<unknown> =>
      unrecorded(() => pool.query({ text: sleepFor(9), signal: given }))
    expect(await isCancelledBy(again, given, ledger, { pool })).toMatchObject({ pass: true })
  })

  it('shows the way to the statement, and the place and the rule, where the signal is lost', async () => {
    const pool = postgres.pool()
    const signal = deriveSignal(null, { timeoutMs: 50 })
    const find = (): Promise<unknown> =>
      pool.query(sleepFor(0.2)).then(() => Promise.reject(new Error('late')))
    const { pass, message } = await isCancelledBy(() => find(), signal, recorded())
    expect(pass).toBe(false)
    expect(message).toMatch(
      /the test\n[^]*→ find .*other-ends\.test\.ts:\d+[^]*\(ctx\/\w+-signal\)/,
    )
  })
})

it('expectCancelled shows the way to the statement, and the place and the rule, where the signal is lost', async () => {
  const pool = postgres.pool()
  const find = (): Promise<unknown> => pool.query(sleepFor(0.8))
  const proof = expectCancelled(() => find(), { pool, withinMs: 200 })
  await expect(proof).rejects.toThrow(
    /in vain until the (?:call settles|backend leaves the statement)[^]*→ find .*other-ends\.test\.ts:\d+[^]*not passed on at .*other-ends\.test\.ts:\d+:\d+ \(ctx\/\w+-signal\)/,
  )
})

it('expectCancelled does not take an end for a cancellation that nobody has seen', async () => {
  const pool = postgres.pool()
  const call = (signal: AbortSignal): Promise<unknown> =>
    unrecorded(() => pool.query({ text: sleepFor(9), signal })).catch(() =>
      Promise.reject(new Error('499')),
    )
  await expect(
    expectCancelled(call, { pool, statement: /books/, expectSqlState: false }),
  ).rejects.toThrow('nothing tells what ended the statement')
})

function handlerOf(
  work: (signal: AbortSignal) => Promise<unknown>,
): ReturnType<typeof createServer> {
  return createServer((request, response) => {
    work(requestSignal(request, response)).then(
      () => response.end(),
      () => response.end(),
    )
  })
}

function recorded(): Ledger {
  const ledger = new Ledger()
  ledger.start()
  onTestFinished(() => {
    ledger.stop()
  })
  return ledger
}
