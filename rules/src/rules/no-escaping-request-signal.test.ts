import { testRule } from '../testing/rule-tester.js'
import { noEscapingRequestSignal } from './no-escaping-request-signal.js'

const load = `declare function load(id: string, signal?: AbortSignal): Promise<string>`

testRule('no-escaping-request-signal', noEscapingRequestSignal, {
  silent: {
    'a variable of the function': `
      ${load}
      export async function run(id: string, signal: AbortSignal) {
        let current = signal
        current = AbortSignal.any([signal])
        return load(id, current)
      }
    `,
    'a signal of the module itself': `
      let stop: AbortSignal | undefined
      export function arm() { stop = AbortSignal.timeout(1_000) }
      export const isOver = () => stop?.aborted
    `,
    'a cache that has a deadline of its own': `
      ${load}
      const cache = new Map<string, Promise<string>>()
      export function cached(id: string, signal: AbortSignal) {
        signal.throwIfAborted()
        let promise = cache.get(id)
        if (!promise) {
          promise = load(id, AbortSignal.timeout(1_000))
          cache.set(id, promise)
        }
        return promise
      }
    `,
    'a promise that only its caller has': `
      ${load}
      export async function both(signal: AbortSignal) {
        const first = load('1', signal)
        const second = load('2', signal)
        return [await first, await second]
      }
    `,
  },
  withoutFix: {
    'a variable of the module': {
      code: `
        let current: AbortSignal | undefined
        export function remember(signal: AbortSignal) { current = signal }
        export const isOver = () => current?.aborted
      `,
      reasons: ['signal-stored-in-module'],
    },
    'a promise that is cached': {
      code: `
        ${load}
        const cache = new Map<string, Promise<string>>()
        export function cached(id: string, signal: AbortSignal) {
          let promise = cache.get(id)
          if (!promise) {
            promise = load(id, signal)
            cache.set(id, promise)
          }
          return promise
        }
      `,
      reasons: ['signal-in-shared-work'],
    },
  },
  withFix: {},
})
