import { testRule } from '../testing/rule-tester.js'
import { detachedNeedsReason } from './detached-needs-reason.js'

testRule('detached-needs-reason', detachedNeedsReason, {
  silent: {
    'a reason, and a call that loses its signal': `
      export async function handle(signal: AbortSignal) {
        signal.throwIfAborted()
        // ctx:detached -- the invoice goes out whatever becomes of the request
        await fetch('https://a.example')
      }
    `,
    'on a declaration': `
      // ctx:detached -- a cache that all requests share
      export async function warm(signal: AbortSignal) { return fetch('https://a.example') }
    `,
  },
  withoutFix: {
    'no reason': {
      code: `
        export async function handle(signal: AbortSignal) {
          // ctx:detached
          await fetch('https://a.example')
        }
      `,
      reasons: ['marker-without-reason'],
    },
    'nothing that would be reported': {
      code: `
        export function handle(id: string) {
          // ctx:detached -- it was a call once
          return id
        }
      `,
      reasons: ['marker-unused'],
      suggestions: [
        {
          kind: 'remove',
          output: `
            export function handle(id: string) {
              return id
            }
          `,
        },
      ],
    },
  },
  withFix: {},
})
