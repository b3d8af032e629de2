import type { Entry, Library, Sink } from './types.js'

const fetchSink: Sink = {
  carriers: [{ kind: 'option', arg: 1, key: 'signal' }],
  effect: 'closes',
}

/** Waiting that a signal cuts short; not I/O, so it is reported only where a signal is at hand. */
export const waiting = (arg: number | 'last'): Sink => ({
  carriers: [{ kind: 'option', arg, key: 'signal' }],
  effect: 'local',
  onlyInScope: true,
})

/** A process or a file: not worth deriving a signal from a request for, though one that is there ends it. */
export const local = (
  arg: number,
  more: { readonly skips?: boolean; readonly text?: string } = {},
): Sink => ({
  carriers: [{ kind: 'option', arg, key: 'signal', native: true, ...more }],
  effect: 'local',
  onlyInScope: true,
  onlyBySignal: true,
})

const later = { arg: 0, params: [], deferred: true } as const

export const web = {
  name: 'web',
  kind: 'platform',
  modules: [],
  surround: { module: '@ctx-fix/runtime/web', name: 'withRequestSignal', as: 'wrapper' },
  typePackages: ['typescript', '@types/node', 'undici-types'],
  evidence: [
    {
      what: 'AbortSignal.any joins its arguments; AbortSignal.timeout and AbortController make fresh ones',
      where: 'https://developer.mozilla.org/en-US/docs/Web/API/AbortSignal',
      since: 'Node 20.3.0',
    },
    {
      what: 'fetch(input, { signal }) aborts the request',
      where: 'https://developer.mozilla.org/en-US/docs/Web/API/Window/fetch',
      since: 'Node 18.0.0',
    },
    {
      what: 'stream.pipeTo(destination, { signal }) ends the copying',
      where: 'https://developer.mozilla.org/en-US/docs/Web/API/ReadableStream/pipeTo',
      since: 'Node 18.0.0',
    },
  ],
  exports: {},
  globals: {
    AbortSignal: 'class AbortSignal',
    AbortController: 'class AbortController',
    Request: 'class Request',
    RequestInit: 'class RequestInit',
    ReadableStream: 'class ReadableStream',
    Proxy: 'class Proxy',
    fetch: 'Fetch',
    setTimeout: 'Timer',
    setInterval: 'Timer',
    setImmediate: 'Timer',
    queueMicrotask: 'Timer',
    process: 'Process',
    globalThis: 'Global',
  },
  entities: {
    AbortSignal: {
      members: {
        any: { derives: 'arguments', returns: 'AbortSignal' },
        timeout: { derives: 'fresh', returns: 'AbortSignal' },
        abort: { derives: 'fresh', returns: 'AbortSignal' },
        addEventListener: { callbacks: [{ arg: 1, params: ['any'] }] },
      },
    },
    AbortController: { members: { signal: { type: 'AbortSignal' }, abort: {} } },
    Request: {
      request: { module: '@ctx-fix/runtime/web', named: 'request: Request' },
      members: { signal: { type: 'AbortSignal' } },
    },
    RequestInit: { signalKey: 'signal', members: { signal: { type: 'AbortSignal' } } },
    ReadableStream: { members: { pipeTo: { sink: waiting(1), returns: 'Promise<any>' } } },
    Proxy: {},
    Fetch: { call: { sink: fetchSink, returns: 'Promise<any>' } },
    Timer: { call: { callbacks: [later] } },
    Process: { members: { nextTick: { callbacks: [later] }, on: {}, once: {} } },
    Global: { members: { fetch: { type: 'Fetch' } } },
  },
} as const satisfies Library

export const timersPromises = {
  name: 'node:timers/promises',
  kind: 'platform',
  modules: ['node:timers/promises', 'timers/promises'],
  evidence: [
    {
      what: 'scheduler.wait(delay, { signal })',
      where: 'https://nodejs.org/api/timers.html#timerspromisesschedulerwaitdelay-options',
      since: 'Node 17.3.0',
    },
    {
      what: 'setTimeout(delay, value, { signal }), setImmediate(value, { signal }), setInterval(delay, value, { signal })',
      where: 'https://nodejs.org/api/timers.html#timers-promises-api',
      since: 'Node 15.0.0',
    },
  ],
  exports: {
    setTimeout: 'Delay',
    setImmediate: 'Immediate',
    setInterval: 'Delay',
    scheduler: 'Scheduler',
    default: 'module',
  },
  entities: {
    Delay: { call: { sink: waiting(2), returns: 'Promise<any>' } },
    Immediate: { call: { sink: waiting(1), returns: 'Promise<any>' } },
    Scheduler: { members: { wait: { sink: waiting(1), returns: 'Promise<any>' } } },
  },
} as const satisfies Library

