import { once } from 'node:events'
import { createServer, request as httpRequest, Server, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * What can be made to listen: an express app or any other request listener, Node's server, a fastify
 * instance, a koa app.
 */
export type TestedApp = RequestListener | Server | FastifyLike | KoaLike

interface FastifyLike {
  readonly server: Server
  ready(): PromiseLike<unknown>
}

interface KoaLike {
  callback(): RequestListener
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
  const outgoing = httpRequest({
    host: '127.0.0.1',
    port,
    path,
    method,
    agent: false,
    headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
  })
  const sent: SentRequest = { status: undefined, disconnect: () => outgoing.destroy() }
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
  await app.ready()
  return app.server
}

function ignore(): void {
  // The hang-up, which is what this is about.
}
