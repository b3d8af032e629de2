import { testRule } from '../testing/rule-tester.js'
import { requireDeadline } from './require-deadline.js'

testRule('require-deadline', requireDeadline, {
  silent: {
    "the runtime's signal of the request": `
      import { requestSignal } from '@ctx-fix/runtime/web'
      export async function GET(request: Request) {
        return fetch('https://b', { signal: requestSignal(request) })
      }
    `,
    'a parameter, of which nothing is known': `
      export const load = (signal: AbortSignal) => fetch('https://b', { signal })
    `,
    'joined with a timeout': `
      export async function GET(request: Request) {
        const signal = AbortSignal.any([request.signal, AbortSignal.timeout(1_000)])
        return fetch('https://b', { signal })
      }
    `,
    'a server that ends its statements': `
      import { Pool } from 'pg'
      export const pool = new Pool({ statement_timeout: 5_000 })
      export async function GET(request: Request) {
        await pool.query({ text: 'SELECT 1', signal: request.signal })
      }
    `,
    'a request that is made here, to be sent': `
      export async function send(url: string) {
        const request = new Request(url)
        return fetch('https://proxy', { signal: request.signal })
      }
    `,
    'a signal that is given to nothing': `
      export const isGone = (request: Request) => request.signal.aborted
    `,
  },
  withoutFix: {
    "the request's own": {
      code: `
        export async function GET(request: Request) {
          return fetch('https://b', { signal: request.signal })
        }
      `,
      reasons: ['signal-without-deadline'],
      suggestions: [
        {
          kind: 'replace',
          output: `
            import { requestSignal } from '@ctx-fix/runtime/web'
            export async function GET(request: Request) {
              return fetch('https://b', { signal: requestSignal(request) })
            }
          `,
        },
      ],
    },
    'by way of a constant, once for all that it is given to': {
      code: `
        export async function GET(request: Request) {
          const signal = request.signal
          await fetch('https://a', { signal })
          return fetch('https://b', { signal })
        }
      `,
      reasons: ['signal-without-deadline'],
      suggestions: [
        {
          kind: 'replace',
          output: `
            import { requestSignal } from '@ctx-fix/runtime/web'
            export async function GET(request: Request) {
              const signal = requestSignal(request)
              await fetch('https://a', { signal })
              return fetch('https://b', { signal })
            }
          `,
        },
      ],
    },
    'deep in a context': {
      code: `
        import { Hono } from 'hono'
        export const app = new Hono()
        app.get('/', async (c) => fetch('https://b', { signal: c.req.raw.signal }))
      `,
      reasons: ['signal-without-deadline'],
      suggestions: [
        {
          kind: 'replace',
          output: `
            import { Hono } from 'hono'
            import { requestSignal } from '@ctx-fix/runtime/web'
            export const app = new Hono()
            app.get('/', async (c) => fetch('https://b', { signal: requestSignal(c.req.raw) }))
          `,
        },
      ],
    },
  },
  withFix: {},
})
