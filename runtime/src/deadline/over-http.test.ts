import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
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
import {
  AbortError,
  TimeoutError,
  deadlineFetch,
  deriveSignal,
  remainingMs,
  statusOf,
  withSignal,
} from '../index.js'
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

describe('deadlineFetch', () => {
  it('lets the budget shrink from hop to hop', async () => {
    const budgets: number[] = []
    const options = { trustDeadlineHeaders: true }
    const call = deadlineFetch({ reserveMs: 100 })
    let next: string | undefined
    for (let hop = 0; hop < 3; hop++) {
      const callee = next
      next = await serve((request, response) => {
        const signal = requestSignal(request, options)
        budgets.push(remainingMs(signal))
        void withSignal(signal, async () => {
          if (callee !== undefined) await call(callee)
          response.end()
        })
      })
    }
    const url = next as string
    await withSignal(deriveSignal(null, { timeoutMs: 20_000 }), () => call(url))
    const [first, second, third] = budgets as [number, number, number]
    expect(first).toBeLessThanOrEqual(19_900)
    expect(second).toBeLessThanOrEqual(first - 100)
    expect(third).toBeLessThanOrEqual(second - 100)
  })

  it('sends nothing when the budget is spent', async () => {
    const send = vi.fn<typeof fetch>()
    const call = deadlineFetch({ fetch: send, reserveMs: 5_000 })
    const signal = deriveSignal(null, { timeoutMs: 4_000 })
    await expect(withSignal(signal, () => call('http://callee'))).rejects.toMatchObject({
      name: 'TimeoutError',
      outcome: 'not-sent',
    })
    await expect(call('http://callee', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      outcome: 'not-sent',
    })
    expect(send).not.toHaveBeenCalled()
  })

  it('writes the header that was chosen, and only shortens one that is there', async () => {
    const send = vi.fn<typeof fetch>(() => Promise.resolve(new Response()))
    const headerOf = async (
      header: 'grpc-timeout' | 'x-request-timeout' | 'x-envoy-expected-rq-timeout-ms',
      given?: string,
      timeoutMs = 10_000,
    ): Promise<string | null> => {
      const signal = deriveSignal(null, { timeoutMs })
      const init = given === undefined ? { signal } : { signal, headers: { [header]: given } }
      await deadlineFetch({ fetch: send, header })('http://callee', init)
      return (send.mock.lastCall?.[1]?.headers as Headers).get(header)
    }
    expect(await headerOf('x-request-timeout')).toMatch(/^9\d{3}ms$/)
    expect(await headerOf('grpc-timeout')).toMatch(/^9\d{3}m$/)
    expect(await headerOf('grpc-timeout', undefined, 1e9)).toMatch(/^999999S$/)
    expect(await headerOf('x-envoy-expected-rq-timeout-ms')).toMatch(/^9\d{3}$/)
    expect(await headerOf('x-request-timeout', '3s')).toBe('3s')
    expect(await headerOf('x-request-timeout', '30s')).toMatch(/^9\d{3}ms$/)
    expect(await headerOf('x-request-timeout', '3')).toBe('3')
    expect(await headerOf('x-request-timeout', undefined, Infinity)).toBeNull()
  })

  it('aborts with the surrounding signal as well as with its own, and while the body is read', async () => {
    const url = await serve((_request, response) => {
      response.write('begun')
    })
    for (const which of [0, 1]) {
      const controllers = [new AbortController(), new AbortController()] as const
      const [outer, own] = controllers
      const text = withSignal(outer.signal, async () => {
        const response = await deadlineFetch()(url, { signal: own.signal })
        setTimeout(() => {
          controllers[which]?.abort()
        }, 5)
        return await response.text()
      })
      await expect(text).rejects.toMatchObject({ name: 'AbortError' })
    }
  })

  it('tells that the time went on the call, and that its effect is unknown', async () => {
    const url = await serve(() => undefined)
    const call = withSignal(deriveSignal(null, { timeoutMs: 100 }), () => deadlineFetch()(url))
    await expect(call).rejects.toMatchObject({
      name: 'TimeoutError',
      outcome: 'unknown',
      cause: { name: 'TimeoutError' },
      spent: { longest: [{ kind: 'fetch', detail: url }] },
    })
  })

  it('keeps what a Request of another class brings', async () => {
    class OtherRequest {
      readonly url = 'http://callee/path'
      readonly headers = new Headers({ authorization: 'token' })
      readonly signal = new AbortController().signal
    }
    const send = vi.fn<typeof fetch>(() => Promise.resolve(new Response()))
    const signal = deriveSignal(null, { timeoutMs: 10_000 })
    const request = new OtherRequest() as unknown as Request
    await withSignal(signal, () => deadlineFetch({ fetch: send })(request))
    const headers = send.mock.lastCall?.[1]?.headers as Headers
    expect(headers.get('authorization')).toBe('token')
    expect(headers.has('x-request-timeout')).toBe(true)
  })

  it('leaves the surrounding signal alone when asked to, and refuses a bad reserve', async () => {
    const send = vi.fn<typeof fetch>(() => Promise.resolve(new Response()))
    await withSignal(AbortSignal.abort(), () =>
      deadlineFetch({ fetch: send })('http://callee', { signal: null }),
    )
    expect(send).toHaveBeenCalledOnce()
    expect(() => deadlineFetch({ reserveMs: -1 })).toThrow(RangeError)
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
  await vi.waitFor(() => {
    expect(left).toEqual([true])
  })
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
    await vi.waitFor(() => {
      expect(seen).toEqual([499])
    })
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

async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
