import { once } from 'node:events'
import {
  connect,
  constants,
  createServer,
  type ClientHttp2Session,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { deferred } from '../deferred.js'
import { currentSignal } from '../index.js'
import type { Work } from '../test-support/adapters.js'
import { slow, useDatabase } from '../test-support/database.js'
import { answer } from '../test-support/http.js'
import { requestSignal, withRequestSignal } from './node.js'

const postgres = useDatabase()

const starts: Record<string, (work: Work) => Promise<ClientHttp2Session>> = {
  'of the request alone': (work) =>
    serve((request, response) => {
      request.resume()
      request.once('end', () => void answer(work(requestSignal(request)), response))
    }),
  'of the stream of the core API': (work) =>
    serveStreams((stream) => {
      stream.resume()
      stream.once('end', () => void answerOn(stream, work(requestSignal(stream))))
    }),
  'surrounding a stream of the core API': (work) =>
    serveStreams(
      withRequestSignal((stream) => {
        stream.resume()
        void answerOn(stream, work(currentSignal()))
      }),
    ),
  surrounding: (work) =>
    serve(
      withRequestSignal((request, response) => {
        request.resume()
        void answer(work(currentSignal()), response)
      }),
    ),
}

const bodies = { GET: undefined, 'POST with JSON': JSON.stringify({ small: true }) }

describe.each(Object.entries(starts))('node:http2, %s', (_, start) => {
  describe.each(Object.entries(bodies))('%s', (_, body) => {
    it.each(['its stream', 'its connection'])('cancels when the client ends %s', async (what) => {
      const pool = postgres.pool()
      const settled = deferred<unknown>()
      const session = await start((signal) => {
        const query = pool.query({ text: slow('left'), signal })
        settled.resolve(query.catch((error: unknown) => error))
        return query
      })
      const stream = send(session, body)
      await postgres.untilRunning('left')
      if (what === 'its stream') stream.close(constants.NGHTTP2_CANCEL)
      else session.destroy()
      expect(await settled.promise).toMatchObject({ outcome: 'cancelled' })
      await postgres.untilStopped('left')
    })

    it('leaves a client that stays alone, during and after the response', async () => {
      const pool = postgres.pool()
      const signals: (AbortSignal | undefined)[] = []
      const session = await start((signal) => {
        signals.push(signal)
        return pool.query({ text: 'SELECT pg_sleep(0.1)', signal })
      })
      for (let repetition = 0; repetition < 2; repetition++) {
        const stream = send(session, body)
        const [headers] = (await once(stream, 'response')) as [{ ':status'?: number }]
        expect(headers[':status']).toBe(200)
        await once(stream.resume(), 'close')
      }
      session.close()
      await sleep(50)
      expect(signals.map((signal) => signal?.aborted)).toEqual([false, false])
    })
  })
})

test('a stream heeds the deadline in its headers, where the caller is trusted', async () => {
  const signals = deferred<AbortSignal>()
  const session = await serveStreams((stream, headers) => {
    signals.resolve(requestSignal(stream, headers, { trustDeadlineHeaders: true }))
  })
  const stream = session.request({ 'x-request-timeout': '50ms' })
  stream.on('error', () => undefined)
  const signal = await signals.promise
  if (!signal.aborted) await once(signal, 'abort')
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
})

type StreamListener = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void

async function serveStreams(listener: StreamListener): Promise<ClientHttp2Session> {
  return listenWith(createServer().on('stream', listener))
}

async function answerOn(stream: ServerHttp2Stream, work: Promise<unknown>): Promise<void> {
  const status = await work.then(
    () => 200,
    () => 500,
  )
  if (stream.destroyed) return
  stream.respond({ ':status': status })
  stream.end('done')
}

type Listener = NonNullable<Parameters<typeof createServer>[1]>

async function serve(listener: Listener): Promise<ClientHttp2Session> {
  return listenWith(createServer(listener))
}

async function listenWith(server: Http2Server): Promise<ClientHttp2Session> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = connect(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`)
  onTestFinished(() => {
    session.destroy()
    server.close()
  })
  return session
}

function send(session: ClientHttp2Session, body?: string) {
  const stream = session.request({ ':method': body === undefined ? 'GET' : 'POST' })
  // The reset that follows from going away.
  stream.on('error', () => undefined)
  stream.end(body)
  return stream
}
