import { request as httpRequest } from 'node:http'
import { connect } from 'node:http2'

/**
 * Sends a request on a connection of its own. `answer` is undefined where none came, and `leave` takes the
 * client away.
 *
 * @param {{ port: number, method: string, path: string, headers?: object, body?: unknown, http2?: boolean }} request
 */
export function send({ port, method, path, headers = {}, body, http2 = false }) {
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const request = { port, method, path, headers: { ...type, ...headers } }
  const payload = body === undefined ? undefined : JSON.stringify(body)
  return http2 ? sendHttp2(request, payload) : sendHttp1(request, payload)
}

function sendHttp1({ port, ...rest }, payload) {
  const request = httpRequest({ host: '127.0.0.1', port, agent: false, ...rest })
  const answer = new Promise((resolve) => {
    request.on('response', (response) => {
      readText(response, (text) => resolve({ status: response.statusCode, text }))
      response.on('error', () => resolve(undefined))
    })
    // The hang-up itself, where the client leaves.
    request.on('error', () => resolve(undefined))
  })
  request.end(payload)
  return { answer, leave: () => request.destroy() }
}

function sendHttp2({ port, method, path, headers }, payload) {
  const session = connect(`http://127.0.0.1:${port}`)
  const stream = session.request({ ':method': method, ':path': path, ...headers })
  const answer = new Promise((resolve) => {
    stream.on('response', (head) => {
      readText(stream, (text) => {
        session.close()
        resolve({ status: head[':status'], text })
      })
    })
    for (const emitter of [session, stream]) emitter.on('error', () => resolve(undefined))
    stream.on('close', () => resolve(undefined))
  })
  stream.end(payload)
  return { answer, leave: () => session.destroy() }
}

function readText(stream, done) {
  const chunks = []
  stream.on('data', (chunk) => chunks.push(chunk))
  stream.on('end', () => done(Buffer.concat(chunks).toString()))
}
