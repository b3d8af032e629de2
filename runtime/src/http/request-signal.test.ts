import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import express from 'express'
import fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { deferred } from '../deferred.js'
import { configure, currentSignal, remainingMs } from '../index.js'
import { describeAdapters, type Start } from '../test-support/adapters.js'
import { answer, listen, send, statusOf } from '../test-support/http.js'
import * as forExpress from './express.js'
import * as forFastify from './fastify.js'
import * as forNode from './node.js'

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

describeAdapters(starts)

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

  it.each([
    ['has gone, for a server that then closes', false],
    ['waits on, for a server that allows it', true],
  ])('of a client that has ended its side of the connection: it %s', async (_, isAllowed) => {
    const seen = deferred<AbortSignal>()
    const server = createServer((request, response) => {
      const signal = forNode.requestSignal(request)
      seen.resolve(signal)
      setTimeout(() => {
        response.end('answer')
      }, 100)
    })
    // Not in @types/node.
    Object.assign(server, { httpAllowHalfOpen: isAllowed })
    const port = await listen(server)
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    let answer = ''
    socket.on('data', (chunk) => (answer += String(chunk)))
    socket.end('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    await once(socket, 'close')
    expect(answer.includes('answer')).toBe(isAllowed)
    expect((await seen.promise).aborted).toBe(!isAllowed)
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