export const events = {
  name: 'node:events',
  kind: 'platform',
  modules: ['node:events', 'events'],
  evidence: [
    {
      what: 'once(emitter, name, { signal }) and on(emitter, name, { signal })',
      where: 'https://nodejs.org/api/events.html#eventsonceemitter-name-options',
      since: 'Node 15.0.0',
    },
  ],
  exports: { once: 'Once', on: 'Once', default: 'Emitter' },
  entities: {
    Once: { call: { sink: waiting(2), returns: 'Promise<any>' } },
    Emitter: { members: { once: { type: 'Once' }, on: { type: 'Once' } } },
  },
} as const satisfies Library

export const streamPromises = {
  name: 'node:stream/promises',
  kind: 'platform',
  modules: ['node:stream/promises', 'stream/promises'],
  evidence: [
    {
      what: 'pipeline(...streams, { signal }) and finished(stream, { signal })',
      where:
        'https://nodejs.org/api/stream.html#streampipelinesource-transforms-destination-options',
      since: 'Node 15.0.0',
    },
  ],
  exports: { pipeline: 'Pipeline', finished: 'Finished', default: 'module' },
  entities: {
    Pipeline: { call: { sink: waiting('last'), returns: 'Promise<any>' } },
    Finished: { call: { sink: waiting(1), returns: 'Promise<any>' } },
  },
} as const satisfies Library

export const childProcess = {
  name: 'node:child_process',
  kind: 'platform',
  modules: ['node:child_process', 'child_process'],
  evidence: [
    {
      what: 'exec(command, { signal }), execFile, spawn and fork(file, args, { signal }) kill the process when it aborts',
      where: 'https://nodejs.org/api/child_process.html#child_processspawncommand-args-options',
      since: 'Node 15.13.0',
    },
  ],
  exports: {
    exec: 'Exec',
    execFile: 'Spawn',
    spawn: 'Spawn',
    fork: 'Spawn',
    default: 'module',
  },
  entities: {
    Exec: { call: { sink: local(1), returns: 'any' } },
    Spawn: { call: { sink: local(2, { skips: true }), returns: 'Process' } },
    Process: { lasting: true },
  },
} as const satisfies Library

/** Node's own signal of a request: a fact of the Node below, for every framework that hands out its request. */
export const nodeSignal = {
  members: { signal: { type: 'web#AbortSignal' } },
  broken: {
    path: 'signal',
    methods: ['POST', 'PUT', 'PATCH', 'DELETE', 'ALL', 'ANY'],
    why: 'is not there before Node 24.16 and aborts as soon as a body has been read before Node 24.20',
  },
  /** From here on it aborts when the client goes away, and only then. */
  rightFrom: { package: 'node', from: '24.20.0' },
} as const

const nodeRequest = { module: '@ctx-fix/runtime/node', named: 'req' } as const

const onRequest: Entry = {
  events: ['request'],
  from: 1,
  request: 0,
  params: ['IncomingMessage', 'ServerResponse'],
}

/** Node has no middleware: each listener is put inside its request's signal. */
const surround = {
  module: '@ctx-fix/runtime/node',
  name: 'withRequestSignal',
  as: 'wrapper',
} as const

