import type { Entity, Entry, Library } from './types.js'

const runtime = '@ctx-fix/runtime/web'
const surround = { module: runtime, name: 'withRequestSignal', as: 'wrapper' } as const
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

/** One argument, which holds the request of the Fetch API under `request`. */
const handler: Entry = { from: 0, request: 0, params: ['Event'] }

/** The argument, by the member under which the program keeps what is for one request. */
function eventEntity(store: string): Entity {
  return {
    handedWith: 0,
    request: { module: runtime, named: '{ request }: { request: Request }', part: 'request' },
    members: { request: { type: 'web#Request' }, [store]: { type: 'Store' } },
  }
}

const entitiesWith = (store: string) =>
  ({
    Event: eventEntity(store),
    Store: { stored: true },
    Handler: { handler },
  }) as const

export const reactRouter = {
  name: 'react-router',
  kind: 'framework',
  modules: [
    'react-router',
    '@remix-run/node',
    '@remix-run/server-runtime',
    '@remix-run/cloudflare',
    '@remix-run/deno',
  ],
  surround,
  evidence: [
    {
      what: 'loader and action of a route module are called with { request, params, context }; request is of the Fetch API, its signal aborts when the client disconnects',
      where: 'https://reactrouter.com/start/framework/data-loading',
      since: '7.0.0',
    },
    {
      what: 'Remix 2 has the same under @remix-run',
      where: 'https://v2.remix.run/docs/route/loader',
      since: '2.0.0',
    },
  ],
  exports: {
    LoaderFunctionArgs: 'class Event',
    ActionFunctionArgs: 'class Event',
    LoaderArgs: 'class Event',
    ActionArgs: 'class Event',
    DataFunctionArgs: 'class Event',
    LoaderFunction: 'class Handler',
    ActionFunction: 'class Handler',
  },
  conventions: {
    packages: ['react-router', '@remix-run/react', '@remix-run/node'],
    calls: [
      {
        files: '(?:^|/)app/(?:routes/)?(?<route>.*)\\.[jt]sx?$',
        exports: ['loader', 'action'],
        entry: handler,
      },
    ],
  },
  entities: entitiesWith('context'),
} as const satisfies Library

export const sveltekit = {
  name: 'sveltekit',
  kind: 'framework',
  modules: ['@sveltejs/kit'],
  surround,
  evidence: [
    {
      what: '+server.ts exports a function for each method; event.request is of the Fetch API',
      where: 'https://svelte.dev/docs/kit/routing#server',
      since: '1.0.0',
    },
    {
      what: 'load and the functions of actions in +page.server.ts, and load in +layout.server.ts, run on the server with the same event',
      where: 'https://svelte.dev/docs/kit/load',
      since: '1.0.0',
    },
  ],
  exports: {
    RequestEvent: 'class Event',
    ServerLoadEvent: 'class Event',
    RequestHandler: 'class Handler',
    ServerLoad: 'class Handler',
    Action: 'class Handler',
  },
  conventions: {
    packages: ['@sveltejs/kit'],
    calls: [
      {
        files: '(?:^|/)routes/(?:(?<route>.*)/)?\\+server\\.[jt]s$',
        exports: [...methods, 'fallback'],
        entry: handler,
      },
      {
        files: '(?:^|/)routes/(?:(?<route>.*)/)?\\+(?:page|layout)\\.server\\.[jt]s$',
        exports: ['load', 'actions'],
        entry: handler,
      },
    ],
  },
  entities: entitiesWith('locals'),
} as const satisfies Library

export const astro = {
  name: 'astro',
  kind: 'framework',
  modules: ['astro'],
  surround,
  evidence: [
    {
      what: 'Files below src/pages export a function for each method, called with { request, params, locals }',
      where: 'https://docs.astro.build/en/guides/endpoints/',
      since: '4.0.0',
    },
  ],
  exports: { APIRoute: 'class Handler', APIContext: 'class Event' },
  conventions: {
    packages: ['astro'],
    calls: [
      {
        files: '(?:^|/)src/pages/(?<route>.*)\\.[jt]s$',
        exports: [...methods, 'ALL'],
        entry: handler,
      },
    ],
  },
  entities: entitiesWith('locals'),
} as const satisfies Library
