import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { Agent, fetch as undiciFetch, request } from 'undici'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { requestSignal } from '../http/node.js'
import {
  deadlineFetch,
  deadlineInterceptor,
  deriveSignal,
  remainingMs,
  statusOf,
  withSignal,
  type OutgoingDeadlineOptions,
} from '../index.js'
import { serve } from '../test-support/http.js'

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
      cause: { name: 'TimeoutError' },
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
    // It may be three minutes for all that is known.
    expect(await headerOf('x-request-timeout', '3')).toMatch(/^9\d{3}ms$/)
    expect(await headerOf('x-request-timeout', undefined, Infinity)).toBeNull()
  })

  it('shortens every deadline header that is there', async () => {
    const send = vi.fn<typeof fetch>(() => Promise.resolve(new Response()))
    const sent = async (headers: Record<string, string>, options: OutgoingDeadlineOptions = {}) => {
      const signal = deriveSignal(null, { timeoutMs: 10_000 })
      await deadlineFetch({ fetch: send, ...options })('http://callee', { signal, headers })
      return Object.fromEntries(send.mock.lastCall?.[1]?.headers as Headers)
    }
    expect(
      await sent({ 'grpc-timeout': '60S', 'x-envoy-expected-rq-timeout-ms': '60000' }),
    ).toMatchObject({
      'grpc-timeout': expect.stringMatching(/^9\d{3}m$/) as string,
      'x-envoy-expected-rq-timeout-ms': expect.stringMatching(/^9\d{3}$/) as string,
      'x-request-timeout': expect.stringMatching(/^9\d{3}ms$/) as string,
    })
    expect(await sent({ 'grpc-timeout': '1S' })).toMatchObject({ 'grpc-timeout': '1S' })
    const bare = { 'x-request-timeout': '60' }
    expect(await sent(bare, { bareUnit: 'ms' })).toEqual(bare)
    expect(await sent(bare, { bareUnit: 's' })).toEqual({
      'x-request-timeout': expect.stringMatching(/^9\.\d{1,3}$/) as string,
    })
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

describe('deadlineInterceptor', () => {
  const agentOf = (options?: OutgoingDeadlineOptions) => {
    const agent = new Agent()
    onTestFinished(() => agent.destroy())
    return agent.compose(deadlineInterceptor(options))
  }
  const within = <T>(timeoutMs: number, fn: () => Promise<T>) =>
    withSignal(deriveSignal(null, { timeoutMs }), fn)
  const silent = () => serve(() => undefined)

  it.each([
    ['an object', { 'X-Request-Timeout': '60s', authorization: 'token' }],
    [
      'pairs',
      new Map([
        ['x-request-timeout', '60s'],
        ['authorization', 'token'],
      ]),
    ],
    ['a list', ['x-request-timeout', '60s', 'authorization', 'token']],
  ])('shortens the header of a request, and keeps the others: %s', async (_, headers) => {
    const url = await serve((request, response) => {
      response.end(JSON.stringify(request.headers))
    })
    const { body } = await within(10_000, () => request(url, { dispatcher: agentOf(), headers }))
    const seen = (await body.json()) as Record<string, string>
    expect(seen['x-request-timeout']).toMatch(/^9\d{3}ms$/)
    expect(seen['authorization']).toBe('token')
  })

  it('sends what remains where a request has no header, also with fetch, and nothing without a deadline', async () => {
    const url = await serve((request, response) => {
      response.end(request.headers['grpc-timeout'] ?? 'none')
    })
    const dispatcher = agentOf({ header: 'grpc-timeout' })
    expect(await (await within(9_000, () => undiciFetch(url, { dispatcher }))).text()).toMatch(
      /^8\d{3}m$/,
    )
    expect(await (await request(url, { dispatcher })).body.text()).toBe('none')
  })

  it('sends nothing when the budget is spent', async () => {
    let requests = 0
    const url = await serve(() => {
      requests += 1
    })
    const call = within(4_000, () => request(url, { dispatcher: agentOf({ reserveMs: 5_000 }) }))
    const spent = { name: 'TimeoutError', outcome: 'not-sent' }
    await expect(call).rejects.toMatchObject(spent)
    expect(requests).toBe(0)
  })

  it('ends the wait for an answer with the surrounding signal, and tells where the time went', async () => {
    const url = await silent()
    await expect(
      within(150, () => request(`${url}path?secret`, { dispatcher: agentOf() })),
    ).rejects.toMatchObject({
      name: 'TimeoutError',
      outcome: 'unknown',
      spent: { longest: [{ kind: 'fetch', detail: `${url}path` }] },
    })
  })

  it('ends it while the body is read, and with a signal of the request', async () => {
    const url = await serve((_request, response) => {
      response.write('begun')
    })
    const controller = new AbortController()
    const { signal } = controller
    const { body } = await withSignal(signal, () => request(url, { dispatcher: agentOf() }))
    setTimeout(() => {
      controller.abort()
    }, 20)
    await expect(body.text()).rejects.toMatchObject({ name: 'AbortError', outcome: 'unknown' })
    const own = request(url, { dispatcher: agentOf(), signal: AbortSignal.timeout(20) })
    await expect(own.then(({ body }) => body.text())).rejects.toMatchObject({
      name: 'TimeoutError',
    })
  })

  it('ends it while TLS is still being negotiated', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    const sockets: { destroy(): unknown }[] = []
    server.on('connection', (socket) => sockets.push(socket))
    await once(server, 'listening')
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const startedAt = performance.now()
    const error: unknown = await within(150, () => request(url, { dispatcher: agentOf() })).catch(
      (error: unknown) => error,
    )
    expect(error).toMatchObject({ name: 'TimeoutError', outcome: 'not-sent' })
    expect(statusOf(error)).toBe(504)
    expect(performance.now() - startedAt).toBeLessThan(8_000)
  })

  it('leaves the surrounding signal alone when asked to', async () => {
    const url = await serve((_request, response) => response.end('answered'))
    const { body } = await withSignal(AbortSignal.abort(), () =>
      request(url, { dispatcher: agentOf(), signal: null as never }),
    )
    expect(await body.text()).toBe('answered')
  })
})
