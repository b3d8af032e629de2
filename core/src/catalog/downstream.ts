import type { Library, Member, Sink } from './types.js'

/** Clients of other services that take a signal themselves: aborting closes the request. */
const at = (arg: number): Sink => ({
  carriers: [{ kind: 'option', arg, key: 'signal', native: true }],
  effect: 'closes',
})

/** The function itself: `axios(url, config)` and `axios(config)`. */
const either: Sink = {
  carriers: [{ kind: 'option', arg: 1, key: 'signal', orFirst: true, native: true }],
  effect: 'closes',
}

const request = (arg: number, returns = 'Promise<any>'): Member => ({ sink: at(arg), returns })
const requests = (names: readonly string[], arg: number): Record<string, Member> =>
  Object.fromEntries(names.map((name) => [name, request(arg)]))

const withoutBody = ['get', 'delete', 'head', 'options'] as const
const withBody = ['post', 'put', 'patch', 'postForm', 'putForm', 'patchForm'] as const

export const axios = {
  name: 'axios',
  kind: 'downstream',
  modules: ['axios'],
  evidence: [
    {
      what: 'axios(config), axios.get(url, config), axios.post(url, data, config) with config.signal',
      where: 'https://axios-http.com/docs/cancellation',
      since: '0.22.0',
    },
  ],
  exports: {
    default: 'Axios',
    'export=': 'Axios',
    Axios: 'class Axios',
    AxiosInstance: 'class Axios',
    AxiosStatic: 'class Axios',
    AxiosRequestConfig: 'class Config',
    RawAxiosRequestConfig: 'class Config',
  },
  entities: {
    Config: { signalKey: 'signal', members: { signal: { type: 'web#AbortSignal' } } },
    Axios: {
      call: { sink: either, returns: 'Promise<any>' },
      members: {
        request: request(0),
        ...requests(withoutBody, 1),
        ...requests([...withBody, 'query'], 2),
        create: { returns: 'Axios' },
        defaults: {},
        interceptors: {},
      },
    },
  },
} as const satisfies Library

export const nestAxios = {
  name: '@nestjs/axios',
  kind: 'downstream',
  modules: ['@nestjs/axios'],
  evidence: [
    {
      what: 'HttpService gives an observable of an axios request; axiosRef is the instance',
      where: 'https://docs.nestjs.com/techniques/http-module',
      since: '0.1.0',
    },
  ],
  exports: { HttpService: 'class HttpService' },
  entities: {
    HttpService: {
      members: {
        request: request(0, 'any'),
        ...requests(withoutBody, 1),
        ...requests(withBody, 2),
        axiosRef: { type: 'axios#Axios' },
      },
    },
  },
} as const satisfies Library

const verbs = ['get', 'post', 'put', 'patch', 'delete', 'head', 'query'] as const

export const got = {
  name: 'got',
  kind: 'downstream',
  modules: ['got'],
  evidence: [
    {
      what: 'got(url, { signal }), and the same for its methods',
      where: 'https://github.com/sindresorhus/got/blob/main/documentation/2-options.md#signal',
      since: '12.2.0',
    },
  ],
  exports: {
    default: 'Got',
    got: 'Got',
    'export=': 'Got',
    Got: 'class Got',
  },
  entities: {
    Got: {
      call: { sink: either, returns: 'any' },
      members: {
        ...requests(verbs, 1),
        stream: { type: 'Stream' },
        extend: { returns: 'self' },
        create: { returns: 'self' },
      },
    },
    Stream: {
      call: { sink: { ...at(1), streams: true }, returns: 'any' },
      members: Object.fromEntries(
        verbs.map((verb) => [verb, { sink: { ...at(1), streams: true }, returns: 'any' }]),
      ),
    },
  },
} as const satisfies Library

/** It gives a request up by itself, after ten seconds unless it is told otherwise. */
const bounded = (arg: number): Sink => ({ ...at(arg), bounded: true })

export const ky = {
  name: 'ky',
  kind: 'downstream',
  modules: ['ky'],
  evidence: [
    {
      what: 'ky(url, { signal }), and the same for its methods',
      where: 'https://github.com/sindresorhus/ky#signal',
      since: '0.10.0',
    },
    {
      what: '`timeout` aborts the request, after 10 seconds where it is left out',
      where: 'https://github.com/sindresorhus/ky#timeout',
      since: '0.1.0',
    },
  ],
  exports: { default: 'Ky', 'export=': 'Ky', KyInstance: 'class Ky' },
  entities: {
    Ky: {
      call: { sink: bounded(1), returns: 'any' },
      members: {
        ...Object.fromEntries(
          verbs.map((verb) => [verb, { sink: bounded(1), returns: 'any' } satisfies Member]),
        ),
        extend: { returns: 'self' },
        create: { returns: 'self' },
      },
    },
  },
} as const satisfies Library

const dispatchers = [
  'Dispatcher',
  'Client',
  'H2CClient',
  'Pool',
  'BalancedPool',
  'RoundRobinPool',
  'Agent',
  'ProxyAgent',
  'EnvHttpProxyAgent',
  'RetryAgent',
  'Socks5ProxyAgent',
] as const

export const undici = {
  name: 'undici',
  kind: 'downstream',
  modules: ['undici', 'node-fetch', 'cross-fetch'],
  evidence: [
    {
      what: 'fetch and request take `signal` in their options, dispatchers in the only argument of request',
      where: 'https://undici.nodejs.org/#/docs/api/Dispatcher?id=parameter-requestoptions',
      since: '5.0.0',
    },
  ],
  exports: {
    default: 'Main',
    'export=': 'Main',
    fetch: 'Fetch',
    request: 'Fetch',
    stream: 'Streamed',
    pipeline: 'Streamed',
    ...Object.fromEntries(dispatchers.map((name) => [name, 'class Dispatcher'])),
    getGlobalDispatcher: 'Global',
    Request: 'class web#Request',
  },
  entities: {
    Fetch: { call: request(1) },
    /** Of node-fetch the function, of undici an object of them all. */
    Main: {
      call: request(1),
      members: {
        fetch: { type: 'Fetch' },
        request: { type: 'Fetch' },
        stream: { type: 'Streamed' },
        pipeline: { type: 'Streamed' },
      },
    },
    /** The body is handed to a stream, or comes as one. */
    Streamed: { call: { sink: { ...at(1), streams: true }, returns: 'any' } },
    Global: { call: { returns: 'Dispatcher' } },
    Dispatcher: {
      members: {
        request: request(0),
        stream: { sink: { ...at(0), streams: true }, returns: 'any' },
        pipeline: { sink: { ...at(0), streams: true }, returns: 'any' },
        compose: { returns: 'self' },
      },
    },
  },
} as const satisfies Library
