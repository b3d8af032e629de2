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
  modules: ['hono', 'hono/tiny', 'hono/quick'],
  evidence: [
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
  },
  entities: {
    App: {
      members: {
        ...routes,
        on: { entry: handler(2), returns: 'self' },
        use: { entry: handler(0), returns: 'self' },
        route: { returns: 'self' },
        basePath: { returns: 'self' },
        onError: { entry: { from: 0, request: 1, params: ['any', 'Context'] }, returns: 'self' },
        notFound: { entry: handler(0), returns: 'self' },
      },
    },
    Context: {
      request: { module: '@ctx-fix/runtime/hono', native: 'req.raw.signal' },
      members: { req: { type: 'Request' } },
    },
    Request: { members: { raw: { type: 'web#Request' } } },
    Handler: { handler: handler(0) },
  },
} as const satisfies Library
