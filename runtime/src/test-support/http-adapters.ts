import 'reflect-metadata'
import { once } from 'node:events'
import { createServer as createHttp1, type RequestListener } from 'node:http'
import { createServer as createHttp2 } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import hapi from '@hapi/hapi'
import { createAdaptorServer } from '@hono/node-server'
import { Logger, StreamableFile, type DynamicModule } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { createRequestListener } from '@react-router/node'
import { initTRPC } from '@trpc/server'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import express from 'express'
import fastify from 'fastify'
import { H3 } from 'h3'
import { createApp, defineEventHandler, readRawBody, sendStream, toNodeListener } from 'h3-v1'
import { toNodeHandler } from 'h3/node'
import { Hono } from 'hono'
import Koa from 'koa'
import { onTestFinished } from 'vitest'
import type { Protocol } from './exchange.js'
import { moduleWith } from './nest.js'
import { routesOf } from './react-router.js'
import { resolversOf, yogaListener } from './yoga.js'
import * as forExpress from '../http/express.js'
import * as forFastify from '../http/fastify.js'
import * as forGraphql from '../http/graphql.js'
import * as forH3 from '../http/h3.js'
import * as forHapi from '../http/hapi.js'
import * as forHono from '../http/hono.js'
import * as forKoa from '../http/koa.js'
import { Signal } from '../http/nest.js'
import * as forNext from '../http/next.js'
import * as forNode from '../http/node.js'
import * as forTrpc from '../http/trpc.js'
import * as forWeb from '../http/web.js'

Logger.overrideLogger(false)

/** What a handler does with its signal: the body of the response. */
export type Handle = (signal: AbortSignal) => Promise<string | Readable>

export interface Adapter {
  readonly protocols: readonly Protocol[]
  /** It can send a body bit by bit. */
  readonly streams: boolean
  start(handle: Handle, protocol: Protocol): Promise<number>
}

const both = ['HTTP/1.1', 'HTTP/2'] as const
const http1 = ['HTTP/1.1'] as const

