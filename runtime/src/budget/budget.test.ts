import { spawnSync } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import {
  AbortError,
  TimeoutError,
  configure,
  defineBudgets,
  deriveSignal,
  primaryWrite,
  remainingMs,
  replicaRead,
  statusOf,
  withSignal,
} from '../index.js'
import { slow, useDatabase } from '../test-support/database.js'

const postgres = useDatabase()

const budgets = defineBudgets({
  payment: { timeoutMs: 3_000, retries: 2 },
  order: primaryWrite({ timeoutMs: 40 }),
  feed: replicaRead({ timeoutMs: 40, fallback: ['cached'] }),
  search: replicaRead({ timeoutMs: 40 }),
})

/** A failed attempt with this outcome. */
const failure = (outcome: 'not-sent' | 'cancelled' | 'unknown'): Error =>
  new TimeoutError('late', { outcome, cause: new DOMException('', 'TimeoutError') })

describe('defineBudgets', () => {
  it('gives names and results that the compiler knows', () => {
    expectTypeOf<keyof typeof budgets>().toEqualTypeOf<'payment' | 'order' | 'feed' | 'search'>()
    const attempt = (): number => 1
    expectTypeOf<Awaited<ReturnType<typeof budgets.payment.run<number>>>>().toEqualTypeOf<number>()
    expectTypeOf(budgets.search.run(attempt, { fallback: 'none' })).resolves.toEqualTypeOf<
      string | number
    >()
    // @ts-expect-error no such budget
    expect(budgets.payments).toBeUndefined()
  })

  it.each([
    { timeoutMs: 0 },
    { timeoutMs: NaN },
    { timeoutMs: Infinity },
    { timeoutMs: 1, retries: -1 },
    { timeoutMs: 1, retries: 0.5 },
  ])('refuses %j', (settings) => {
    expect(() => defineBudgets({ wrong: settings })).toThrow(/of wrong must be/)
  })

  it('is for deriveSignal too, where the shorter deadline wins and the error says whose', async () => {
    expect(remainingMs(deriveSignal(null, { budget: budgets.payment }))).toBeGreaterThan(0)
    const short = deriveSignal(null, { timeoutMs: 500 })
    expect(remainingMs(deriveSignal(short, { budget: budgets.payment }))).toBeLessThanOrEqual(500)
    const signal = deriveSignal(null, { budget: budgets.order })
    await vi.waitFor(
      () => {
        expect(signal.reason).toMatchObject({
          message: 'the deadline of 40 ms for order has passed',
        })
      },
      { timeout: 20_000 },
    )
  })
})

