import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { deferred } from '../deferred.js'
import { guarantees } from './internals.js'
import type { PgClient } from './pg-internals.js'

/** Everything that a CancelRequest needs, read from the connection whose statement it ends. */
export interface CancelTarget {
  /** The real peer, not the configured host, which may resolve to another server by now. */
  readonly address: { host: string; port: number } | { path: string }
  readonly processId: number
  readonly secretKey: Buffer
  /** As the primary connection does it: a key must never travel less protected than its session. */
  readonly tls?: { options: ConnectionOptions; direct: boolean }
}

/**
 * - `delivered`: sent whole, and closed by the server, which does so after signalling the backend.
 * - `not-sent`: nothing reached the server.
 * - `unconfirmed`: sent, but not known to have been dealt with; the signal may still come.
 */
export type CancelDelivery = 'delivered' | 'not-sent' | 'unconfirmed'

export interface PendingCancel {
  /** Never rejects. */
  readonly delivery: Promise<CancelDelivery>
  /** Stops waiting: closes the socket. */
  readonly abandon: () => void
}

/** How a CancelRequest gets to the server of one connection. */
export interface CancelRoute {
  /** Names the server, so that it gets no more than so many at a time. */
  readonly server: string
  readonly processId: number
  readonly send: () => PendingCancel
}

// https://www.postgresql.org/docs/current/protocol-message-formats.html
const CANCEL_REQUEST_CODE = 80_877_102
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
const SSL_ACCEPTED = 'S'.charCodeAt(0)

/** `undefined` where the server gave no key or the peer cannot be reached a second time. */
export function cancelTargetOf(client: PgClient): CancelTarget | undefined {
  const { processID, secretKey, connection } = client
  if (typeof processID !== 'number' || secretKey === null) return undefined
  // Encrypted by a socket of the user's own: how to open another such one is not known, and in clear text the key
  // must not go.
  if (connection.stream.encrypted && !connection.ssl) return undefined
  const address = addressOf(client)
  if (address === undefined) return undefined
  const target = { address, processId: processID, secretKey: keyBytes(secretKey) }
  if (!connection.ssl) return target
  return {
    ...target,
    tls: { options: tlsOptionsOf(client), direct: connection.sslNegotiation === 'direct' },
  }
}

export function routeTo(target: CancelTarget): CancelRoute {
  return {
    server: JSON.stringify(target.address),
    processId: target.processId,
    send: () => sendCancelRequest(target),
  }
}

/** Sends one CancelRequest and waits until the server closes the connection. */
export function sendCancelRequest(target: CancelTarget): PendingCancel {
  const socket = connectTcp(target.address)
  socket.setNoDelay(true)
  let delivery: CancelDelivery = 'not-sent'
  const { promise, resolve } = deferred<CancelDelivery>()
  const finish = (): void => {
    socket.destroy()
    resolve(delivery)
  }
  const sendOver = (carrier: Socket): void => {
    // End of stream is the server's answer; an error or our own closing is none.
    carrier.once('end', () => {
      delivery = 'delivered'
      finish()
    })
    carrier.resume()
    delivery = 'unconfirmed'
    if (guarantees.sendCancel) carrier.write(cancelPacket(target))
    else carrier.end()
  }
  const { tls } = target
  const startTls = (options: ConnectionOptions): void => {
    const carrier = connectTls({ ...options, socket })
    carrier.once('secureConnect', () => {
      sendOver(carrier)
    })
    carrier.on('error', finish)
    carrier.on('close', finish)
  }

  socket.on('error', finish)
  socket.once('connect', () => {
    if (tls === undefined) sendOver(socket)
    else if (tls.direct) startTls(tls.options)
    else {
      socket.write(SSL_REQUEST)
      socket.once('data', (answer: Buffer) => {
        if (answer[0] === SSL_ACCEPTED) startTls(tls.options)
        else finish()
      })
    }
  })
  // Over TLS, the end of the inner stream may still be on its way when the outer one has closed.
  if (tls === undefined) socket.on('close', finish)
  return { delivery: promise, abandon: finish }
}

function addressOf(client: PgClient): CancelTarget['address'] | undefined {
  if (client.host.startsWith('/')) {
    return { path: `${client.host}/.s.PGSQL.${String(client.port)}` }
  }
  const { remoteAddress, remotePort } = client.connection.stream
  if (remoteAddress === undefined || remotePort === undefined) return undefined
  return { host: remoteAddress, port: remotePort }
}

/** The options that pg's Connection.upgradeToSSL uses, so that verification has the same outcome. */
function tlsOptionsOf({ host, connection }: PgClient): ConnectionOptions {
  const ssl = typeof connection.ssl === 'object' ? connection.ssl : {}
  return {
    host,
    ...ssl,
    // pg hides the key of a client's certificate from logs by making it not enumerable.
    ...('key' in ssl ? { key: ssl.key } : undefined),
    ...(connection.sslNegotiation === 'direct' ? { ALPNProtocols: ['postgresql'] } : undefined),
    ...(isIP(host) === 0 ? { servername: host } : undefined),
  }
}

/** Four bytes up to protocol 3.0, up to 256 from 3.2, which a pg that asks for it keeps as a Buffer. */
function keyBytes(key: number | Buffer): Buffer {
  if (typeof key !== 'number') return key
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(key)
  return bytes
}

function cancelPacket({ processId, secretKey }: CancelTarget): Buffer {
  const head = Buffer.alloc(12)
  head.writeInt32BE(12 + secretKey.length, 0)
  head.writeInt32BE(CANCEL_REQUEST_CODE, 4)
  // Any 32 bits where a pooler makes them up, and no sign to some drivers.
  head.writeInt32BE(processId | 0, 8)
  return Buffer.concat([head, secretKey])
}
