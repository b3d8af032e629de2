import type { Entry, Library, Member } from './types.js'

/** `(ctx, next)`; the router's verbs take a path, and a name before it, first. */
const middleware = (from: number, method?: string): Entry => ({
  from,
  request: 0,
  params: ['Context', 'any'],
  ...(method === undefined ? {} : { method }),
})

const verbs = ['get', 'post', 'put', 'patch', 'delete', 'del', 'head', 'options', 'all'] as const

const routes = Object.fromEntries(
  verbs.map((verb): [string, Member] => [
    verb,
    { entry: middleware(1, verb === 'del' ? 'DELETE' : verb.toUpperCase()), returns: 'self' },
  ]),
)

export const koa = {
  name: 'koa',
  kind: 'framework',
  modules: ['koa', '@koa/router', 'koa-router'],
  evidence: [
    {
      what: 'app.use and router verbs call middleware with (ctx, next)',
      where: 'https://koajs.com/#application',
      since: '2.0.0',
    },
    {
      what: 'No signal of its own; ctx.res closes when the client has gone',
      where: 'https://nodejs.org/api/http.html#event-close_1',
      since: '2.0.0',
    },
  ],
  exports: {
    default: 'class App',
    'export=': 'class App',
    Context: 'class Context',
    ParameterizedContext: 'class Context',
    RouterContext: 'class Context',
    ExtendableContext: 'class Context',
    DefaultContext: 'class Context',
    Middleware: 'class Middleware',
  },
  exportsOf: Object.fromEntries(
    ['@koa/router', 'koa-router'].map((module) => [
      module,
      {
        default: 'class Router',
        'export=': 'class Router',
        Router: 'class Router',
        RouterContext: 'class Context',
      },
    ]),
  ),
  entities: {
    App: {
      establish: {
        module: '@ctx-fix/runtime/koa',
        name: 'ctxSignal',
        method: 'use',
        called: true,
      },
      members: {
        use: { entry: middleware(0), returns: 'self' },
        listen: { returns: 'node:http#Server' },
        context: { type: 'Shared' },
        Context: { type: 'class Context' },
        Middleware: { type: 'class Middleware' },
        ParameterizedContext: { type: 'class Context' },
      },
    },
    Router: {
      members: {
        ...routes,
        use: { entry: middleware(0), returns: 'self' },
        // After the path a list of methods, which holds no handler.
        register: { entry: middleware(2), returns: 'any' },
        param: {
          entry: { from: 1, request: 1, params: ['any', 'Context', 'any'] },
          returns: 'self',
        },
        routes: {},
        allowedMethods: {},
        prefix: { returns: 'self' },
        RouterContext: { type: 'class Context' },
      },
    },
    Context: {
      request: { module: '@ctx-fix/runtime/koa', named: 'ctx', part: 'request' },
      members: {
        state: { type: 'Shared' },
        app: { type: 'App' },
        req: { type: 'node:http#IncomingMessage' },
        res: { type: 'node:http#ServerResponse' },
      },
      stored: true,
    },
    /** `ctx.state.db` and `app.context.db` are what the program has put there. */
    Shared: { stored: true },
    Middleware: { handler: middleware(0) },
  },
} as const satisfies Library
