import { testRule } from '../testing/rule-tester.js'
import { noDetachedSignal } from './no-detached-signal.js'

const load = `async function load(id: string, signal?: AbortSignal) { signal?.throwIfAborted(); return id }`

testRule('no-detached-signal', noDetachedSignal, {
  silent: {
    'joined with the caller': `
      ${load}
      export const handle = (id: string, signal: AbortSignal) =>
        load(id, AbortSignal.any([signal, AbortSignal.timeout(500)]))
    `,
    'a fallback for a signal that is missing': `
      ${load}
      export const handle = (id: string, signal?: AbortSignal) => load(id, signal ?? AbortSignal.timeout(500))
    `,
    'no signal of a caller': `
      ${load}
      export const handle = (id: string) => load(id, AbortSignal.timeout(500))
    `,
    'a controller that the caller aborts': `
      ${load}
      export async function handle(id: string, signal: AbortSignal) {
        const controller = new AbortController()
        signal.addEventListener('abort', () => controller.abort(signal.reason))
        return load(id, controller.signal)
      }
    `,
    cleanup: `
      ${load}
      export async function handle(id: string, signal: AbortSignal) {
        try { return await load(id, signal) } finally { await load('undo', AbortSignal.timeout(500)) }
      }
    `,
  },
  withoutFix: {
    'a timeout of its own': {
      code: `
        ${load}
        export const handle = (id: string, signal: AbortSignal) => load(id, AbortSignal.timeout(500))
      `,
      reasons: ['fresh-signal-unlinked'],
      suggestions: [
        {
          kind: 'join',
          output: `
            ${load}
            export const handle = (id: string, signal: AbortSignal) => load(id, AbortSignal.any([signal, AbortSignal.timeout(500)]))
          `,
        },
      ],
    },
    'by way of a variable, where the caller may have none': {
      code: `
        ${load}
        export async function handle(id: string, signal?: AbortSignal) {
          const own = AbortSignal.timeout(500)
          return load(id, own)
        }
      `,
      reasons: ['fresh-signal-unlinked'],
      suggestions: [
        {
          kind: 'join',
          output: `
            ${load}
            export async function handle(id: string, signal?: AbortSignal) {
              const own = AbortSignal.timeout(500)
              return load(id, signal ? AbortSignal.any([signal, own]) : own)
            }
          `,
        },
      ],
    },
    'on one branch': {
      code: `
        ${load}
        export const handle = (id: string, slow: boolean, signal: AbortSignal) =>
          load(id, slow ? AbortSignal.timeout(500) : signal)
      `,
      reasons: ['fresh-signal-on-one-branch'],
      suggestions: [
        {
          kind: 'join',
          output: `
            ${load}
            export const handle = (id: string, slow: boolean, signal: AbortSignal) =>
              load(id, slow ? AbortSignal.any([signal, AbortSignal.timeout(500)]) : signal)
          `,
        },
      ],
    },
  },
  withFix: {},
})
