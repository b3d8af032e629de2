import { getRequestListener } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { clientGone } from './client-gone.js'
import { errorResponse } from './error-response.js'
import { ctxSignal, deadlineErrors } from '../http/express.js'
import { ctxSignal as plugin, deadlineErrors as fastifyDeadlineErrors } from '../http/fastify.js'
import { ctxSignal as honoCtxSignal, deadlineErrors as honoDeadlineErrors } from '../http/hono.js'
import { ctxSignal as koaCtxSignal, deadlineErrors as koaDeadlineErrors } from '../http/koa.js'
import { requestSignal } from '../http/node.js'
import { AbortError, TimeoutError, remainingMs, statusOf } from '../index.js'
import { serve } from '../test-support/http.js'
import { slow, useDatabase } from '../test-support/database.js'

const postgres = useDatabase()

describe('trustDeadlineHeaders', () => {
  const remaining = async (
    headers: Record<string, string>,
    options: Parameters<typeof requestSignal>[1],
  ): Promise<number> => {
    const url = await serve((request, response) => {
      response.end(String(remainingMs(requestSignal(request, options))))
    })
    return Number(await (await fetch(url, { headers })).text())
  }

  it('is off unless set', async () => {
    expect(await remaining({ 'x-request-timeout': '5s' }, {})).toBeGreaterThan(20_000)
  })

  it('shortens the deadline', async () => {
    const left = await remaining({ 'x-request-timeout': '5s' }, { trustDeadlineHeaders: true })
    expect(left).toBeLessThanOrEqual(5_000)
    expect(left).toBeGreaterThan(0)
  })

  it('never lengthens it', async () => {
    const options = { trustDeadlineHeaders: true, timeoutMs: 4_000 }
    expect(await remaining({ 'grpc-timeout': '1H' }, options)).toBeLessThanOrEqual(4_000)
    expect(await remaining({ 'x-request-timeout': '99h' }, options)).toBeLessThanOrEqual(4_000)
    expect(await remaining({ 'grpc-timeout': '1H' }, { trustDeadlineHeaders: true })).toBeLessThan(
      30_001,
    )
  })

  it('ends a request at once whose time was spent on the way', async () => {
    expect(await remaining({ 'x-request-timeout': '0ms' }, { trustDeadlineHeaders: true })).toBe(0)
  })

  it('can be limited to some headers', async () => {
    const trustDeadlineHeaders = { headers: ['grpc-timeout'], bareUnit: 's' } as const
    const left = await remaining(
      { 'x-request-timeout': '1', 'grpc-timeout': '9S' },
      { trustDeadlineHeaders },
    )
    expect(left).toBeGreaterThan(1_000)
    expect(left).toBeLessThanOrEqual(9_000)
  })
})

describe('statusOf', () => {
  const timeout = new DOMException('', 'TimeoutError')
  const timedOut = (phase: 'pool' | 'connect') =>
    new TimeoutError('', { outcome: 'not-sent', cause: timeout, phase })

  it.each([
    [timeout, 504],
    [new Error('wrapped by an ORM', { cause: timeout }), 504],
    [new AbortError('', { outcome: 'cancelled', cause: timeout }), 504],
    [Object.assign(new Error('of Sequelize'), { parent: timeout }), 504],
    [new Error('timeout exceeded when trying to connect'), 503],
    [Object.assign(new Error('Defined query timeout'), { name: 'KnexTimeoutError' }), 504],
    [timedOut('pool'), 503],
    [timedOut('connect'), 504],
    [new AbortError('', { outcome: 'cancelled', cause: new Error('mine') }), undefined],
    [new DOMException('', 'AbortError'), undefined],
    [new Error('other'), undefined],
    ['TimeoutError', undefined],
    [undefined, undefined],
  ])('%s: %s', (error, status) => {
    expect(statusOf(error)).toBe(status)
  })

  it('ends on causes that go round in circles', () => {
    const error = new Error('round')
    error.cause = error
    expect(statusOf(error)).toBeUndefined()
  })
})

type Start = (work: () => Promise<unknown>, seen?: unknown[], timeoutMs?: number) => Promise<string>