/** Each framework with its adapter, over each protocol that it speaks. */
export const adapters: Readonly<Record<string, Adapter>> = {
  'node:http and node:http2': {
    protocols: both,
    streams: true,
    start: (handle, protocol) =>
      serve(protocol, (request, response) => {
        void text(request)
          .then(() => handle(forNode.requestSignal(request)))
          .then((body) => {
            sendTo(response, body)
          })
      }),
  },
  express: {
    protocols: http1,
    streams: true,
    start: (handle, protocol) => {
      const app = express().use(express.json({ limit: '10mb' }))
      app.all('/', async (request, response) => {
        sendTo(response, await handle(forExpress.requestSignal(request)))
      })
      return serve(protocol, app)
    },
  },
  fastify: {
    protocols: both,
    streams: true,
    start: async (handle, protocol) => {
      const options = { bodyLimit: 10_000_000 }
      const app = protocol === 'HTTP/2' ? fastify({ ...options, http2: true }) : fastify(options)
      app.route({
        method: ['GET', 'POST'],
        url: '/',
        handler: (request) => handle(forFastify.requestSignal(request)),
      })
      await app.ready()
      return listen(app.server)
    },
  },
  koa: {
    protocols: both,
    streams: true,
    start: (handle, protocol) => {
      const app = new Koa({ asyncLocalStorage: false })
      app.silent = true
      app.use(async (context) => {
        await text(context.req)
        context.body = await handle(forKoa.requestSignal(context))
      })
      const listener = app.callback()
      return serve(protocol, (request, response) => void listener(request, response))
    },
  },
  hono: {
    protocols: both,
    streams: true,
    start: (handle, protocol) => {
      const app = new Hono().on(['GET', 'POST'], '/', async (context) => {
        await context.req.text()
        return responseOf(await handle(forHono.requestSignal(context)))
      })
      return serveFetch(protocol, app.fetch as Fetch)
    },
  },
  hapi: {
    protocols: http1,
    streams: true,
    start: async (handle) => {
      const app = hapi.server({ routes: { payload: { maxBytes: 10_000_000 } } })
      app.route({
        method: ['GET', 'POST'],
        path: '/',
        handler: (request) => handle(forHapi.requestSignal(request)),
      })
      await app.initialize()
      return listen(app.listener)
    },
  },
  'h3 2': {
    protocols: both,
    streams: true,
    start: (handle, protocol) => {
      const app = new H3().all('/', async (event) => {
        await event.req.text()
        return responseOf(await handle(forH3.requestSignal(event)))
      })
      const listener = toNodeHandler(app)
      return serve(protocol, (request, response) => void listener(request, response))
    },
  },
  'h3 1': {
    protocols: both,
    streams: true,
    start: (handle, protocol) => {
      const answer = defineEventHandler(async (event) => {
        if (event.method === 'POST') await readRawBody(event)
        const body = await handle(forH3.requestSignal(event))
        return typeof body === 'string' ? body : sendStream(event, body)
      })
      return serve(protocol, toNodeListener(createApp().use('/', answer)))
    },
  },
  'NestJS on express': {
    protocols: http1,
    streams: true,
    start: async (handle) => {
      const app = await NestFactory.create<NestExpressApplication>(nestModule(handle))
      app.useBodyParser('json', { limit: '10mb' })
      await app.init()
      return listen(app.getHttpServer())
    },
  },
  'NestJS on fastify': {
    protocols: both,
    streams: true,
    start: async (handle, protocol) => {
      const options = { bodyLimit: 10_000_000 }
      const adapter = new FastifyAdapter(
        protocol === 'HTTP/2' ? ({ ...options, http2: true } as object) : options,
      )
      const app = await NestFactory.create<NestFastifyApplication>(nestModule(handle), adapter)
      await app.init()
      await app.getHttpAdapter().getInstance().ready()
      return listen(app.getHttpServer())
    },
  },
  'a handler of the Fetch API': {
    protocols: both,
    streams: true,
    start: (handle, protocol) =>
      serveFetch(protocol, async (request) => {
        await request.text()
        return responseOf(await handle(forWeb.requestSignal(request)))
      }),
  },
  'a loader of React Router': {
    protocols: http1,
    streams: true,
    start: (handle, protocol) =>
      serve(
        protocol,
        createRequestListener({
          mode: 'production',
          build: routesOf(async ({ request }) => {
            await request.text()
            return responseOf(await handle(forWeb.requestSignal(request)))
          }) as never,
        }),
      ),
  },
  'GraphQL Yoga': {
    protocols: both,
    streams: false,
    start: (handle, protocol) =>
      serve(
        protocol,
        yogaListener(resolversOf((context) => handle(forGraphql.requestSignal(context)))),
      ),
  },
  'the pages API of Next.js': {
    protocols: http1,
    streams: true,
    start: (handle, protocol) =>
      serve(protocol, (request, response) => {
        void text(request)
          .then(() => handle(forNext.requestSignal(request, response)))
          .then((body) => {
            sendTo(response, body)
          })
      }),
  },
  'tRPC, standalone': {
    protocols: both,
    streams: false,
    start: (handle, protocol) => {
      const t = initTRPC.create()
      const answer = (call: { ctx: object; signal: AbortSignal | undefined }) =>
        handle(forTrpc.requestSignal(call)) as Promise<string>
      const router = t.router({
        read: t.procedure.query(answer),
        write: t.procedure.mutation(answer),
      })
      const listener = createHTTPHandler({ router })
      return serve(protocol, (request, response) => {
        request.url = request.method === 'GET' ? '/read' : '/write'
        listener(request, response)
      })
    },
  },
}

function sendTo(response: NodeJS.WritableStream, body: string | Readable): void {
  if (typeof body === 'string') response.end(body)
  else body.pipe(response)
}

function responseOf(body: string | Readable): Response {
  return new Response(typeof body === 'string' ? body : (Readable.toWeb(body) as BodyInit))
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return (server.address() as AddressInfo).port
}

function serve(protocol: Protocol, listener: RequestListener): Promise<number> {
  return listen(protocol === 'HTTP/2' ? createHttp2(listener as never) : createHttp1(listener))
}

type Fetch = (request: Request) => Promise<Response>

function serveFetch(protocol: Protocol, fetch: Fetch): Promise<number> {
  const createServer = protocol === 'HTTP/2' ? createHttp2 : createHttp1
  return listen(createAdaptorServer({ fetch, createServer } as never))
}

function nestModule(handle: Handle): DynamicModule {
  return moduleWith(async (signal) => {
    const body = await handle(signal as AbortSignal)
    return typeof body === 'string' ? body : new StreamableFile(body)
  }, Signal())
}
