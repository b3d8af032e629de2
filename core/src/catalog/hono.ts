import type { Entry, Library, Member } from './types.js'

const handler = (from: number, method?: string): Entry => ({
  from,
  request: 0,
  params: ['Context', 'any'],
  ...(method === undefined ? {} : { method }),
})

const routes = Object.fromEntries(
  ['get', 'post', 'put', 'patch', 'delete', 'options', 'all'].map((verb): [string, Member] => [
    verb,
    { entry: handler(0, verb.toUpperCase()), returns: 'self' },
  ]),
)

export const hono = {
  name: 'hono',
  kind: 'framework',
  modules: ['hono', 'hono/tiny', 'hono/quick', 'hono/factory', '@hono/zod-openapi'],
  evidence: [
    {
      what: 'c.set, c.get and c.var keep values for the request; factories make applications, handlers and middleware',
      where: 'https://hono.dev/docs/api/context#set-get',
      since: '4.0.0',
    },
    {
      what: 'c.req.raw is the Fetch API request, whose signal aborts when the client disconnects',
      where: 'https://hono.dev/docs/api/request#raw',
      since: '4.0.0',
    },
  ],
  exports: {
    Hono: 'class App',
    Context: 'class Context',
    Handler: 'class Handler',
    MiddlewareHandler: 'class Handler',
    OpenAPIHono: 'class App',
    createFactory: 'CreateFactory',
    createMiddleware: 'CreateMiddleware',
  },
  entities: {
    App: {
      establish: {
        module: '@ctx-fix/runtime/hono',
        name: 'ctxSignal',
        method: 'use',
        called: true,
      },
      members: {
        ...routes,
        on: { entry: handler(2), returns: 'self' },
        openapi: { entry: handler(1), returns: 'self' },
        use: { entry: handler(0), returns: 'self' },
        route: { returns: 'self' },
        basePath: { returns: 'self' },
        onError: { entry: { from: 0, request: 1, params: ['any', 'Context'] }, returns: 'self' },
        notFound: { entry: handler(0), returns: 'self' },
      },
    },
    Context: {
      request: { module: '@ctx-fix/runtime/hono', named: 'c' },
      members: {
        req: { type: 'Request' },
        get: { store: 'take' },
        set: { store: 'put' },
        var: { type: 'Variables' },
      },
    },
    Request: { members: { raw: { type: 'web#Request' } } },
    Handler: { handler: handler(0) },
    /** `c.var.db` is what `c.set('db', …)` has put there. */
    Variables: { stored: true },
    CreateFactory: { call: { returns: 'Factory' } },
    Factory: {
      members: {
        createApp: { returns: 'App' },
        createHandlers: { entry: handler(0), returns: 'any' },
        createMiddleware: { entry: handler(0), returns: 'any' },
      },
    },
    CreateMiddleware: { call: { entry: handler(0), returns: 'any' } },
  },
} as const satisfies Library
