import type { Descriptor, Entity, Entry, Library, Member } from './types.js'

const handler = (from: number, method?: string): Entry => ({
  from,
  request: 0,
  params: ['Request', 'Reply'],
  receiver: 'App',
  handlerKeys: [
    'handler',
    'preHandler',
    'preValidation',
    'onRequest',
    'preParsing',
    'preSerialization',
  ],
  ...(method === undefined ? {} : { method }),
})

const verbs = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'all'] as const

const routes = Object.fromEntries(
  verbs.map((verb): [string, Member] => [
    verb,
    { entry: handler(1, verb.toUpperCase()), returns: 'self' },
  ]),
)

/** Hooks that run for a request. All others have none. */
const requestHooks = [
  'onRequest',
  'preParsing',
  'preValidation',
  'preHandler',
  'preSerialization',
  'onSend',
  'onResponse',
  'onError',
  'onTimeout',
]

export const fastifyRequestHooks: ReadonlySet<string> = new Set(requestHooks)

/** Packages whose default export `register()` takes. */
const pluginPackages = [
  '@fastify/autoload',
  'fastify-autoload',
  '@fastify/cookie',
  'fastify-cookie',
  '@fastify/cors',
  'fastify-cors',
  '@fastify/env',
  'fastify-env',
  '@fastify/formbody',
  'fastify-formbody',
  '@fastify/helmet',
  'fastify-helmet',
  '@fastify/jwt',
  'fastify-jwt',
  '@fastify/multipart',
  'fastify-multipart',
  '@fastify/postgres',
  'fastify-postgres',
  '@fastify/rate-limit',
  'fastify-rate-limit',
  '@fastify/redis',
  'fastify-redis',
  '@fastify/sensible',
  'fastify-sensible',
  '@fastify/session',
  'fastify-session',
  '@fastify/static',
  'fastify-static',
  '@fastify/swagger',
  'fastify-swagger',
  '@fastify/swagger-ui',
]

const pluginExports = Object.fromEntries(
  pluginPackages.map((each): [string, Readonly<Record<string, Descriptor>>] => {
    const plugin = each.endsWith('autoload') ? 'Autoload' : 'Registered'
    return [each, { default: plugin, 'export=': plugin }]
  }),
)

const source = { module: '@ctx-fix/runtime/fastify' } as const

const requestMembers = {
  server: { type: 'App' },
  diScope: { type: 'awilix#Container' },
  signal: { type: 'web#AbortSignal' },
  raw: { type: 'node:http#IncomingMessage' },
} as const satisfies Readonly<Record<string, Member>>

const app = {
  stored: true,
  establish: {
    module: '@ctx-fix/runtime/fastify',
    name: 'ctxSignal',
    method: 'register',
    called: false,
  },
  members: {
    ...routes,
    route: { entry: { ...handler(0), methodKey: 'method', pathKey: 'url' }, returns: 'self' },
    register: { callbacks: [{ arg: 0, params: ['App', 'any', 'any'] }], returns: 'self' },
    after: { callbacks: [{ arg: 0, params: ['any'] }], returns: 'self' },
    addHook: {
      callbacks: [
        {
          arg: 1,
          params: ['Request', 'Reply', 'any'],
          when: { arg: 0, is: requestHooks },
        },
      ],
      returns: 'self',
    },
    decorate: { store: 'put', returns: 'self' },
    decorateRequest: { returns: 'self' },
    withTypeProvider: { returns: 'self' },
    setErrorHandler: {
      entry: { from: 0, request: 1, params: ['any', 'Request', 'Reply'] },
      returns: 'self',
    },
    setNotFoundHandler: { entry: handler(0), returns: 'self' },
    diContainer: { type: 'awilix#Container' },
    log: {},
    server: {},
    listen: { returns: 'Promise<any>' },
    inject: { returns: 'Promise<any>' },
    close: { returns: 'Promise<any>' },
  },
} as const satisfies Entity

