import { once } from 'node:events'
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import express from 'express'
import fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { deferred } from '../deferred.js'
import { configure, currentSignal, remainingMs } from '../index.js'
import { slow, useDatabase } from '../test-support/database.js'
import * as forExpress from './express.js'
import * as forFastify from './fastify.js'
import * as forNode from './node.js'

const postgres = useDatabase()

/** What a handler does with its signal; the response's body is what it returns. */
type Work = (signal: AbortSignal | undefined) => Promise<unknown>

/** Starts a server whose every request is answered by `work`, and tells its port. */
type Start = (work: Work) => Promise<number>

const starts: Record<string, Start> = {
  'node:http': async (work) =>
    listen(
      createServer((request, response) => {
        request.resume()
        request.once('end', () => {
          void answer(work(forNode.requestSignal(request)), response)
        })
      }),
    ),
  'node:http, surrounding': async (work) =>
    listen(
      createServer(
        forNode.withRequestSignal((request: IncomingMessage, response: ServerResponse) => {
          request.resume()
          void answer(work(currentSignal()), response)
        }),
      ),
    ),
  express: async (work) => {
    const app = express()
    app.use(express.json({ limit: '10mb' }))
    app.all('/', (request, response) => {
      void answer(work(forExpress.requestSignal(request)), response)
    })
    return listen(createServer(app))
  },
  'express, surrounding': async (work) => {
    const app = express()
    app.use(forExpress.ctxSignal(), express.json({ limit: '10mb' }))
    app.all('/', (_request, response) => {
      void answer(work(currentSignal()), response)
    })
    return listen(createServer(app))
  },
  fastify: async (work) => {
    const app = fastify({ bodyLimit: 10_000_000 })
    app.route({
      method: ['GET', 'POST'],
      url: '/',
      handler: async (request) => (await work(forFastify.requestSignal(request))) ?? 'done',
    })
    return listen(app)
  },
  'fastify, surrounding': async (work) => {
    const app = fastify({ bodyLimit: 10_000_000 })
    await app.register(forFastify.ctxSignal, { timeoutMs: 10_000 })
    app.route({
      method: ['GET', 'POST'],
      url: '/',
      handler: async () => (await work(currentSignal())) ?? 'done',
    })
    return listen(app)
  },
}

const bodies = {
  GET: undefined,
  'POST with JSON': JSON.stringify({ small: true }),
  'POST with a large body': JSON.stringify({ large: 'x'.repeat(2_000_000) }),
}

describe.each(Object.entries(starts))('%s', (_, start) => {
  describe.each(Object.entries(bodies))('%s', (_, body) => {
    it('cancels the statement when the client goes away', async () => {
      const pool = postgres.pool()
      const settled = deferred<unknown>()
      const port = await start((signal) => {
        const query = pool.query({ text: slow('left'), signal })
        settled.resolve(query.catch((error: unknown) => error))
        return query
      })
      const request = send(port, body)
      await postgres.untilRunning('left')
      request.destroy()
      expect(await settled.promise).toMatchObject({
        outcome: 'cancelled',
        cause: { message: 'the client closed the connection' },
      })
      await postgres.untilStopped('left')
    })

    it('leaves a client that stays alone, during and after the response', async () => {
      const pool = postgres.pool()
      const signals: (AbortSignal | undefined)[] = []
      const port = await start((signal) => {
        signals.push(signal)
        return pool.query({ text: 'SELECT pg_sleep(0.15)', signal })
      })
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (let repetition = 0; repetition < 2; repetition++) {
        expect(await statusOf(send(port, body, agent))).toBe(200)
      }
      agent.destroy()
      await sleep(50)
      expect(signals.map((signal) => signal?.aborted)).toEqual([false, false])
      expect(signals[0]).not.toBe(signals[1])
    })
  })
})

describe('requestSignal', () => {
  it('is the same however often it is asked for; an earlier deadline wins', async () => {
    const seen: AbortSignal[] = []
    const remaining: number[] = []
    const port = await listen(
      createServer((request, response) => {
        const { requestSignal } = forNode
        seen.push(requestSignal(request), requestSignal(request, response), requestSignal(request))
        for (const timeoutMs of [undefined, 1_000, 90_000]) {
          remaining.push(remainingMs(requestSignal(request, { timeoutMs })))
        }
        response.end()
      }),
    )
    await statusOf(send(port))
    expect(new Set(seen).size).toBe(1)
    expect(remaining.map((ms) => Math.ceil(ms / 1_000))).toEqual([30, 1, 30])
  })

  it('aborts at its deadline, which is configurable', async () => {
    configure({ requestTimeoutMs: 50 })
    onTestFinished(() => {
      configure({ requestTimeoutMs: 30_000 })
    })
    const port = await listen(
      createServer((request, response) => {
        const signal = forNode.requestSignal(request)
        signal.addEventListener('abort', () => {
          response.writeHead(504).end(String(signal.reason))
        })
      }),
    )
    expect(await statusOf(send(port))).toBe(504)
  })

  it('has aborted when the client is gone before it is asked for', async () => {
    const seen = deferred<AbortSignal>()
    const port = await listen(
      createServer((request, response) => {
        response.once('close', () => {
          seen.resolve(forNode.requestSignal(request))
        })
      }),
    )
    const request = send(port)
    await sleep(50)
    request.destroy()
    expect((await seen.promise).aborted).toBe(true)
  })

  it.each(Object.entries({ forNode, forExpress, forFastify }))(
    'refuses what is no request: %s',
    (_, { requestSignal }) => {
      for (const wrong of [{}, { raw: {} }, { httpVersionMajor: 1 }]) {
        expect(() => requestSignal(wrong)).toThrow(TypeError)
      }
    },
  )
})

async function answer(
  work: Promise<unknown>,
  response: { end(body?: string): unknown; writeHead(status: number): unknown },
): Promise<void> {
  try {
    await work
  } catch {
    response.writeHead(500)
  }
  response.end('done')
}

async function listen(
  server: Server | { server: Server; listen(options: object): Promise<unknown>; close(): unknown },
): Promise<number> {
  onTestFinished(() => void server.close())
  if ('server' in server) {
    await server.listen({ port: 0, host: '127.0.0.1' })
    return (server.server.address() as AddressInfo).port
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function send(port: number, body?: string, agent?: Agent): ReturnType<typeof httpRequest> {
  const request = httpRequest({
    port,
    host: '127.0.0.1',
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    ...(agent && { agent }),
  })
  // The reset that follows from going away.
  request.on('error', () => undefined)
  request.end(body)
  return request
}

async function statusOf(request: ReturnType<typeof httpRequest>): Promise<number | undefined> {
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.resume()
  await once(response, 'end')
  return response.statusCode
}
