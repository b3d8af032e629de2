import { Socket, type SocketConstructorOpts } from 'node:net'
import { isDirect, type Arrival } from './cancel-target.js'
import { hookProperty } from './hook-property.js'
import { Link } from './link.js'
import { poolOf, type Pool } from './pool.js'
import type {
  PostgresBackend,
  PostgresConnection,
  PostgresOptions,
  PostgresQuery,
  PostgresReservation,
} from './query.js'
import { sharedPostgres } from './shared.js'

const { arriving, links } = sharedPostgres

/** The listener for 'close' is one function for each connection, also when it is opened again. */
const nextHost = new WeakMap<object, number>()

/**
 * Opens the sockets of a client from now on, in the way in which postgres.js does it, so that a connection can
 * be destroyed, and a cancel goes to the server at its other end.
 */
export function ownSockets(options: PostgresOptions): void {
  const { socket: given, fetch_types: fetchesTypes } = options
  // Each new connection then asks something by itself, by which it can be told (`tellConnection`). Without that,
  // postgres.js 3.4 also forgets whoever waits to reserve the connection.
  options.fetch_types = true
  options.socket = (own) => {
    if (given !== undefined) {
      const arrival: Arrival = { socket: undefined, address: undefined, options: own, fetchesTypes }
      // Not run(): postgres.js goes on after this function has returned.
      arriving.enterWith(arrival)
      return Promise.resolve(given(own)).then((socket) => {
        arrival.socket = socket as Socket
        return socket
      })
    }
    return openSocket(own, fetchesTypes)
  }
}

function openSocket(options: PostgresOptions, fetchesTypes: boolean): Socket {
  const { keep_alive: keepAlive } = options
  const keeping = { keepAlive: Boolean(keepAlive), keepAliveInitialDelay: 1_000 * (keepAlive ?? 0) }
  // Not in the types of Node 20.
  const socket = new Socket(keeping as SocketConstructorOpts)
  const path = options.path === false ? undefined : options.path
  const address = { host: '', path }
  arriving.enterWith({ socket, address, options, fetchesTypes })
  // An error before postgres.js listens would be nobody's, and its connection be lost: so not before.
  const take = (event: string, listener: object): void => {
    if (event !== 'close') return
    socket.off('newListener', take)
    // postgres.js begins TLS without waiting for a socket that it was given. Node takes one that is not connecting yet,
    // and loses one that is when it tries the next address of a name.
    const open = isDirect(options) ? setImmediate : run
    if (path !== undefined) {
      open(() => socket.connect(path))
      return
    }
    const { host, port } = hostFor(listener, options)
    address.host = host
    // As postgres.js does, for the name in the certificate and for its messages.
    Object.assign(socket, { host, port })
    open(() => socket.connect({ host, port }))
  }
  socket.on('newListener', take)
  return socket
}

function run(open: () => unknown): void {
  open()
}

/** One after the other, as often as the same connection is opened. */
function hostFor(
  connection: object,
  { host, port }: PostgresOptions,
): { host: string; port: number } {
  const index = nextHost.get(connection) ?? 0
  nextHost.set(connection, (index + 1) % port.length)
  return { host: host[index] ?? 'localhost', port: port[index] ?? 5_432 }
}

/**
 * Takes `query`, by which a new connection asks for the types of arrays, to learn which connection has which
 * socket. A client that fetches no types gets no rows.
 */
export function tellConnection(query: PostgresQuery): void {
  const arrival = arriving.getStore()
  if (arrival === undefined) return
  if (!arrival.fetchesTypes) query.strings = ['SELECT 1 WHERE false']
  query.options.onexecute = (connection) => {
    const backend = query.state as PostgresBackend
    if (!links.has(backend)) expectAgain(connection, backend)
    link(connection, backend, arrival)
    keepWaiting(connection, poolOf(arrival.options))
    return true
  }
}

/**
 * A connection that is opened again asks nothing where postgres.js 3.4 has refused whoever it was opened for, with
 * the error that ended the connection before; but the server always names its backend.
 */
function expectAgain(connection: PostgresConnection, backend: PostgresBackend): void {
  hookProperty(backend, 'secret', undefined, () => {
    const arrival = arriving.getStore()
    if (arrival !== undefined) link(connection, backend, arrival)
  })
}

function link(connection: PostgresConnection, backend: PostgresBackend, arrival: Arrival): void {
  links.set(backend, new Link(connection, backend, arrival))
  poolOf(arrival.options).see(connection, true)
}

/** The reservation for which a connection was opened again when it had closed. */
const waiting = new WeakMap<PostgresConnection, PostgresReservation | undefined>()

/**
 * postgres.js 3.4 opens a connection that has closed for whoever waits, and then forgets it when that is a
 * reservation. One that finds a closed connection also waits in the queue of all, and is served from there:
 * what is handed to it a second time would be nobody's.
 */
function keepWaiting(connection: PostgresConnection, pool: Pool): void {
  const waiter = waiting.get(connection)
  if (waiter?.reserve !== undefined) {
    const { reserve } = waiter
    const handOver = (): void => {
      connection.reserved = null
      reserve(connection)
    }
    connection.reserved = Object.assign(handOver, { release: true })
  }
  if (!waiting.has(connection)) {
    const { connect } = connection
    connection.connect = (initial) => {
      waiting.set(connection, pool.hasJustClosed(connection) ? initial : undefined)
      connect(initial)
    }
  }
  waiting.set(connection, undefined)
}