export const fastify = {
  name: 'fastify',
  kind: 'framework',
  modules: [
    'fastify',
    'fastify-plugin',
    '@fastify/type-provider-typebox',
    '@fastify/type-provider-json-schema-to-ts',
    'fastify-type-provider-zod',
    ...pluginPackages,
  ],
  evidence: [
    {
      what: 'Routes by shorthand and by route(), plugins by register(), hooks',
      where: 'https://fastify.dev/docs/latest/Reference/Routes/',
      since: '4.0.0',
    },
    {
      what: 'fastify-plugin gives back the plugin that it is given',
      where: 'https://github.com/fastify/fastify-plugin',
      since: '1.0.0',
    },
    {
      what: 'The plugin that loads a folder: the index file, or all files of each folder in it',
      where: 'https://github.com/fastify/fastify-autoload#readme',
      since: '3.0.0',
    },
    {
      what: 'app.pg of the plugin: query, connect and pool, transact with a client of its own',
      where: 'https://github.com/fastify/fastify-postgres#readme',
      since: '3.0.0',
    },
    {
      what: 'request.signal aborts as soon as a body is consumed, and never at the disconnect then',
      where: 'https://github.com/fastify/fastify/pull/7033',
      since: '5.8.0',
    },
  ],
  exports: {
    default: 'Factory',
    'export=': 'Factory',
    fastify: 'Factory',
    FastifyInstance: 'class App',
    FastifyRequest: 'class Request',
    FastifyReply: 'class Reply',
    RouteHandlerMethod: 'class Handler',
    RouteHandler: 'class Handler',
    RouteOptions: 'class RouteOptions',
    FastifyPluginAsync: 'class Plugin',
    FastifyPluginCallback: 'class Plugin',
    FastifyPlugin: 'class Plugin',
  },
  exportsOf: {
    ...pluginExports,
    '@fastify/type-provider-typebox': {
      FastifyPluginAsyncTypebox: 'class Plugin',
      FastifyPluginCallbackTypebox: 'class Plugin',
    },
    '@fastify/type-provider-json-schema-to-ts': {
      FastifyPluginAsyncJsonSchemaToTs: 'class Plugin',
      FastifyPluginCallbackJsonSchemaToTs: 'class Plugin',
    },
    'fastify-type-provider-zod': {
      FastifyPluginAsyncZod: 'class Plugin',
      FastifyPluginAsyncZodOpenApi: 'class Plugin',
      FastifyPluginCallbackZod: 'class Plugin',
    },
    'fastify-plugin': {
      default: 'PluginWrapper',
      'export=': 'PluginWrapper',
      fastifyPlugin: 'PluginWrapper',
    },
  },
  entities: {
    Factory: { call: { returns: 'App' }, members: { fastify: { type: 'Factory' } } },
    App: app,
    Request: {
      request: {
        ...source,
        broken: {
          path: 'signal',
          methods: ['POST', 'PUT', 'PATCH', 'DELETE', 'ALL'],
          why: 'aborts as soon as the body is consumed and not when the client goes away',
        },
      },
      members: requestMembers,
    },
    Reply: { members: { request: { type: 'Request' }, raw: { type: 'node:http#ServerResponse' } } },
    Handler: { handler: handler(0) },
    RouteOptions: {},
    Autoload: { call: {}, plugin: { of: 'App', folder: 'dir' } },
    Registered: { call: {}, plugin: { of: 'App' } },
    Plugin: { call: {}, params: ['App', 'any', 'any'] },
    PluginWrapper: {
      call: { callbacks: [{ arg: 0, params: ['App', 'any', 'any'] }], returns: 'arg0' },
    },
  },
  variants: [
    {
      when: { withOneOf: ['@fastify/postgres', 'fastify-postgres'] },
      what: '`app.pg` is a pool, or holds pools under the names of their options',
      entities: { App: { ...app, members: { ...app.members, pg: { type: 'pg#Plugged' } } } },
    },
    {
      when: { package: 'fastify', before: '5.8.0' },
      what: 'A request has no `signal`',
      entities: {
        Request: {
          request: {
            ...source,
            broken: {
              path: 'signal',
              methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'ALL', 'ANY'],
              why: 'is not there before fastify 5.8',
            },
          },
          members: requestMembers,
        },
      },
    },
  ],
} as const satisfies Library
