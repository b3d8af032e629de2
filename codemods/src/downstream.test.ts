import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import axios from 'axios'
import got from 'got'
import { createClient } from 'redis'
import { Agent, fetch as undiciFetch, request, stream } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { rewrite } from './testing/rewrite.js'

/** A server that never answers, and tells when a client has gone. */
async function silentServer() {
  const gone = deferred()
  const asked = deferred()
  const server = createServer((_, response) => {
    asked.resolve('asked')
    response.once('close', () => {
      gone.resolve('closed')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${String(port)}`, gone: gone.promise, asked: asked.promise }
}

function deferred() {
  let resolve: (value: string) => void = () => undefined
  const promise = new Promise<string>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

type Send = (url: string, signal: AbortSignal) => Promise<unknown>

const clients: Record<string, Send> = {
  fetch: (url, signal) => fetch(url, { signal }),
  'fetch of undici': (url, signal) => undiciFetch(url, { signal }),
  'request of undici': (url, signal) => request(url, { signal }),
  'stream of undici': (url, signal) => stream(url, { method: 'GET', signal }, () => process.stdout),
  'a dispatcher of undici': (url, signal) =>
    new Agent().request({ origin: url, path: '/', method: 'GET', signal }),
  axios: (url, signal) => axios({ url, signal }),
  'a method of axios': (url, signal) => axios.post(url, {}, { signal }),
  'an instance of axios': (url, signal) => axios.create({ baseURL: url }).get('/', { signal }),
  got: (url, signal) => got(url, { signal }),
  'an instance of got': (url, signal) => got.extend({ prefixUrl: url }).get('a', { signal }),
  'a stream of got': (url, signal) => finished(got.stream(url, { signal }).resume()),
}

describe('what an abort does to a request that is under way', () => {
  it.each(Object.entries(clients))('%s closes it', async (_, send) => {
    const { url, gone, asked } = await silentServer()
    const controller = new AbortController()
    const failed = send(url, controller.signal).catch((error: unknown) => error)
    await asked
    controller.abort()
    expect(await failed).toBeInstanceOf(Error)
    expect(await gone).toBe('closed')
  })
})

const hasRedis = spawnSync('redis-server', ['--version']).status === 0

describe.skipIf(!hasRedis)('what an abort does to a command of node-redis', () => {
  it('drops one that has not been sent, and waits for one that has', async () => {
    const port = await startRedis()
    const client = createClient({ url: `redis://127.0.0.1:${String(port)}` })
    client.on('error', () => undefined)
    await client.connect()
    onTestFinished(() => {
      client.destroy()
    })
    const controller = new AbortController()
    const sent = client.withAbortSignal(controller.signal).blPop('nothing', 0.5)
    await sleep(50)
    controller.abort()
    expect(await sent).toBeNull()
    await expect(client.withAbortSignal(controller.signal).get('a')).rejects.toThrow()
  })
})

async function startRedis(): Promise<number> {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  holder.close()
  await once(holder, 'close')
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '']
  const server = spawn('redis-server', options, { stdio: 'ignore' })
  onTestFinished(() => void server.kill())
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return port
    } catch {
      await sleep(20)
    } finally {
      socket.destroy()
    }
  }
  throw new Error('Redis does not listen')
}

/** What becomes of one statement in a function that is given a signal. */
function withSignal(head: string, statement: string): string {
  const text = `${head}
export async function load(id: string, signal: AbortSignal) {
  ${statement}
}
`
  const after = rewrite({ 'src/app.ts': text }).files['src/app.ts'] ?? text
  return after.split('\n').at(-3)?.trim() ?? ''
}

describe('how a signal is handed on', () => {
  it.each<[head: string, before: string, after: string]>([
    ['', 'await fetch(id)', 'await fetch(id, { signal })'],
    ['', "await fetch(id, { method: 'POST' })", "await fetch(id, { method: 'POST', signal })"],
    ["import { request } from 'undici'", 'await request(id)', 'await request(id, { signal })'],
    [
      "import { Agent } from 'undici'\nconst agent = new Agent()",
      "await agent.request({ path: id, method: 'GET' })",
      "await agent.request({ path: id, method: 'GET', signal })",
    ],
    ["import axios from 'axios'", 'await axios.get(id)', 'await axios.get(id, { signal })'],
    [
      "import axios from 'axios'",
      'await axios.post(id, { id })',
      'await axios.post(id, { id }, { signal })',
    ],
    ["import axios from 'axios'", 'await axios({ url: id })', 'await axios({ url: id, signal })'],
    ["import axios from 'axios'", 'await axios(id)', 'await axios(id, { signal })'],
    [
      "import axios from 'axios'\nconst api = axios.create()",
      'await api.delete(id)',
      'await api.delete(id, { signal })',
    ],
    ["import got from 'got'", 'await got(id).json()', 'await got(id, { signal }).json()'],
    ["import got from 'got'", 'await got({ url: id })', 'await got({ url: id, signal })'],
    [
      "import got from 'got'\nconst api = got.extend({})",
      'await api.post(id, { json: {} })',
      'await api.post(id, { json: {}, signal })',
    ],
    [
      "import { setTimeout as sleep } from 'node:timers/promises'",
      'await sleep(100)',
      'await sleep(100, undefined, { signal })',
    ],
    [
      "import { once } from 'node:events'",
      "await once(process, 'message')",
      "await once(process, 'message', { signal })",
    ],
    [
      "import { pipeline } from 'node:stream/promises'",
      'await pipeline(process.stdin, process.stdout)',
      'await pipeline(process.stdin, process.stdout, { signal })',
    ],
    [
      "import { MongoClient } from 'mongodb'\nconst books = new MongoClient('').db().collection('books')",
      'await books.findOne({ id })',
      'await books.findOne({ id }, { signal })',
    ],
    [
      "import { MongoClient } from 'mongodb'\nconst books = new MongoClient('').db().collection('books')",
      'return books.find({ id }).toArray()',
      'return books.find({ id }, { signal }).toArray()',
    ],
  ])('%s %s', (head, before, after) => {
    expect(withSignal(head, before)).toBe(after)
  })

  it.each<[head: string, statement: string]>([
    ["import Redis from 'ioredis'\nconst redis = new Redis()", 'await redis.get(id)'],
    ["import { createClient } from 'redis'\nconst client = createClient()", 'await client.get(id)'],
    [
      "import mysql from 'mysql2/promise'\nconst pool = mysql.createPool('')",
      "await pool.query('SELECT 1')",
    ],
    ["import { model } from 'mongoose'\nconst Book = model('Book')", 'await Book.findById(id)'],
  ])('nothing is handed on where nothing takes it: %s', (head, statement) => {
    expect(withSignal(head, statement)).toBe(statement)
  })
})
