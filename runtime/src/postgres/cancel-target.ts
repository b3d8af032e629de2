import { isIP, type Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { CancelTarget } from '../pg/cancel-request.js'
import type { PostgresBackend, PostgresOptions } from './query.js'

/** A connection on its way to postgres.js. */
export interface Arrival {
  socket: (Pick<Socket, 'destroy'> & Partial<Socket>) | undefined
  /** Where the socket was opened by this package: what it was opened with. */
  readonly address: { readonly host: string; readonly path: string | undefined } | undefined
  readonly options: PostgresOptions
  readonly fetchesTypes: boolean
}

/** The other end of a connection that was opened here. */
export function targetOf(
  { socket, address, options }: Arrival,
  { pid, secret }: PostgresBackend,
): CancelTarget | undefined {
  if (address === undefined || socket === undefined || pid === null || secret === null) {
    return undefined
  }
  const { remoteAddress: host, remotePort: port } = socket
  const place =
    address.path === undefined
      ? host !== undefined && port !== undefined && { host, port }
      : { path: address.path }
  if (!place) return undefined
  const secretKey = Buffer.alloc(4)
  secretKey.writeUInt32BE(secret)
  const target = { address: place, processId: pid, secretKey }
  // What postgres.js does not read itself is read by TLS: 'prefer' leaves that to the server.
  const direct = isDirect(options)
  const isEncrypted = direct || (Boolean(options.ssl) && socket.listenerCount?.('data') === 0)
  return isEncrypted
    ? { ...target, tls: { options: tlsOptionsOf(options, address.host), direct } }
    : target
}

/** TLS from the first byte, which is not asked for. */
export function isDirect({ ssl, sslnegotiation }: PostgresOptions): boolean {
  return Boolean(ssl) && sslnegotiation === 'direct'
}

/** As postgres.js has them, so that verification has the same outcome. */
function tlsOptionsOf(options: PostgresOptions, host: string): ConnectionOptions {
  const { ssl } = options
  return {
    ...(host !== '' && isIP(host) === 0 ? { servername: host } : undefined),
    ...(isDirect(options) ? { ALPNProtocols: ['postgresql'] } : undefined),
    ...(typeof ssl === 'object' ? ssl : undefined),
    ...(ssl === 'require' || ssl === 'allow' || ssl === 'prefer'
      ? { rejectUnauthorized: false }
      : undefined),
  }
}
