import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { onTestFinished } from 'vitest'

/** A port that carries bytes to the test's PostgreSQL, unread. */
export interface Relay {
  /** 0 for a unix socket. */
  readonly port: number
  /** Connections made so far. */
  readonly connections: Socket[]
}

export interface RelayOptions {
  /** Makes it answer in TLS without being asked for it first. */
  readonly tls?: TlsOptions
  /** Leaves BackendKeyData out of what the server says, as some poolers and proxies do. */
  readonly withoutKeys?: boolean
}

/**
 * Starts one, for what the fault proxy does not speak: IPv6, unix sockets, TLS from the first byte, and servers
 * that give no key.
 *
 * @param host address to listen on, or the path of a unix socket.
 */
export async function relayTo(
  connectionString: string,
  host: string,
  { tls, withoutKeys = false }: RelayOptions = {},
): Promise<Relay> {
  const { hostname, port } = new URL(connectionString)
  const connections: Socket[] = []
  const accept = (socket: Socket): void => {
    connections.push(socket)
    const server = connect({ host: hostname, port: Number(port) })
    socket.on('error', () => server.destroy()).pipe(server)
    server.on('error', () => socket.destroy())
    if (withoutKeys) server.pipe(dropKeys()).pipe(socket)
    else server.pipe(socket)
  }
  const listener: Server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept)
  listener.listen(host.startsWith('/') ? { path: host } : { host, port: 0 })
  await once(listener, 'listening')
  onTestFinished(() => {
    for (const socket of connections) socket.destroy()
    listener.close()
  })
  const address = listener.address() as AddressInfo | string
  return { port: typeof address === 'string' ? 0 : address.port, connections }
}

const BACKEND_KEY_DATA = 'K'.charCodeAt(0)

/** Messages of a server have a byte for their type, and their length in the four that follow. */
function dropKeys(): Transform {
  let rest: Buffer = Buffer.alloc(0)
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      rest = Buffer.concat([rest, chunk])
      while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
        const end = 1 + rest.readInt32BE(1)
        if (rest[0] !== BACKEND_KEY_DATA) this.push(rest.subarray(0, end))
        rest = rest.subarray(end)
      }
      done()
    },
  })
}
