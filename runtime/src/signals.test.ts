import { spawnSync } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import {
  configure,
  currentSignal,
  deriveSignal,
  detached,
  remainingMs,
  withSignal,
} from './index.js'
import { onAbort } from './abort-listeners.js'

describe('withSignal', () => {
  it('is around everything below, and not around what comes after', async () => {
    const { signal } = new AbortController()
    const seen = await withSignal(signal, async () => {
      await sleep(1)
      return currentSignal()
    })
    expect(seen).toBe(signal)
    expect(currentSignal()).toBeUndefined()
  })

  it('awaits a lazy result inside', async () => {
    const { signal } = new AbortController()
    const lazy = {
      then: (resolve: (value: unknown) => void) => {
        resolve(currentSignal())
      },
    }
    expect(await withSignal(signal, () => lazy)).toBe(signal)
    expect(await detached('test', () => lazy)).toBeUndefined()
    expect(await withSignal(signal, () => withSignal(undefined, () => lazy))).toBe(signal)
  })

  it('turns what is thrown at once into a rejection', async () => {
    const { signal } = new AbortController()
    const fail = (): never => {
      throw new Error('at once')
    }
    for (const around of [signal, null, undefined]) {
      await expect(withSignal(around, fail)).rejects.toThrow('at once')
    }
    await expect(detached('test', fail)).rejects.toThrow('at once')
  })

  it.each([
    ['undefined inherits', undefined, true],
    ['null opts out', null, false],
  ])('%s', async (_, inner, isSeen) => {
    const { signal } = new AbortController()
    const seen = await withSignal(signal, () => withSignal(inner, () => currentSignal()))
    expect(seen).toBe(isSeen ? signal : undefined)
  })

  it('aborts with either when nested, and leaves no listener behind', async () => {
    for (const which of ['outer', 'inner'] as const) {
      const both = { outer: new AbortController(), inner: new AbortController() }
      const reason = await withSignal(both.outer.signal, () =>
        withSignal(both.inner.signal, () => {
          both[which].abort(which)
          return currentSignal()?.reason as unknown
        }),
      )
      expect(reason).toBe(which)
      expect(getEventListeners(both.outer.signal, 'abort')).toHaveLength(0)
      expect(getEventListeners(both.inner.signal, 'abort')).toHaveLength(0)
    }
  })

  it('does not wrap a signal that is derived from the one around it', async () => {
    const { signal } = new AbortController()
    await withSignal(signal, async () => {
      const derived = deriveSignal(undefined, { timeoutMs: 1_000 })
      expect(await withSignal(derived, () => currentSignal())).toBe(derived)
      derived.dispose()
    })
  })

  it.each([[{}], ['signal'], [42]])('refuses %o', async (signal) => {
    await expect(withSignal(signal as never, () => 1)).rejects.toThrow(TypeError)
  })

  it('detached() needs a reason', async () => {
    await expect(detached('  ', () => 1)).rejects.toThrow(TypeError)
  })
})

