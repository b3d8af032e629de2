import type { Entry, Library } from './types.js'

const options = 'Options<T0>'

const resolver = (method?: string): Entry => ({
  from: 0,
  request: 0,
  params: [options],
  ...(method === undefined ? {} : { method }),
})

/** `createContext` of an adapter runs for each request, before the procedures. */
const createContext: Entry = {
  from: 0,
  request: 0,
  params: ['ContextOptions'],
  handlerKeys: ['createContext'],
}

const adapters = {
  express: ['express', 'CreateExpressContextOptions', 'createExpressMiddleware'],
  standalone: ['node:http', 'CreateHTTPContextOptions', 'createHTTPServer'],
  'node-http': ['node:http', 'CreateHTTPContextOptions', 'createHTTPHandler'],
  fastify: ['fastify', 'CreateFastifyContextOptions', 'fastifyTRPCPlugin'],
  next: ['next', 'CreateNextContextOptions', 'createNextApiHandler'],
  fetch: ['web', 'FetchCreateContextFnOptions', 'fetchRequestHandler'],
} as const

const adapterModule = (name: string) => `@trpc/server/adapters/${name}`

const mounts = Object.fromEntries(
  Object.entries(adapters).map(([name, [host]]) => [adapterModule(name), host]),
)

export const trpc = {
  name: 'trpc',
  kind: 'framework',
  modules: ['@trpc/server'],
  evidence: [
    {
      what: 'procedure.query, .mutation and .subscription take the resolver; builders derived with .input, .use and .concat are procedures too',
      where: 'https://trpc.io/docs/server/procedures',
      since: '11.0.0',
    },
    {
      what: 'A resolver and a middleware are given opts.signal, which aborts when the client disconnects; undefined for a caller that was made without one',
      where: 'https://trpc.io/docs/server/server-side-calls',
      since: '11.0.0',
    },
    {
      what: 'What a middleware calls next() in surrounds the procedure',
      where: 'https://trpc.io/docs/server/middlewares',
      since: '11.0.0',
    },
  ],
  exports: { initTRPC: 'Init' },
  mounts,
  entities: {
    Init: {
      members: {
        context: { returns: 'Init<type0>' },
        meta: { returns: 'self' },
        create: { returns: 'Root<T0>' },
      },
    },
    Root: {
      members: {
        procedure: { type: 'Procedure<T0>' },
        middleware: { entry: resolver(), returns: 'any' },
        router: { returns: 'any' },
        mergeRouters: { returns: 'any' },
        createCallerFactory: { returns: 'any' },
      },
    },
    Procedure: {
      establish: {
        module: '@ctx-fix/runtime/trpc',
        name: 'ctxSignal',
        method: 'use',
        called: true,
        chained: true,
      },
      members: {
        input: { returns: 'self' },
        output: { returns: 'self' },
        meta: { returns: 'self' },
        concat: { returns: 'self' },
        unstable_concat: { returns: 'self' },
        use: { entry: resolver(), returns: 'self' },
        query: { entry: resolver('GET'), returns: 'any' },
        mutation: { entry: resolver('POST'), returns: 'any' },
        subscription: {
          entry: { from: 0, request: 0, params: ['SubscriptionOptions<T0>'] },
          returns: 'any',
        },
      },
    },
    Options: {
      request: { module: '@ctx-fix/runtime/trpc', named: 'opts', part: 'signal' },
      members: { ctx: { type: 'T0' }, signal: { type: 'web#AbortSignal' } },
    },
    /** A subscription lasts as long as its client: a deadline would end it. */
    SubscriptionOptions: {
      extends: 'Options',
      request: {
        module: '@ctx-fix/runtime/trpc',
        named: 'opts',
        native: 'signal',
        part: 'signal',
      },
    },
  },
} as const satisfies Library

/** What makes the context of each request: it runs before the procedures, outside of their middleware. */
export const trpcContext = {
  name: 'trpc-context',
  kind: 'framework',
  modules: Object.keys(mounts),
  surround: { module: '@ctx-fix/runtime/trpc', name: 'withRequestSignal', as: 'wrapper' },
  evidence: [
    {
      what: 'createContext of an adapter is called with { req, res, info } for each request, before the procedures and their middleware',
      where: 'https://trpc.io/docs/server/context',
      since: '11.0.0',
    },
  ],
  exports: {},
  exportsOf: Object.fromEntries(
    Object.entries(adapters).map(([name, [, type, factory]]) => [
      adapterModule(name),
      { [type]: 'class ContextOptions', [factory]: 'Adapter' },
    ]),
  ),
  mounts,
  entities: {
    ContextOptions: {
      handedWith: 0,
      request: { module: '@ctx-fix/runtime/trpc', named: 'opts', part: 'req' },
    },
    Adapter: { call: { entry: createContext, returns: 'any' } },
  },
} as const satisfies Library
