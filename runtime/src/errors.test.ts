import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { abortError, AbortError, TimeoutError, UnsupportedError } from './errors.js'

/** As an application has it that is CommonJS. */
const other = createRequire(import.meta.url)('../cjs/dist/errors.js') as {
  AbortError: typeof AbortError
  TimeoutError: typeof TimeoutError
  UnsupportedError: typeof UnsupportedError
  abortError: typeof abortError
}

const aborted = AbortSignal.abort()
const late = AbortSignal.abort(new DOMException('late', 'TimeoutError'))

describe('instanceof', () => {
  it('knows the errors of another copy of this package', () => {
    expect(other.AbortError).not.toBe(AbortError)
    expect(other.abortError(aborted, 'cancelled') instanceof AbortError).toBe(true)
    expect(other.abortError(late, 'cancelled') instanceof TimeoutError).toBe(true)
    expect(other.abortError(late, 'cancelled') instanceof AbortError).toBe(true)
    expect(abortError(late, 'cancelled') instanceof other.TimeoutError).toBe(true)
    expect(new other.UnsupportedError('no') instanceof UnsupportedError).toBe(true)
  })

  it('tells them from each other, and from all else', () => {
    expect(other.abortError(aborted, 'cancelled') instanceof TimeoutError).toBe(false)
    expect(new UnsupportedError('no') instanceof AbortError).toBe(false)
    for (const value of [new Error('AbortError'), aborted.reason, undefined, null, 'AbortError']) {
      expect(value instanceof AbortError).toBe(false)
    }
  })

  it('means the own objects of a class that extends one of them', () => {
    class Mine extends AbortError {}
    const mine = new Mine('mine', { outcome: 'cancelled', cause: undefined })
    expect(mine instanceof Mine && mine instanceof AbortError).toBe(true)
    expect(abortError(aborted, 'cancelled') instanceof Mine).toBe(false)
  })
})
