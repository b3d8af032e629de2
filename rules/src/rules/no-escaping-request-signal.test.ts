import { testRule } from '../testing/rule-tester.js'
import { noEscapingRequestSignal } from './no-escaping-request-signal.js'

const load = `declare function load(id: string, signal?: AbortSignal): Promise<string>`

testRule('no-escaping-request-signal', noEscapingRequestSignal, {
  silent: {
    'work that writes the response, or hands its failure to the framework': `
      import express from 'express'
      import { requestSignal } from '@ctx-fix/runtime/express'
      declare function stream(res: express.Response, signal: AbortSignal): Promise<void>
      declare function work(signal: AbortSignal): Promise<void>
      express().get('/', (req, res, next) => {
        void stream(res, requestSignal(req))
        work(requestSignal(req)).catch(next)
      })
    `,
    'work that is awaited, and work with a deadline of its own': `
      import Fastify from 'fastify'
      Fastify().get('/', async (request) => {
        void fetch('https://a', { signal: AbortSignal.timeout(1_000) })
        return (await fetch('https://b', { signal: request.signal })).status
      })
    `,
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
    'background work with the signal of the request': {
      code: `
        import Fastify from 'fastify'
        Fastify().get('/', async (request) => {
          const { signal } = request
          void fetch('https://a', { signal })
          setTimeout(() => fetch('https://b', { signal }), 1_000)
          setInterval(() => { fetch('https://c', { signal }).catch(() => undefined) }, 1_000)
          return 'ok'
        })
      `,
      reasons: [
        'signal-in-background-work',
        'signal-in-background-work',
        'signal-in-background-work',
      ],
    },
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
