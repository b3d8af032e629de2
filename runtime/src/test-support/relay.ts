import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { onTestFinished } from 'vitest'

/** A port that carries bytes to the test's PostgreSQL, unread. */
export interface Relay {
  readonly port: number
  /** Connections made so far. */
  readonly connections: Socket[]
}

/**
 * Starts one, for what the fault proxy does not speak: IPv6, and TLS from the first byte.
 *
 * @param host address to listen on.
 * @param tls makes it answer in TLS without being asked for it first.
 */
export async function relayTo(
  connectionString: string,
  host: string,
  tls?: TlsOptions,
): Promise<Relay> {
  const { hostname, port } = new URL(connectionString)
  const connections: Socket[] = []
  const accept = (socket: Socket): void => {
    connections.push(socket)
    const server = connect({ host: hostname, port: Number(port) })
    socket.on('error', () => server.destroy()).pipe(server)
    server.on('error', () => socket.destroy()).pipe(socket)
  }
  const listener: Server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept)
  listener.listen(0, host)
  await once(listener, 'listening')
  onTestFinished(() => {
    for (const socket of connections) socket.destroy()
    listener.close()
  })
  return { port: (listener.address() as AddressInfo).port, connections }
}