export const http = {
  name: 'node:http',
  kind: 'framework',
  surround,
  modules: ['node:http', 'http', 'node:https', 'https'],
  evidence: [
    {
      what: 'createServer(listener) calls the listener with the request and the response',
      where: 'https://nodejs.org/api/http.html#httpcreateserveroptions-requestlistener',
      since: 'Node 0.1.13',
    },
    {
      what: 'request(url, { signal }) and get: aborting destroys the request',
      where: 'https://nodejs.org/api/http.html#httprequesturl-options-callback',
      since: 'Node 15.3.0',
    },
    {
      what: 'IncomingMessage#signal is right from Node 24.20.0; it aborts at once on a POST in 24.16 to 24.19',
      where: 'https://github.com/nodejs/node/pull/64392',
      since: 'Node 24.16.0',
    },
  ],
  exports: {
    default: 'module',
    createServer: 'CreateServer',
    request: 'Outgoing',
    get: 'Outgoing',
    RequestOptions: 'class RequestOptions',
    IncomingMessage: 'class IncomingMessage',
    ServerResponse: 'class ServerResponse',
    Server: 'class Server',
    RequestListener: 'class RequestListener',
  },
  entities: {
    Outgoing: {
      call: {
        sink: {
          carriers: [{ kind: 'option', arg: 1, key: 'signal', orFirst: true, native: true }],
          effect: 'closes',
        },
        returns: 'any',
      },
    },
    RequestOptions: { signalKey: 'signal', members: { signal: { type: 'web#AbortSignal' } } },
    CreateServer: {
      call: {
        returns: 'Server',
        entry: { from: 0, request: 0, params: ['IncomingMessage', 'ServerResponse'] },
      },
    },
    Server: {
      construct: { entry: { from: 0, request: 0, params: ['IncomingMessage', 'ServerResponse'] } },
      members: {
        on: { entry: onRequest, returns: 'self' },
        addListener: { entry: onRequest, returns: 'self' },
        listen: { returns: 'self' },
      },
    },
    IncomingMessage: {
      request: { ...nodeRequest, broken: nodeSignal.broken },
      members: nodeSignal.members,
    },
    ServerResponse: { members: { req: { type: 'IncomingMessage' } } },
    RequestListener: {
      handler: { from: 0, request: 0, params: ['IncomingMessage', 'ServerResponse'] },
    },
  },
  variants: [
    {
      when: nodeSignal.rightFrom,
      what: '`req.signal` aborts when the client goes away',
      entities: { IncomingMessage: { request: nodeRequest, members: nodeSignal.members } },
    },
  ],
} as const satisfies Library

const http2Listener = { from: 0, request: 0, params: ['Http2ServerRequest', 'any'] } as const

/** The core API, where the stream is request and response at once. */
const onStream: Entry = {
  events: ['stream'],
  from: 1,
  request: 0,
  params: ['ServerHttp2Stream', 'any'],
}

export const http2 = {
  name: 'node:http2',
  kind: 'framework',
  surround,
  modules: ['node:http2', 'http2'],
  evidence: [
    {
      what: 'createServer and createSecureServer call the listener with the request and the response of the compatibility API',
      where: 'https://nodejs.org/api/http2.html#compatibility-api',
      since: 'Node 8.4.0',
    },
    {
      what: "server.on('stream', listener) of the core API calls the listener with the stream and the headers; the stream is aborted where its peer ends it before the response",
      where: 'https://nodejs.org/api/http2.html#event-stream-1',
      since: 'Node 8.4.0',
    },
    {
      what: 'request.aborted tells a stream that was reset; a response that was reset is writableFinished all the same',
      where: 'https://nodejs.org/api/http2.html#requestaborted',
      since: 'Node 10.1.0',
    },
  ],
  exports: {
    default: 'module',
    createServer: 'CreateServer',
    createSecureServer: 'CreateServer',
    Http2ServerRequest: 'class Http2ServerRequest',
    Http2ServerResponse: 'class Http2ServerResponse',
    ServerHttp2Stream: 'class ServerHttp2Stream',
    Http2Server: 'class Server',
    Http2SecureServer: 'class Server',
  },
  entities: {
    CreateServer: { call: { returns: 'Server', entry: http2Listener } },
    Server: {
      members: {
        on: { entry: onStream, returns: 'self' },
        addListener: { entry: onStream, returns: 'self' },
        listen: { returns: 'self' },
      },
    },
    ServerHttp2Stream: { request: { module: '@ctx-fix/runtime/node', named: 'stream' } },
    Http2ServerRequest: { request: nodeRequest },
    Http2ServerResponse: { members: { req: { type: 'Http2ServerRequest' } } },
  },
} as const satisfies Library
