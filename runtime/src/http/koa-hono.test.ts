import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { createAdaptorServer } from '@hono/node-server'
import Router from '@koa/router'
import { Hono } from 'hono'
import Koa from 'koa'
import { describe, expect, it } from 'vitest'
import { currentSignal, remainingMs } from '../index.js'
import { describeAdapters, type Start } from '../test-support/adapters.js'
import { listen } from '../test-support/http.js'
import * as forHono from './hono.js'
import * as forKoa from './koa.js'

const starts: Record<string, Start> = {
  koa: async (work) => {
    const app = new Koa()
    app.use(async (context) => {
      context.req.resume()
      context.body = (await work(forKoa.requestSignal(context))) ?? 'done'
    })
    return listen(serverOf(app))
  },
  'koa with @koa/router, surrounding': async (work) => {
    const app = new Koa()
    const router = new Router()
    router.all('/', async (context) => {
      await text(context.req)
      context.body = (await work(currentSignal())) ?? 'done'
    })
    app.use(forKoa.ctxSignal()).use(router.routes())
    return listen(serverOf(app))
  },
  hono: async (work) => {
    const app = new Hono()
    app.on(['GET', 'POST'], '/', async (context) => {
      if (context.req.method === 'POST') await context.req.json()
      return context.json((await work(forHono.requestSignal(context))) ?? {})
    })
    return listen(createAdaptorServer(app) as never)
  },
  'hono, surrounding': async (work) => {
    const app = new Hono()
    app.use(forHono.ctxSignal())
    app.on(['GET', 'POST'], '/', async (context) => {
      if (context.req.method === 'POST') await context.req.json()
      return context.json((await work(currentSignal())) ?? {})
    })
    return listen(createAdaptorServer(app) as never)
  },
}

describeAdapters(starts)

describe('hono without Node', () => {
  it('aborts with the request, and at its deadline', async () => {
    const app = new Hono()
    const seen: AbortSignal[] = []
    app.get('/', (context) => {
      seen.push(forHono.requestSignal(context), forHono.requestSignal(context))
      seen.push(forHono.requestSignal(context, { timeoutMs: 1_000 }))
      return context.text('done')
    })
    const client = new AbortController()
    await app.request('/', { signal: client.signal })
    const [first, second, stricter] = seen
    expect(second).toBe(first)
    expect([first, stricter].map((each) => Math.ceil(remainingMs(each) / 1_000))).toEqual([30, 1])
    client.abort()
    expect([first?.aborted, stricter?.aborted]).toEqual([true, true])
  })
})

it.each(Object.entries({ forKoa, forHono }))(
  'requestSignal refuses what is no context: %s',
  (_, { requestSignal }) => {
    for (const wrong of [{}, { req: {} }, { req: { raw: {} } }]) {
      expect(() => requestSignal(wrong)).toThrow(TypeError)
    }
  },
)

function serverOf(app: Koa): Server {
  const listener = app.callback()
  return createServer((request, response) => void listener(request, response))
}
