import { describe, expect, it } from 'vitest'
import { timeoutOf } from '../http/request-signal.js'
import { deadlineFromHeaders } from './incoming.js'
import { parseEnvoyTimeout, parseGrpcTimeout, parseRequestTimeout } from './parse-headers.js'

describe('X-Request-Timeout', () => {
  it.each([
    ['1500ms', 1_500],
    ['1.5s', 1_500],
    ['0.25ms', 0.25],
    ['0s', 0],
    ['-3ms', 0],
    ['007ms', 7],
  ])('%j is %d ms', (value, ms) => {
    expect(parseRequestTimeout(value)).toBe(ms)
  })

  it.each([
    ...[
      '',
      ' ',
      'ms',
      '1500',
      '1500 ms',
      ' 1500ms',
      '1500ms ',
      '1500MS',
      '+5ms',
      '1e3ms',
      '0x10ms',
    ],
    ...['.5s', '5.s', '1,5s', '5m', '5ms, 5ms', 'NaNms', 'Infinityms', '١٢ms', '5ms\n'],
    ...['9'.repeat(13) + 'ms', ['5ms'], 5, null, undefined, {}],
  ])('%j is not understood', (value) => {
    expect(parseRequestTimeout(value)).toBeUndefined()
  })

  it('takes a bare number only in a unit that was chosen', () => {
    expect(parseRequestTimeout('2')).toBeUndefined()
    expect(parseRequestTimeout('2', 'ms')).toBe(2)
    expect(parseRequestTimeout('2', 's')).toBe(2_000)
    expect(parseRequestTimeout('2ms', 's')).toBe(2)
  })
})

describe('grpc-timeout', () => {
  it.each([
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['3S', 3_000],
    ['250m', 250],
    ['500u', 0.5],
    ['100n', 1e-4],
    ['0m', 0],
    ['99999999H', 359_999_996_400_000],
  ])('%j is %d ms', (value, ms) => {
    expect(parseGrpcTimeout(value)).toBeCloseTo(ms, 9)
  })

  it.each(['', 'm', '1', '1s', '1h', '-1m', '1.5S', '123456789m', '1 S', '1Sm', undefined])(
    '%j is not understood',
    (value) => {
      expect(parseGrpcTimeout(value)).toBeUndefined()
    },
  )
})

describe('x-envoy-expected-rq-timeout-ms', () => {
  it.each([
    ['250', 250],
    ['0', 0],
    ['-1', 0],
  ])('%j is %d ms', (value, ms) => {
    expect(parseEnvoyTimeout(value)).toBe(ms)
  })

  it.each(['', '250ms', '2.5', '1e3', '0x1', ' 1', undefined])('%j is not understood', (value) => {
    expect(parseEnvoyTimeout(value)).toBeUndefined()
  })
})

describe('deadlineFromHeaders', () => {
  it('takes the least of those that are trusted', () => {
    const headers = {
      'x-request-timeout': '2s',
      'grpc-timeout': '1S',
      'x-envoy-expected-rq-timeout-ms': '1500',
    }
    expect(deadlineFromHeaders(headers)).toBe(1_000)
    expect(deadlineFromHeaders(headers, { headers: ['x-request-timeout'] })).toBe(2_000)
    expect(deadlineFromHeaders(headers, { headers: [] })).toBe(Infinity)
  })

  it('never throws, never gives less than zero or no number, and never lengthens, whatever the headers', () => {
    const random = mulberry32(7)
    const alphabet = [
      '0',
      '1',
      '9',
      '.',
      '-',
      '+',
      'm',
      's',
      'S',
      'H',
      'u',
      'n',
      'e',
      ' ',
      ',',
      '\0',
      '💥',
    ]
    const odd: unknown[] = [undefined, null, 0, NaN, {}, [], ['1ms'], Symbol('1ms'), () => '1ms']
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
    const value = (): unknown =>
      random() < 0.1
        ? pick(odd)
        : Array.from({ length: Math.floor(random() * 16) }, () => pick(alphabet)).join('')
    let understood = 0
    for (let round = 0; round < 100_000; round++) {
      const headers = {
        'x-request-timeout': value(),
        'grpc-timeout': value(),
        'x-envoy-expected-rq-timeout-ms': value(),
      }
      const ms = deadlineFromHeaders(headers, { bareUnit: pick(['ms', 's', undefined]) })
      if (!(ms >= 0)) throw new Error(`${String(ms)} from ${JSON.stringify(headers)}`)
      if (ms < Infinity) understood += 1
      const effective = timeoutOf({ headers }, { timeoutMs: 1_000, trustDeadlineHeaders: true })
      if (!(effective !== undefined && effective >= 0 && effective <= 1_000)) {
        throw new Error(`${String(effective)} instead of 1000 at most: ${JSON.stringify(headers)}`)
      }
    }
    expect(understood).toBeGreaterThan(1_000)
  })
})

/** A small seeded generator, so that a failure can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