const frameworks: Record<string, Start> = {
  express: (work, seen = [], timeoutMs = 300) => {
    const app = express()
    app.use(ctxSignal({ timeoutMs }))
    app.get('/', async () => {
      await work()
    })
    app.use(deadlineErrors({ onError: (_error, status) => seen.push(status) }))
    return serve(app)
  },
  fastify: async (work, seen = [], timeoutMs = 300) => {
    const app = fastify()
    await app.register(plugin, { timeoutMs })
    app.setErrorHandler(fastifyDeadlineErrors({ onError: (_error, status) => seen.push(status) }))
    app.get('/', work)
    onTestFinished(() => app.close())
    return await app.listen({ port: 0 })
  },
  koa: (work, seen = [], timeoutMs = 300) => {
    const app = new Koa()
    app.silent = true
    app.use(koaDeadlineErrors({ onError: (_error, status) => seen.push(status) }))
    app.use(koaCtxSignal({ timeoutMs }))
    app.use(async () => {
      await work()
    })
    return serve((request, response) => void app.callback()(request, response))
  },
  hono: (work, seen = [], timeoutMs = 300) => {
    const app = new Hono()
    app.use(honoCtxSignal({ timeoutMs }))
    const onError = (_error: unknown, status: number) => seen.push(status)
    app.onError(honoDeadlineErrors({ onError }, () => new Response('other', { status: 500 })))
    app.get('/', async (c) => {
      await work()
      return c.text('done')
    })
    return serve((request, response) => void getRequestListener(app.fetch)(request, response))
  },
}

it('one response goes out where a handler fails that has answered by itself', async () => {
  const left: boolean[] = []
  const app = express()
  app.use(ctxSignal({ timeoutMs: 50 }))
  app.get('/', async (request, response) => {
    requestSignal(request).addEventListener('abort', () => {
      response.status(503).end('too slow')
    })
    await postgres.pool().query(slow('answered'))
  })
  const others: express.ErrorRequestHandler = (_error, _request, response, _next) => {
    left.push(response.headersSent)
  }
  app.use(deadlineErrors(), others)
  const response = await fetch(await serve(app))
  expect([response.status, await response.text()]).toEqual([503, 'too slow'])
  await vi.waitFor(
    () => {
      expect(left).toEqual([true])
    },
    { timeout: 20_000 },
  )
})

it('Retry-After differs from answer to answer', () => {
  const seen = Array.from({ length: 200 }, () => {
    const answer = errorResponse(new DOMException('', 'TimeoutError'), false, {})
    return Number(answer?.headers['retry-after'])
  })
  expect(new Set(seen)).toEqual(new Set([2, 3, 4]))
})

describe.each(Object.entries(frameworks))('%s answers', (_, start) => {
  it('504 with Retry-After when the deadline has passed', async () => {
    const pool = postgres.pool()
    const url = await start(() => pool.query(slow('late')))
    const response = await fetch(url)
    expect(response.status).toBe(504)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(await response.json()).toEqual({ title: 'Gateway Timeout', status: 504 })
  })

  it('503 when it passed in the queue of a full pool', async () => {
    const pool = postgres.pool({ max: 1 })
    const client = await pool.connect()
    const url = await start(() => pool.query('SELECT 1'))
    expect((await fetch(url)).status).toBe(503)
    client.release()
  })

  it('nothing when the client has gone', async () => {
    const pool = postgres.pool()
    const seen: unknown[] = []
    const url = await start(() => pool.query(slow('gone')), seen, 20_000)
    const controller = new AbortController()
    const response = fetch(url, { signal: controller.signal })
    await Promise.race([postgres.untilRunning('gone'), response])
    controller.abort()
    await expect(response).rejects.toThrow()
    await vi.waitFor(
      () => {
        expect(seen).toEqual([499])
      },
      { timeout: 20_000 },
    )
  })

  it('503 where the client of another request has gone, whose work this one shares', async () => {
    const url = await start(() => Promise.reject(clientGone()))
    expect((await fetch(url)).status).toBe(503)
  })

  it('nothing to errors of other kinds', async () => {
    const url = await start(() => Promise.reject(new Error('other')))
    expect((await fetch(url)).status).toBe(500)
  })
})
