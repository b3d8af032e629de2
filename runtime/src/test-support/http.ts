import { once } from 'node:events'
import {
  createServer,
  request as httpRequest,
  type Agent,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** Ends a response with what became of the work. */
export async function answer(
  work: Promise<unknown>,
  response: { end(body: string): unknown; writeHead(status: number): unknown },
): Promise<void> {
  try {
    await work
  } catch {
    response.writeHead(500)
  }
  response.end('done')
}

/** Listens until the test has finished, and tells the port. */
export async function listen(
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

/** Answers until the test has finished, and tells where. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  onTestFinished(() => {
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${await listen(server)}/`
}

/** Sends a request, a POST where there is a body, and waits for nothing. */
export function send(port: number, body?: string, agent?: Agent): ReturnType<typeof httpRequest> {
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

export async function statusOf(
  request: ReturnType<typeof httpRequest>,
): Promise<number | undefined> {
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.resume()
  await once(response, 'end')
  return response.statusCode
}
