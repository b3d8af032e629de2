import { describe, expect, test } from 'vitest'
import { analysisOf, judgementOn } from '../testing/program.js'

function slotOf(text: string) {
  return analysisOf(text).calls.find((each) => each.name === 'work')?.slot
}

describe('where a callee takes its signal', () => {
  test.each<[situation: string, declaration: string, slot: object | undefined]>([
    [
      'a parameter',
      'declare function work(a: string, signal: AbortSignal): void',
      { kind: 'argument', index: 1, accepts: { undefined: false, null: false } },
    ],
    [
      'an optional parameter',
      'declare function work(signal?: AbortSignal): void',
      { kind: 'argument', index: 0, accepts: { undefined: true, null: false } },
    ],
    [
      'a parameter that may be null',
      'declare function work(signal: AbortSignal | null): void',
      { kind: 'argument', index: 0, accepts: { undefined: false, null: true } },
    ],
    [
      'a parameter with a default',
      'function work(signal: AbortSignal = never()) {}',
      { kind: 'argument', index: 0, accepts: { undefined: true, null: false } },
    ],
    [
      'a key of an options bag',
      'declare function work(a: string, options?: { signal?: AbortSignal }): void',
      { kind: 'option', index: 1, key: 'signal' },
    ],
    [
      'a key of another name',
      'interface Options { retries: number; abort?: AbortSignal }\ndeclare function work(options: Options): void',
      { kind: 'option', index: 0, key: 'abort' },
    ],
    [
      'a key that an interface inherits',
      'interface Base { signal?: AbortSignal }\ninterface Options extends Base { a: 1 }\ndeclare function work(options: Options): void',
      { kind: 'option', index: 0, key: 'signal' },
    ],
    [
      'the overload that has one',
      'function work(a: string): void\nfunction work(a: string, signal: AbortSignal): void\nfunction work(a: string, signal?: AbortSignal): void {}',
      { kind: 'argument', index: 1 },
    ],
    [
      'a parameter before a key, as the nearer word',
      'declare function work(options: { signal?: AbortSignal }, signal?: AbortSignal): void',
      { kind: 'argument', index: 1 },
    ],
    [
      'a name alone, where there are types',
      'declare function work(signal: string): void',
      undefined,
    ],
    [
      'two parameters: which is meant is not known',
      'declare function work(a: AbortSignal, b: AbortSignal): void',
      undefined,
    ],
    ['signals of a rest', 'declare function work(...all: AbortSignal[]): void', undefined],
  ])('%s', (_situation, declaration, slot) => {
    const found = slotOf(
      `${declaration}\nexport function run(signal: AbortSignal) { return work() }\ndeclare function never(): AbortSignal`,
    )
    if (slot) expect(found).toMatchObject(slot)
    else expect(found).toBeUndefined()
  })

  test('in plain JavaScript the name of a parameter says it', () => {
    const text = 'export function work(id, signal) {}\nexport function run(signal) { work(1) }'
    const analysis = analysisOf({ 'src/plain.js': text })
    expect(judgementOn(analysis, 'work').node.slot).toMatchObject({ kind: 'argument', index: 1 })
  })

  test('in plain JavaScript so does the name that a pattern takes', () => {
    const text = `export function work(id, { signal, limit = 10 } = {}) {}
export function run(signal) { work(1, { limit: 5 }) }`
    const analysis = analysisOf({ 'src/plain.js': text })
    expect(judgementOn(analysis, 'work').node.slot).toMatchObject({
      kind: 'option',
      index: 1,
      key: 'signal',
    })
  })
})
