import type { Carrier, Entry, Library, Sink } from './types.js'

const handler = { from: 0, request: 0, params: ['Call', 'any'] } as const satisfies Entry

const serverCalls = [
  'ServerUnaryCall',
  'ServerReadableStream',
  'ServerWritableStream',
  'ServerDuplexStream',
] as const
const handlerTypes = [
  'handleUnaryCall',
  'handleClientStreamingCall',
  'handleServerStreamingCall',
  'handleBidiStreamingCall',
  'HandleCall',
] as const

const none: Carrier = {
  kind: 'none',
  why: 'a call of @grpc/grpc-js takes a `deadline` and is ended by `call.cancel()`: `cancelWith(signal, call)` of @ctx-fix/runtime/grpc does that',
}
/** Methods that every client has; those of a service have names of its own. */
const request: Sink = { carriers: [none], effect: 'runs-on', onlyInScope: true }

export const grpc = {
  name: '@grpc/grpc-js',
  kind: 'framework',
  modules: ['@grpc/grpc-js'],
  surround: { module: '@ctx-fix/runtime/grpc', name: 'withRequestSignal', as: 'wrapper' },
  evidence: [
    {
      what: 'server.addService(definition, handlers) calls a handler with the call, and with a callback where the answer is one message',
      where: 'https://grpc.io/docs/languages/node/basics/',
      since: '1.0.0',
    },
    {
      what: 'call.getDeadline() is the deadline of the client; `cancelled` is emitted when the client cancels, at the deadline, and after a normal end too',
      where: '@grpc/grpc-js/build/src/server-interceptors.js, notifyOnCancel',
      since: '1.10.0',
    },
    {
      what: 'client.method(request, metadata?, { deadline }, callback) gives a call with cancel(); no option takes a signal',
      where: '@grpc/grpc-js/build/src/client.d.ts, CallOptions',
      since: '1.0.0',
    },
  ],
  exports: {
    default: 'module',
    Server: 'class Server',
    Client: 'class Client',
    UntypedServiceImplementation: 'class Implementation',
    ...Object.fromEntries(serverCalls.map((name) => [name, 'class Call'])),
    ...Object.fromEntries(handlerTypes.map((name) => [name, 'class Handler'])),
  },
  entities: {
    Server: {
      members: {
        addService: { entry: { ...handler, from: 1, mapArgument: true, mapDepth: 1 } },
        bindAsync: {},
        tryShutdown: {},
      },
    },
    Implementation: { properties: 'Handler' },
    Handler: { handler },
    Call: { request: { module: '@ctx-fix/runtime/grpc', named: 'call' }, handedWith: 0 },
    Client: {
      members: {
        makeUnaryRequest: { sink: request },
        makeClientStreamRequest: { sink: request },
        makeServerStreamRequest: { sink: request },
        makeBidiStreamRequest: { sink: request },
      },
    },
  },
} as const satisfies Library
