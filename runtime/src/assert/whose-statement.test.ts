import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { requestSignal } from '../http/node.js'
import { deriveSignal, withSignal } from '../index.js'
import { holdLock, useDatabase } from '../test-support/database.js'
import { hasDeadline, isCancelledBy } from './expectations.js'
import { expectRequestCancelled } from './index.js'
import { Ledger } from './ledger/ledger.js'
import { notePlatformDeadlines } from './platform-signals.js'

// A statement proves something of the call that made it, and of the signal that ended it.
const postgres = useDatabase()
const SLOW = 'SELECT pg_sleep(5) AS books'

function recorded(): Ledger {
  const ledger = new Ledger()
  ledger.start()
  onTestFinished(() => {
    ledger.stop()
  })
  return ledger
}

it('expectRequestCancelled takes no statement of another request that is under way', async () => {
  const pool = postgres.pool()
  const server = createServer((request, response) => {
    const isBound = request.url === '/other'
    const signal = isBound ? requestSignal(request, response) : null
    const delay = isBound ? 0 : 50
    setTimeout(() => {
      const text = isBound ? SLOW : 'SELECT pg_sleep(0.7) AS books'
      pool.query({ text, signal }).then(
        () => response.end(),
        () => response.end(),
      )
    }, delay)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  // Begun after the proof, and its statement is the first to be seen.
  const going = new AbortController()
  const proof = expectRequestCancelled(server, '/', { pool, statement: /books/, withinMs: 200 })
  const other = fetch(`${address}/other`, { signal: going.signal }).catch(() => undefined)
  await expect(proof).rejects.toThrow(/in vain until the backend leaves[^]*GET \/\n/)
  going.abort()
  await other
  await postgres.untilStopped('books')
})

describe('toBeCancelledBy fails', () => {
  it('for a signal that has aborted as well, but was not the statement’s', async () => {
    const pool = postgres.pool()
    const a = new AbortController()
    const b = new AbortController()
    const call = (): Promise<unknown> => pool.query({ text: SLOW, signal: b.signal })
    setTimeout(() => {
      b.abort()
      a.abort()
    }, 50)
    const { pass, message } = await isCancelledBy(call, a.signal, recorded())
    expect([pass, message]).toEqual([
      false,
      expect.stringContaining('no statement of the call was ended by this signal'),
    ])
  })

  it('where the statement heeds both, and the other came first', async () => {
    const pool = postgres.pool()
    const a = new AbortController()
    const signal = deriveSignal(a.signal, { timeoutMs: 50 })
    const call = (): Promise<unknown> =>
      pool.query({ text: SLOW, signal }).finally(() => {
        a.abort()
      })
    const { pass } = await isCancelledBy(call, a.signal, recorded())
    expect(pass).toBe(false)
  })

  it('where nothing was sent, because of another signal', async () => {
    const pool = postgres.pool({ max: 1 })
    const [a, b] = [AbortSignal.abort(), AbortSignal.abort()]
    const waitFor = (signal: AbortSignal) => async (): Promise<void> => {
      const client = await pool.connect({ signal } as never)
      client.release()
    }
    expect(await isCancelledBy(waitFor(b), a, recorded())).toMatchObject({ pass: false })
    expect(await isCancelledBy(waitFor(a), a, recorded())).toMatchObject({ pass: true })
  })

  it.each<[string, boolean]>([
    ['of a function', true],
    ['of a promise', false],
  ])('where a statement beside it, %s, has no signal and runs on', async (_, isFunction) => {
    const pool = postgres.pool()
    const unlock = await holdLock(postgres, 1)
    const controller = new AbortController()
    const { signal } = controller
    const unbound = 'SELECT pg_advisory_xact_lock(1) AS unbound'
    const call = (): Promise<unknown> =>
      Promise.all([pool.query({ text: SLOW, signal }), pool.query(unbound)])
    const ledger = recorded()
    const verdict = isCancelledBy(isFunction ? call : call(), signal, ledger)
    await postgres.untilRunning('books')
    await postgres.untilRunning('unbound')
    controller.abort()
    const { pass, message } = await verdict
    await unlock()
    expect(pass).toBe(false)
    expect(message).toMatch(/still runs on the server[^]*AS unbound/)
    expect(message.includes('If it is of another call')).toBe(!isFunction)
    await postgres.untilStopped('unbound')
  })
})

describe('toBeCancelledBy passes', () => {
  it('for a function beside which another call runs', async () => {
    const pool = postgres.pool()
    const ledger = recorded()
    const other = pool.query('SELECT pg_sleep(0.6) AS other')
    const signal = deriveSignal(null, { timeoutMs: 100 })
    const call = (): Promise<unknown> => pool.query({ text: SLOW, signal })
    expect(await isCancelledBy(call, signal, ledger)).toMatchObject({ pass: true })
    await other
  })

  it.each<[string, (signal: AbortSignal) => AbortSignal]>([
    ['AbortSignal.any()', (signal) => AbortSignal.any([signal])],
    [
      'a controller of its own, with the same reason',
      (signal) => {
        const controller = new AbortController()
        signal.addEventListener('abort', () => {
          controller.abort(signal.reason)
        })
        return controller.signal
      },
    ],
  ])('for a signal that comes through %s', async (_, through) => {
    const pool = postgres.pool()
    const signal = deriveSignal(null, { timeoutMs: 100 })
    const call = (): Promise<unknown> => pool.query({ text: SLOW, signal: through(signal) })
    expect(await isCancelledBy(call, signal, recorded())).toMatchObject({ pass: true })
  })

  it('for the surrounding signal of a call that has one of its own', async () => {
    const pool = postgres.pool()
    const surrounding = deriveSignal(null, { timeoutMs: 100 })
    const { signal } = new AbortController()
    const call = (): Promise<unknown> =>
      withSignal(surrounding, () => pool.query({ text: SLOW, signal }))
    expect(await isCancelledBy(call, surrounding, recorded())).toMatchObject({ pass: true })
  })
})

describe('toHaveDeadline', () => {
  it('asks the queries of a function, and no others', async () => {
    const pool = postgres.pool()
    const ledger = recorded()
    const bound = (): Promise<unknown> =>
      pool.query({ text: 'SELECT 1', signal: deriveSignal(null, { timeoutMs: 9_000 }) })
    const other = Promise.resolve().then(() => pool.query('SELECT 2'))
    expect(await hasDeadline(bound, ledger)).toMatchObject({ pass: true })
    await other
  })

  it('knows the deadlines of AbortSignal.timeout() and any(), which the set-up takes note of', async () => {
    const restore = notePlatformDeadlines()
    const timeout = AbortSignal.timeout(9_000)
    const any = AbortSignal.any([new AbortController().signal, timeout])
    const none = AbortSignal.any([new AbortController().signal])
    restore()
    const pool = postgres.pool()
    const ledger = recorded()
    for (const [signal, pass] of [
      [timeout, true],
      [any, true],
      [none, false],
    ] as const) {
      expect(await hasDeadline(signal, ledger)).toMatchObject({ pass })
      const call = (): Promise<unknown> => pool.query({ text: 'SELECT 1', signal })
      expect(await hasDeadline(call, ledger)).toMatchObject({ pass })
    }
    // Taken back, it notes no more.
    expect(await hasDeadline(AbortSignal.timeout(9_000), ledger)).toMatchObject({ pass: false })
  })

  it('takes no limit of the connection for one', async () => {
    const pool = postgres.pool({ statement_timeout: 9_000 })
    expect(await hasDeadline(() => pool.query('SELECT 1'), recorded())).toMatchObject({
      pass: false,
    })
  })
})
