import { once } from 'node:events'
import { importFromProject } from './import-from-project.js'
import { createServer, request as httpRequest, Server, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * What can be made to listen: an express app or any other request listener, Node's server, a fastify
 * instance, a koa app, a NestJS application, a hono app (by way of `@hono/node-server`, as in production).
 */
export type TestedApp = RequestListener | Server | FastifyLike | KoaLike | NestLike | FetchLike

interface FastifyLike {
  readonly server: Server
  ready(): PromiseLike<unknown>
}

interface KoaLike {
  callback(): RequestListener
}

interface NestLike {
  init(): PromiseLike<unknown>
  getHttpAdapter(): { getInstance(): unknown }
  getHttpServer(): unknown
}

interface FetchLike {
  fetch(request: Request): Response | PromiseLike<Response>
}

/** A request as the test sends it; a string is `GET` with this path. */
export interface TestedRequest {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON. */
  readonly body?: string | object
}

export interface RunningApp {
  readonly port: number
  /** Stops a server that was started here, and leaves one that listened before. */
  close(): Promise<void>
}

/** Lets `app` listen on a free port, unless it listens already. */
export async function listen(app: TestedApp): Promise<RunningApp> {
  const server = await serverOf(app)
  const wasListening = server.listening
  if (!wasListening) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      if (wasListening) return
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A request that is under way. */
export interface SentRequest {
  /** Its status, should it be answered before the client goes. */
  status: number | undefined
  /** The port of the client's end; `undefined` until it is connected. */
  port: number | undefined
  /** The client goes away. */
  disconnect(): void
}

/** Sends `request` over a connection of its own. */
export function send(port: number, request: TestedRequest | string): SentRequest {
  const {
    method = 'GET',
    path,
    headers = {},
    body,
  } = typeof request === 'string' ? { path: request } : request
  const isJson = typeof body === 'object'
  // ctx:detached -- the test ends it by disconnect(), which is what is being tried
  const outgoing = httpRequest({
    host: '127.0.0.1',
    port,
    path,
    method,
    agent: false,
    headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
  })
  const sent: SentRequest = {
    status: undefined,
    port: undefined,
    disconnect: () => outgoing.destroy(),
  }
  outgoing.on('socket', (socket) => {
    socket.on('connect', () => {
      sent.port = socket.localPort
    })
  })
  outgoing.on('response', (response) => {
    response.resume()
    response.on('end', () => {
      sent.status = response.statusCode
    })
    response.on('error', ignore)
  })
  outgoing.on('error', ignore)
  outgoing.end(isJson ? JSON.stringify(body) : body)
  return sent
}

async function serverOf(app: TestedApp): Promise<Server> {
  if (app instanceof Server) return app
  if (typeof app === 'function') return createServer(app)
  if ('callback' in app) return createServer(app.callback())
  if ('getHttpServer' in app) return serverOfNest(app)
  if ('fetch' in app) return serverOfHono(app)
  await app.ready()
  return app.server
}

async function serverOfNest(app: NestLike): Promise<Server> {
  await app.init()
  const instance = app.getHttpAdapter().getInstance() as Partial<FastifyLike>
  // On fastify, init() leaves the routes to ready().
  await instance.ready?.()
  return app.getHttpServer() as Server
}

interface HonoServer {
  readonly createAdaptorServer: (options: FetchLike) => Server
}

async function serverOfHono(app: FetchLike): Promise<Server> {
  const { createAdaptorServer } = await importFromProject<HonoServer>('@hono/node-server').catch(
    (cause: unknown) => {
      throw new Error(
        'ctx-fix: an app with fetch() listens by way of @hono/node-server, which cannot be imported ' +
          'here: pass the server that it is served by instead',
        { cause },
      )
    },
  )
  return createAdaptorServer({ fetch: (request, ...rest: []) => app.fetch(request, ...rest) })
}

function ignore(): void {
  // The hang-up, which is what this is about.
}