describe('deriveSignal', () => {
  it('aborts with a TimeoutError at its deadline, and says how long it has', async () => {
    const signal = deriveSignal(null, { timeoutMs: 50 })
    expect(remainingMs(signal)).toBeGreaterThan(40)
    expect(remainingMs(signal)).toBeLessThanOrEqual(50)
    await sleep(70)
    expect(signal.aborted).toBe(true)
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
    expect(remainingMs(signal)).toBe(0)
  })

  it('is never longer than its parent', () => {
    const parent = deriveSignal(null, { timeoutMs: 100 })
    expect(remainingMs(deriveSignal(parent, { timeoutMs: 60_000 }))).toBeLessThanOrEqual(100)
    expect(remainingMs(deriveSignal(parent, { timeoutMs: 10 }))).toBeLessThanOrEqual(10)
    expect(remainingMs(deriveSignal(parent, { timeoutMs: Infinity }))).toBeLessThanOrEqual(100)
  })

  it('aborts at its own deadline where its parent, which had less time, is disposed of', async () => {
    const parent = deriveSignal(null, { timeoutMs: 20 })
    const child = deriveSignal(parent, { timeoutMs: 40 })
    parent[Symbol.dispose]()
    await vi.waitFor(() => {
      expect(child.aborted).toBe(true)
    })
    expect(child.reason).toMatchObject({ name: 'TimeoutError' })
  })

  it('aborts with its parent, for the same reason, at once if that has happened', () => {
    const controller = new AbortController()
    const before = deriveSignal(controller.signal, { timeoutMs: 1_000 })
    controller.abort('gone')
    const after = deriveSignal(controller.signal, { timeoutMs: 1_000 })
    expect([before.reason, after.reason]).toEqual(['gone', 'gone'])
    expect(remainingMs(before)).toBe(0)
  })

  it('takes the surrounding signal where none is given, and none for null', async () => {
    const controller = new AbortController()
    await withSignal(controller.signal, () => {
      const inheriting = deriveSignal(undefined, { timeoutMs: 1_000 })
      const free = deriveSignal(null, { timeoutMs: 1_000 })
      controller.abort()
      expect([inheriting.aborted, free.aborted]).toEqual([true, false])
    })
  })

  it.each([[0], [-1]])('has passed already with a timeout of %d', (timeoutMs) => {
    expect(deriveSignal(null, { timeoutMs }).reason).toMatchObject({ name: 'TimeoutError' })
  })

  it.each([[NaN], ['100'], [undefined]])('refuses a timeout of %o', (timeoutMs) => {
    expect(() => deriveSignal(null, { timeoutMs: timeoutMs as number })).toThrow(RangeError)
  })

  it('may be longer than a timer of Node can be', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const days = 24 * 60 * 60 * 1_000
      const signal = deriveSignal(null, { timeoutMs: 60 * days })
      vi.advanceTimersByTime(59 * days)
      expect(signal.aborted).toBe(false)
      vi.advanceTimersByTime(days)
      expect(signal.aborted).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })

  it('can be disposed of, by name and by symbol', async () => {
    const { signal: parent } = new AbortController()
    const signal = deriveSignal(parent, { timeoutMs: 10 })
    signal.dispose()
    await sleep(30)
    expect(signal.aborted).toBe(false)
    expect(remainingMs(signal)).toBe(Infinity)
    expect(getEventListeners(parent, 'abort')).toHaveLength(0)
    const symbol = (Symbol as { dispose?: symbol }).dispose
    expect(symbol === undefined || symbol in signal).toBe(true)
  })

  it('does not keep the process alive', () => {
    const script = `import { deriveSignal } from '${new URL('../dist/index.js', import.meta.url).href}'
      deriveSignal(null, { timeoutMs: 20_000 })`
    const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 10_000,
    })
    expect(status).toBe(0)
  })
})

describe('a derived signal', () => {
  it('may be listened to by others as often as they like', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const signal = deriveSignal(null, { timeoutMs: 5_000 })
    await Promise.all(Array.from({ length: 30 }, () => sleep(1, undefined, { signal })))
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })
})

describe('configure', () => {
  it.each([
    [{ requestTimeoutMs: 0 }],
    [{ cancelGraceMs: NaN }],
    [{ cleanupTimeoutMs: Infinity }],
    [{ requestTimeout: 5 }],
  ])('refuses %o', (limits) => {
    expect(() => {
      configure(limits as never)
    }).toThrow(RangeError)
  })
})

describe('a long-lived signal', () => {
  it('has one listener for a thousand operations, and none after', () => {
    const { signal } = new AbortController()
    const ends = Array.from({ length: 1_000 }, () => onAbort(signal, () => undefined))
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    for (const end of ends) end()
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('does not grow with what was derived from it', () => {
    const { signal } = new AbortController()
    for (let n = 0; n < 100_000; n++) deriveSignal(signal, { timeoutMs: 60_000 }).dispose()
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})
