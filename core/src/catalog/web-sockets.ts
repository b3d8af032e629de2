import type { Entry, Library } from './types.js'

const job = '@ctx-fix/runtime/job'
const surround = { module: job, name: 'withJobSignal', as: 'wrapper' } as const
/** No signal tells of the end of a connection: `requestSignal()` has a deadline alone. */
const source = { request: { module: job, optional: true } } as const

const listener = (
  from: number,
  params: readonly string[] = ['any'],
  events?: readonly string[],
): Entry => ({ from, request: -1, params, ...(events && { events }) })

const connected = (...params: readonly string[]) =>
  ({ entry: listener(1, params, ['connection', 'connect']), returns: 'self' }) as const

const event = { entry: listener(1), returns: 'self' } as const

export const socketIo = {
  name: 'socket.io',
  kind: 'framework',
  modules: ['socket.io'],
  surround,
  evidence: [
    {
      what: "server.on('connection', listener), of the server and of a namespace, and their use() call the listener with the socket",
      where: 'https://socket.io/docs/v4/server-api/#event-connection',
      since: '2.0.0',
    },
    {
      what: 'socket.on(event, listener) calls the listener with what the client sent and a function that acknowledges it: there is no request and no signal, and a disconnect is an event of its own',
      where: 'https://socket.io/docs/v4/server-api/#socketoneventname-callback',
      since: '2.0.0',
    },
  ],
  exports: {
    default: 'class App',
    'export=': 'class App',
    Server: 'class App',
    Namespace: 'class App',
    Socket: 'class Socket',
  },
  entities: {
    App: {
      ...source,
      members: {
        on: connected('Socket'),
        once: connected('Socket'),
        use: { entry: listener(0, ['Socket', 'any']), returns: 'self' },
        of: { returns: 'App' },
      },
    },
    Socket: {
      members: {
        on: event,
        once: event,
        onAny: { entry: listener(0), returns: 'self' },
        use: { entry: listener(0), returns: 'self' },
        data: { type: 'Data' },
      },
    },
    /** `socket.data.db` is what the program has put there. */
    Data: { stored: true },
  },
} as const satisfies Library

export const ws = {
  name: 'ws',
  kind: 'framework',
  modules: ['ws'],
  surround,
  evidence: [
    {
      what: "server.on('connection', listener) calls the listener with the socket and the request of its upgrade, which nothing answers",
      where: 'https://github.com/websockets/ws/blob/master/doc/ws.md#event-connection',
      since: '3.0.0',
    },
    {
      what: "socket.on('message', listener) calls the listener with the data alone",
      where: 'https://github.com/websockets/ws/blob/master/doc/ws.md#event-message',
      since: '1.0.0',
    },
  ],
  exports: {
    default: 'class Socket',
    'export=': 'class Socket',
    WebSocket: 'class Socket',
    WebSocketServer: 'class App',
    Server: 'class App',
  },
  entities: {
    App: {
      ...source,
      members: { on: connected('Socket', 'any'), once: connected('Socket', 'any') },
    },
    Socket: { members: { on: event, once: event, Server: { type: 'class App' } } },
  },
} as const satisfies Library
