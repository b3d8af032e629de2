import { testRule } from '../testing/rule-tester.js'
import { deriveInHandler } from './derive-in-handler.js'

const load = `async function load(id: string, signal?: AbortSignal) { signal?.throwIfAborted(); return id }`

testRule('derive-in-handler', deriveInHandler, {
  silent: {
    'a handler that derives': `
      import express from 'express'
      import { requestSignal } from '@ctx-fix/runtime/express'
      ${load}
      express().get('/', async (req, res) => { res.json(await load('1', requestSignal(req))) })
    `,
    'a handler that does no I/O': `
      import express from 'express'
      express().get('/', (req, res) => { res.json({ ok: true }) })
    `,
    "the response's close": `
      import express from 'express'
      ${load}
      express().get('/', async (req, res) => {
        const controller = new AbortController()
        res.on('close', () => controller.abort())
        res.json(await load('1', controller.signal))
      })
    `,
    'a listener of close that aborts nothing': `
      import express from 'express'
      express().get('/', (req, res) => { req.on('close', () => console.log('read')); res.end() })
    `,
    "Fastify's request.signal where there is no body": `
      import Fastify from 'fastify'
      ${load}
      Fastify().get('/', async (request) => load('1', request.signal))
    `,
  },
  withoutFix: {
    "an abort from the request's own close": {
      code: `
        import express from 'express'
        ${load}
        express().get('/', async (req, res) => {
          const controller = new AbortController()
          req.on('close', () => controller.abort())
          res.json(await load('1', controller.signal))
        })
      `,
      reasons: ['handler-listens-to-request-close'],
      suggestions: [
        {
          kind: 'replace',
          output: `
            import express from 'express'
            import { requestSignal } from '@ctx-fix/runtime/express'
            ${load}
            express().get('/', async (req, res) => {
              const controller = new AbortController()
              requestSignal(req).addEventListener('abort', () => controller.abort())
              res.json(await load('1', controller.signal))
            })
          `,
        },
      ],
    },
    "Fastify's request.signal in a POST": {
      code: `
        import Fastify from 'fastify'
        ${load}
        Fastify().post('/', async (request) => load('1', request.signal))
      `,
      reasons: ['handler-uses-broken-signal'],
      suggestions: [
        {
          kind: 'replace',
          output: `
            import Fastify from 'fastify'
            import { requestSignal } from '@ctx-fix/runtime/fastify'
            ${load}
            Fastify().post('/', async (request) => load('1', requestSignal(request)))
          `,
        },
      ],
    },
    'and in a route() with a body, taken out by a pattern': {
      code: `
        import Fastify from 'fastify'
        ${load}
        Fastify().route({
          method: ['GET', 'PUT'],
          url: '/',
          async handler(request) {
            const { signal } = request
            return load('1', signal)
          },
        })
      `,
      reasons: ['handler-uses-broken-signal'],
    },
  },
  withFix: {
    'an Express handler': {
      code: `
        import express from 'express'
        ${load}
        express().get('/', async (req, res) => {
          res.json(await load('1'))
        })
      `,
      reasons: ['handler-derives-nothing'],
      output: `
        import express from 'express'
        import { requestSignal } from '@ctx-fix/runtime/express'
        ${load}
        express().get('/', async (req, res) => {
          const signal = requestSignal(req)
          res.json(await load('1', signal))
        })
      `,
    },
    'a Fastify plugin by type': {
      code: `
        import type { FastifyInstance } from 'fastify'
        ${load}
        export async function routes(app: FastifyInstance) {
          app.get('/', async () => load('1'))
        }
      `,
      reasons: ['handler-derives-nothing'],
      output: `
        import type { FastifyInstance } from 'fastify'
        import { requestSignal } from '@ctx-fix/runtime/fastify'
        ${load}
        export async function routes(app: FastifyInstance) {
          app.get('/', async (request) => load('1', requestSignal(request)))
        }
      `,
    },
    'a name that is taken': {
      code: `
        import express from 'express'
        const requestSignal = 'mine'
        ${load}
        express().get('/', async (req, res) => res.json([requestSignal, await load('1')]))
      `,
      reasons: ['handler-derives-nothing'],
      output: `
        import express from 'express'
        import { requestSignal as requestSignal2 } from '@ctx-fix/runtime/express'
        const requestSignal = 'mine'
        ${load}
        express().get('/', async (req, res) => res.json([requestSignal, await load('1', requestSignal2(req))]))
      `,
    },
  },
})
