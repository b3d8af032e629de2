import type { Entry, Library, Member } from './types.js'

/** Keys of the options behind a route's handler that hold functions of the same context. */
const localHooks = [
  'parse',
  'transform',
  'resolve',
  'beforeHandle',
  'afterHandle',
  'error',
] as const

const handler = (from: number, method?: string): Entry => ({
  from,
  request: 0,
  params: ['Context'],
  handlerKeys: localHooks,
  ...(method === undefined ? {} : { method }),
})

const routes = Object.fromEntries(
  ['get', 'post', 'put', 'patch', 'delete', 'options', 'head', 'all'].map(
    (verb): [string, Member] => [verb, { entry: handler(1, verb.toUpperCase()), returns: 'self' }],
  ),
)

/** Methods that take one function of the context, behind the scope that it is for where one is given. */
const hooks = Object.fromEntries(
  [
    'derive',
    'mapDerive',
    'mapResolve',
    'onAfterHandle',
    'onBeforeHandle',
    'onError',
    'onParse',
    'onRequest',
    'onTransform',
    'resolve',
  ].map((name): [string, Member] => [name, { entry: handler(0), returns: 'self' }]),
)

/** Hooks for all routes of a part of the application. */
const around: Entry = { ...handler(0), onlyKeys: true }

/** `(app) => app.get(…)`, behind a prefix, options or both. */
const inner = { arg: 'last', params: ['App'] } as const

export const elysia = {
  name: 'elysia',
  kind: 'framework',
  modules: ['elysia'],
  surround: { module: '@ctx-fix/runtime/web', name: 'withRequestSignal', as: 'wrapper' },
  evidence: [
    {
      what: 'app.METHOD(path, handler, options) and app.route(method, path, handler) call the handler with one context',
      where: 'https://elysiajs.com/essential/handler',
      since: '1.0.0',
    },
    {
      what: 'context.request is a Request of the Fetch API; its signal aborts when the client disconnects, that of a POST too (seen with @elysiajs/node 1.4 on Node 20, 22, 24 and 26)',
      where: 'https://elysiajs.com/essential/handler#context',
      since: '1.0.0',
    },
    {
      what: 'onRequest, onBeforeHandle, derive, resolve and the other hooks are given the context of the request, also as options of a route',
      where: 'https://elysiajs.com/essential/life-cycle',
      since: '1.0.0',
    },
    {
      what: 'use, group and guard call a function with the application that it adds to; decorate and state keep values for the context',
      where: 'https://elysiajs.com/essential/plugin',
      since: '1.0.0',
    },
  ],
  exports: {
    default: 'class App',
    Elysia: 'class App',
    AnyElysia: 'class App',
    Context: 'class Context',
    Handler: 'class Handler',
  },
  entities: {
    App: {
      members: {
        ...routes,
        ...hooks,
        route: { entry: handler(2), returns: 'self' },
        use: { callbacks: [{ arg: 0, params: ['App'] }], returns: 'self' },
        group: { entry: around, callbacks: [inner], returns: 'self' },
        guard: { entry: around, callbacks: [inner], returns: 'self' },
        decorate: { store: 'put', returns: 'self' },
        handle: { returns: 'Promise<any>' },
      },
      // Every other method gives the application back: `model`, `state`, `macro`, `listen`.
      others: 'self',
    },
    Context: {
      request: {
        module: '@ctx-fix/runtime/web',
        named: '{ request }: { request: Request }',
        part: 'request',
      },
      members: { request: { type: 'web#Request' } },
      stored: true,
    },
    Handler: { handler: handler(0) },
  },
} as const satisfies Library
