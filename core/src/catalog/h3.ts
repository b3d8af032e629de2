import type { Entry, Library, Member } from './types.js'

const handler = (from: number, method?: string): Entry => ({
  from,
  request: 0,
  params: ['Event'],
  handlerKeys: ['handler'],
  ...(method === undefined ? {} : { method }),
})

const routes = Object.fromEntries(
  ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'all'].map(
    (verb): [string, Member] => [verb, { entry: handler(1, verb.toUpperCase()), returns: 'self' }],
  ),
)

export const h3 = {
  name: 'h3',
  kind: 'framework',
  modules: ['h3', 'nitro/h3', 'nitropack/runtime', '#imports'],
  surround: { module: '@ctx-fix/runtime/h3', name: 'withRequestSignal', as: 'wrapper' },
  evidence: [
    {
      what: 'app.METHOD(route, handler) and defineHandler((event) => …); eventHandler and defineEventHandler are its older names',
      where: 'https://h3.dev/guide/basics/handler',
      since: '2.0.0',
    },
    {
      what: 'event.req is a Request of the Fetch API whose signal aborts when the client disconnects; h3 1 has event.node alone',
      where: 'https://h3.dev/guide/api/h3event',
      since: '2.0.0',
    },
    {
      what: 'defineEventHandler is there without an import in the server of nitro 2 and Nuxt',
      where: 'https://nitro.build/guide/auto-imports',
      since: '1.0.0',
    },
    {
      what: 'app.use((event, next) => …) runs around what is registered after it',
      where: 'https://h3.dev/guide/basics/middleware',
      since: '2.0.0',
    },
  ],
  exports: {
    H3: 'class App',
    H3Event: 'class Event',
    EventHandler: 'class Handler',
    defineHandler: 'DefineHandler',
    defineEventHandler: 'DefineHandler',
    eventHandler: 'DefineHandler',
  },
  // Nitro and Nuxt declare them for files of the server.
  globals: { defineEventHandler: 'DefineHandler', eventHandler: 'DefineHandler' },
  entities: {
    App: {
      establish: {
        module: '@ctx-fix/runtime/h3',
        name: 'ctxSignal',
        method: 'use',
        called: true,
      },
      members: {
        ...routes,
        on: { entry: handler(2), returns: 'self' },
        use: { entry: handler(0), returns: 'self' },
      },
    },
    Event: {
      request: { module: '@ctx-fix/runtime/h3', named: 'event' },
      members: {
        req: { type: 'web#Request' },
        context: { type: 'Context' },
        node: { type: 'Node' },
      },
    },
    Node: {
      members: {
        req: { type: 'node:http#IncomingMessage' },
        res: { type: 'node:http#ServerResponse' },
      },
    },
    /** `event.context.db` is what the program has put there. */
    Context: { stored: true },
    Handler: { handler: handler(0) },
    DefineHandler: { call: { entry: handler(0), returns: 'any' } },
  },
} as const satisfies Library
