import { once } from 'node:events'
import { Agent, request as httpRequest } from 'node:http'
import { connect, constants, type ClientHttp2Session } from 'node:http2'
import type { Readable } from 'node:stream'

/** One request on its way, by either protocol. */
export interface Exchange {
  /** Resolves with the first bytes of the response's body. */
  readonly firstBytes: Promise<unknown>
  /** Resolves with the whole body. */
  readonly body: Promise<string>
  /** Gives the request up, as a browser does that is closed. */
  leave(): void
}

/** A client that keeps its one connection for the next request. */
export interface Client {
  send(body: string | undefined): Exchange
  close(): void
}

export type Protocol = 'HTTP/1.1' | 'HTTP/2'

export function clientOf(protocol: Protocol, port: number): Client {
  return protocol === 'HTTP/2' ? http2Client(port) : http1Client(port)
}

function http1Client(port: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    send(body) {
      const request = httpRequest({
        port,
        agent,
        host: '127.0.0.1',
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json' },
      })
      request.end(body)
      // The reset that follows from going away.
      request.on('error', () => undefined)
      const response = once(request, 'response').then(([each]) => each as Readable)
      return exchange(response, () => request.destroy())
    },
    close: () => {
      agent.destroy()
    },
  }
}

function http2Client(port: number): Client {
  const session: ClientHttp2Session = connect(`http://127.0.0.1:${String(port)}`)
  return {
    send(body) {
      const stream = session.request({
        ':method': body === undefined ? 'GET' : 'POST',
        'content-type': 'application/json',
      })
      stream.on('error', () => undefined)
      stream.end(body)
      const response = once(stream, 'response').then(() => stream)
      return exchange(response, () => {
        stream.close(constants.NGHTTP2_CANCEL)
      })
    },
    close: () => {
      session.destroy()
    },
  }
}

function exchange(response: Promise<Readable>, leave: () => void): Exchange {
  const firstBytes = response.then((stream) => once(stream, 'data'))
  const body = response.then(async (stream) => {
    let text = ''
    for await (const chunk of stream) text += String(chunk)
    return text
  })
  for (const each of [firstBytes, body]) each.catch(() => undefined)
  return { firstBytes, body, leave }
}
