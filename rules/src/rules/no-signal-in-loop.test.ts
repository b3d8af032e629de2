import { testRule } from '../testing/rule-tester.js'
import { noSignalInLoop } from './no-signal-in-loop.js'

testRule('no-signal-in-loop', noSignalInLoop, {
  silent: {
    'a constant of each turn': `
      export async function all(urls: string[], signal: AbortSignal) {
        for (const url of urls) {
          const bounded = AbortSignal.any([signal, AbortSignal.timeout(100)])
          await fetch(url, { signal: bounded })
        }
      }
    `,
    'derived once, before the loop': `
      export async function all(urls: string[], signal: AbortSignal) {
        signal = AbortSignal.any([signal, AbortSignal.timeout(100)])
        for (const url of urls) await fetch(url, { signal })
      }
    `,
    'a fresh signal each turn': `
      export async function all(urls: string[], signal: AbortSignal) {
        for (const url of urls) {
          await fetch(url, { signal })
          signal = AbortSignal.timeout(100)
        }
      }
    `,
  },
  withoutFix: {
    'in a loop': {
      code: `
        export async function all(urls: string[], signal: AbortSignal) {
          for (const url of urls) {
            signal = AbortSignal.any([signal, AbortSignal.timeout(100)])
            await fetch(url, { signal })
          }
        }
      `,
      reasons: ['signal-derived-from-itself'],
    },
    'in a closure that runs often': {
      code: `
        export function poller(url: string, signal: AbortSignal) {
          return async () => {
            signal = AbortSignal.any([signal, AbortSignal.timeout(100)])
            return fetch(url, { signal })
          }
        }
      `,
      reasons: ['signal-derived-from-itself'],
    },
    "with the runtime's deriver": {
      code: `
        import { deriveSignal } from '@ctx-fix/runtime'
        export async function all(urls: string[], signal: AbortSignal) {
          while (urls.length > 0) {
            signal = deriveSignal(signal, { timeoutMs: 100 })
            await fetch(urls.pop() ?? '', { signal })
          }
        }
      `,
      reasons: ['signal-derived-from-itself'],
    },
  },
  withFix: {},
})
