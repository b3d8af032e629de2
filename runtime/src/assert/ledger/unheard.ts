import { Socket } from 'node:net'
import { isUnrecorded } from './scopes.js'

/** What is connected, and how a statement that goes over it reads. */
type Write = (this: Socket, ...args: Parameters<Socket['write']>) => boolean

/** https://www.postgresql.org/docs/current/protocol-message-formats.html: StartupMessage, SSLRequest, GSSENCRequest */
const OPENINGS = new Set([196_608, 80_877_103, 80_877_104])
const QUERY = 'Q'.charCodeAt(0)
const PARSE = 'P'.charCodeAt(0)

/** postgres.js shows nobody over which socket a statement goes; it is heard in other ways, where it is installed. */
const POSTGRES_JS = /[\\/]node_modules[\\/]postgres[\\/]/

const HEARD: unique symbol = Symbol.for('@ctx-fix/runtime.assert.heard:1')

// Ledgers, and copies of this module, meet here.
const host = globalThis as { [HEARD]?: WeakSet<object> | undefined }
const heard = (host[HEARD] ??= new WeakSet())

/** A statement was heard of that goes over `socket`. */
export function noteHeard(socket: object): void {
  heard.add(socket)
}

/**
 * Looks at what is written to PostgreSQL over connections of which nothing was heard, as those of a driver that is
 * bundled. One that is heard of is left alone from then on. Over TLS there is nothing to be seen.
 *
 * @param found is called, at the time of the writing, with the SQL of each statement.
 * @returns what ends it.
 */
export function watchUnheard(found: (sql: string, above: Write) => void): () => void {
  const prototype = Socket.prototype as unknown as { connect: (...args: unknown[]) => Socket }
  const { connect } = prototype
  const watching = function watching(this: Socket, ...args: unknown[]): Socket {
    const socket = connect.apply(this, args)
    // It takes back whatever was put in the place of `write` before.
    if (!isUnrecorded() && !isPostgresJs(watching)) watchWrites(this, found)
    return socket
  }
  prototype.connect = watching
  return () => {
    // What somebody else has put there since stays, and this with it.
    if (prototype.connect === watching) prototype.connect = connect
  }
}

function watchWrites(socket: Socket, found: (sql: string, above: Write) => void): void {
  let isFirst = true
  const write: Write = function write(...args) {
    const [chunk] = args as [unknown]
    const isOpening = isFirst && Buffer.isBuffer(chunk) && isOpeningOf(chunk)
    if ((isFirst && !isOpening) || heard.has(socket)) Reflect.deleteProperty(socket, 'write')
    else if (!isFirst && Buffer.isBuffer(chunk)) {
      const sql = sqlIn(chunk)
      if (sql !== undefined && !isUnrecorded()) found(sql, write)
    }
    isFirst = false
    return Socket.prototype.write.apply(this, args)
  }
  Object.defineProperty(socket, 'write', { value: write, configurable: true, writable: true })
}

function isOpeningOf(chunk: Buffer): boolean {
  return chunk.length >= 8 && OPENINGS.has(chunk.readInt32BE(4))
}

/** Of a message that begins a statement; without the name that a Parse may give it. */
function sqlIn(chunk: Buffer): string | undefined {
  const [type] = chunk
  if (chunk.length < 6 || (type !== QUERY && type !== PARSE)) return undefined
  const start = type === QUERY ? 5 : chunk.indexOf(0, 5) + 1
  const end = chunk.indexOf(0, start)
  return end === -1 ? undefined : chunk.toString('utf8', start, end)
}

function isPostgresJs(above: (...args: never[]) => unknown): boolean {
  const holder: { stack?: string } = {}
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 4
  Error.captureStackTrace(holder, above)
  Error.stackTraceLimit = limit
  return POSTGRES_JS.test(String(holder.stack))
}
