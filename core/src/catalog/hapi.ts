import type { Entry, Library } from './types.js'

const module = '@ctx-fix/runtime/hapi'

/** `(request, h)`, under `handler` and in the list `pre` of a route, whose options may be inside of it. */
const route: Entry = {
  from: 0,
  request: 0,
  params: ['Request', 'Reply'],
  handlerKeys: ['handler', 'options', 'config', 'pre', 'method'],
  onlyKeys: true,
  methodKey: 'method',
  pathKey: 'path',
}

const method: Entry = { from: 0, request: 0, params: ['Request', 'Reply'] }

/** Extension points that are given a request. Those of the server's start and stop are given the server. */
const extensionPoints = [
  'onRequest',
  'onPreAuth',
  'onCredentials',
  'onPostAuth',
  'onPreHandler',
  'onPostHandler',
  'onPreResponse',
  'onPostResponse',
] as const

const plugin = { params: ['App', 'any'] } as const

export const hapi = {
  name: 'hapi',
  kind: 'framework',
  modules: ['@hapi/hapi', 'hapi', '@hapi/glue', 'glue'],
  surround: { module, name: 'withRequestSignal', as: 'wrapper' },
  evidence: [
    {
      what: 'server.route takes one route or a list of them; handler, also inside of options, and pre are called with (request, h)',
      where: 'https://hapi.dev/api/?v=21.4.0#-serverrouteroute',
      since: '17.0.0',
    },
    {
      what: 'server.ext calls a function of the request cycle with (request, h)',
      where: 'https://hapi.dev/api/?v=21.4.0#-serverextevent-method-options',
      since: '17.0.0',
    },
    {
      what: 'request.raw holds the request and the response of node:http; there is no signal',
      where: 'https://hapi.dev/api/?v=21.4.0#-requestraw',
      since: '17.0.0',
    },
    {
      what: 'A plugin is an object whose register is called with the server and its options',
      where: 'https://hapi.dev/api/?v=21.4.0#plugins',
      since: '17.0.0',
    },
    {
      what: 'Glue makes the server: compose(manifest, options) gives a promise of it',
      where: 'https://hapi.dev/module/glue/api/?v=9.0.0',
      since: '5.0.0',
    },
  ],
  exports: {
    default: 'module',
    'export=': 'module',
    server: 'CreateServer',
    compose: 'Compose',
    Server: 'class App',
    Request: 'class Request',
    ResponseToolkit: 'class Reply',
    ServerRoute: 'class Route',
    RouteOptions: 'class Options',
    Plugin: 'class Plugin',
    NamedPlugin: 'class Plugin',
    PluginBase: 'class Plugin',
    Lifecycle: 'Lifecycle',
  },
  calls: [
    // A plugin is mostly a module of its own, which nothing but its name ties to the server.
    { files: '(?:plugins?|routes?|index)[./]', names: ['register'], params: plugin.params },
  ],
  entities: {
    CreateServer: { call: { returns: 'App' } },
    Compose: {
      call: { callbacks: [{ arg: 'last', params: ['any', 'App'] }], returns: 'Promise<App>' },
    },
    App: {
      members: {
        route: { entry: route, returns: 'any' },
        ext: { entry: { ...method, from: 1, events: extensionPoints }, returns: 'any' },
        register: {
          callbacks: [{ arg: 0, key: 'register', ...plugin }],
          returns: 'Promise<any>',
        },
        app: { type: 'Shared' },
        listener: { type: 'node:http#Server' },
        inject: { returns: 'Promise<any>' },
        start: { returns: 'Promise<any>' },
        stop: { returns: 'Promise<any>' },
      },
    },
    Request: {
      request: { module, named: 'request' },
      members: {
        raw: { type: 'Raw' },
        server: { type: 'App' },
        app: { type: 'Shared' },
        pre: { type: 'Shared' },
      },
    },
    Raw: {
      members: {
        req: { type: 'node:http#IncomingMessage' },
        res: { type: 'node:http#ServerResponse' },
      },
    },
    Reply: { members: { request: { type: 'Request' } } },
    /** `server.app.db` and `request.app.db` are what the program has put there. */
    Shared: { stored: true },
    Method: { handler: method },
    Route: { members: { handler: { type: 'Method' }, options: { type: 'Options' } } },
    Options: { members: { handler: { type: 'Method' } } },
    Plugin: { members: { register: { type: 'Register' } } },
    Register: plugin,
    Lifecycle: { members: { Method: { type: 'class Method' } } },
  },
} as const satisfies Library