describe('a budget', () => {
  it('cancels what runs too long, and tries again while that is safe', async () => {
    const pool = postgres.pool()
    const attempts: number[] = []
    const text = slow('budget')
    const result = budgets.search.run((_signal, attempt) => {
      attempts.push(attempt)
      return pool.query(text)
    })
    await expect(result).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(attempts).toEqual([0, 1])
    await postgres.untilStopped('budget')
  })

  it.each([
    ['not-sent', 3],
    ['cancelled', 3],
    ['unknown', 1],
  ] as const)('makes of %s, with two retries, attempts: %d', async (outcome, attempts) => {
    const fn = vi.fn(() => Promise.reject(new Error('of an ORM', { cause: failure(outcome) })))
    await expect(budgets.payment.run(fn)).rejects.toThrow('of an ORM')
    expect(fn).toHaveBeenCalledTimes(attempts)
  })

  it.each([
    new Error('other'),
    // By a signal of its own, which somebody has aborted.
    new AbortError('deliberate', { outcome: 'cancelled', cause: new Error('mine') }),
  ])('does not repeat errors of other kinds: %s', async (error) => {
    const fn = vi.fn(() => Promise.reject(error))
    await expect(budgets.payment.run(fn)).rejects.toBe(error)
    expect(fn).toHaveBeenCalledOnce()
  })

  it('that pauses before a retry does not keep the process alive', () => {
    const script = `import { TimeoutError, defineBudgets } from '${new URL('../../dist/index.js', import.meta.url).href}'
      const { slow } = defineBudgets({ slow: { timeoutMs: 1_000, retries: 30 } })
      const cause = new DOMException('', 'TimeoutError')
      slow.run(() => Promise.reject(new TimeoutError('late', { outcome: 'not-sent', cause })))`
    const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 10_000,
    })
    expect(status).toBe(0)
  })

  describe('whose function does not heed the signal', () => {
    beforeEach(() => {
      configure({ cancelGraceMs: 50 })
    })
    afterEach(() => {
      configure({ cancelGraceMs: 2_000 })
    })
    const never = vi.fn(() => new Promise<string[]>(() => undefined))

    it('rejects all the same, and does not try again', async () => {
      never.mockClear()
      const error: unknown = await budgets.search.run(never).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(TimeoutError)
      expect(error).toMatchObject({ outcome: 'unknown' })
      expect(statusOf(error)).toBe(504)
      expect(never).toHaveBeenCalledOnce()
      await expect(budgets.order.run(never)).rejects.toMatchObject({ outcome: 'unknown' })
    })

    it('falls back where it is for reads', async () => {
      expect(await budgets.feed.run(never)).toEqual(['cached'])
    })

    it('rejects when the request is over, and hears nothing of what comes later', async () => {
      const controller = new AbortController()
      const late = async (): Promise<never> => {
        controller.abort()
        await sleep(300)
        throw new Error('nobody hears of it')
      }
      const run = budgets.payment.run(late, { parent: controller.signal })
      await expect(run).rejects.toMatchObject({ name: 'AbortError', outcome: 'unknown' })
      // An unhandled rejection would fail the run of the tests.
      await sleep(300)
    })

    it('has its own result where it ends in time after all', async () => {
      configure({ cancelGraceMs: 20_000 })
      const slowly = async (signal: AbortSignal): Promise<string> => {
        while (!signal.aborted) await sleep(5)
        return 'late, and true'
      }
      expect(await budgets.search.run(slowly)).toBe('late, and true')
    })
  })

  it('gives the result of a later attempt', async () => {
    const fn = (_: AbortSignal, attempt: number): Promise<number> =>
      attempt === 2 ? Promise.resolve(attempt) : Promise.reject(failure('not-sent'))
    expect(await budgets.payment.run(fn)).toBe(2)
  })
})

describe('tiers', () => {
  it('a write to the primary is never repeated', async () => {
    const fn = vi.fn(() => Promise.reject(failure('not-sent')))
    await expect(budgets.order.run(fn)).rejects.toBeInstanceOf(AbortError)
    expect(fn).toHaveBeenCalledOnce()
  })

  it('nothing takes the place of a write', async () => {
    // @ts-expect-error a write has no fallback
    const run = budgets.order.run(() => Promise.reject(failure('unknown')), { fallback: 'done' })
    await expect(run).rejects.toThrow('order is for writes, which have no fallback')
  })

  it('a read from a replica falls back after one retry', async () => {
    const fn = vi.fn(() => Promise.reject(failure('cancelled')))
    expect(await budgets.feed.run(fn)).toEqual(['cached'])
    expect(fn).toHaveBeenCalledTimes(2)
    const fallback = (error: unknown): string => (error as Error).message
    expect(await budgets.search.run(fn, { fallback })).toBe('late')
    await expect(budgets.search.run(fn)).rejects.toThrow('late')
  })

  it('an error of another kind is not hidden by the fallback', async () => {
    await expect(budgets.feed.run(() => Promise.reject(new Error('syntax')))).rejects.toThrow(
      'syntax',
    )
  })

  it('a thousand that pause before their retry are one listener of the request', async () => {
    const { signal } = new AbortController()
    const fn = vi.fn(() => Promise.reject(failure('not-sent')))
    const runs = Array.from({ length: 1_000 }, () => budgets.feed.run(fn, { parent: signal }))
    await vi.waitFor(
      () => {
        expect(fn).toHaveBeenCalledTimes(1_000)
      },
      { timeout: 20_000 },
    )
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    await Promise.all(runs)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('nothing is repeated or replaced once the request is over', async () => {
    const controller = new AbortController()
    const fn = vi.fn(() => {
      controller.abort()
      return Promise.reject(failure('cancelled'))
    })
    await expect(withSignal(controller.signal, () => budgets.feed.run(fn))).rejects.toThrow('late')
    expect(fn).toHaveBeenCalledOnce()
  })
})
