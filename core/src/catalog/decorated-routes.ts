import type { Descriptor, Entity, Library, SignalParameter } from './types.js'

const common = ['Get', 'Post', 'Put', 'Patch', 'Delete', 'Head'] as const
const verbs = [...common, 'Options'] as const

const routes = Object.fromEntries(
  verbs.map((verb): [string, Descriptor] => [verb, `Decorator${verb}`]),
)

const routeEntities = (parameter: SignalParameter) =>
  Object.fromEntries(
    verbs.map((verb): [string, Entity] => [
      `Decorator${verb}`,
      { decorator: { method: verb.toUpperCase(), parameter } },
    ]),
  )

const ofTsoa = { module: 'tsoa', decorator: 'Request', request: 'req', byName: true } as const
const ofRoutingControllers = {
  module: 'routing-controllers',
  decorator: 'Req',
  request: 'req',
} as const

const request = { module: '@ctx-fix/runtime/express', named: 'req' } as const

export const tsoa = {
  name: 'tsoa',
  kind: 'framework',
  modules: ['tsoa', '@tsoa/runtime'],
  mounts: { tsoa: 'express', '@tsoa/runtime': 'express' },
  evidence: [
    {
      what: '@Get and the others make a method of a controller a route; @Request() marks the request of express, koa or hapi below',
      where: 'https://tsoa-community.github.io/docs/getting-started.html',
      since: '3.0.0',
    },
    {
      what: 'Routes are generated from the source, where the decorators of parameters are known by their names',
      where:
        'https://github.com/lukeautry/tsoa/blob/v6.6.0/packages/cli/src/metadataGeneration/parameterGenerator.ts',
      since: '3.0.0',
    },
  ],
  exports: { ...routes, Request: 'RequestParameter', Controller: 'class Controller' },
  entities: {
    ...routeEntities(ofTsoa),
    RequestParameter: { marksRequest: true, request },
    Controller: {},
  },
} as const satisfies Library

export const routingControllers = {
  name: 'routing-controllers',
  kind: 'framework',
  modules: ['routing-controllers'],
  mounts: { 'routing-controllers': 'express' },
  evidence: [
    {
      what: '@Get and the others make a method of a controller a route; @Req() marks the request of express or koa below',
      where: 'https://github.com/typestack/routing-controllers#inject-request-object',
      since: '0.8.0',
    },
    {
      what: 'use() of a class that implements ExpressMiddlewareInterface is called with the request, the response and next',
      where: 'https://github.com/typestack/routing-controllers#using-middlewares',
      since: '0.8.0',
    },
  ],
  exports: {
    ...routes,
    All: 'DecoratorAll',
    Req: 'RequestParameter',
    ExpressMiddlewareInterface: 'class Middleware',
  },
  entities: {
    ...routeEntities(ofRoutingControllers),
    DecoratorAll: { decorator: { parameter: ofRoutingControllers } },
    RequestParameter: { marksRequest: true, request },
    Middleware: {
      overrides: {
        use: {
          from: 0,
          request: 0,
          params: ['express#Request', 'express#Response', 'express#Next'],
        },
      },
    },
  },
  variants: [
    {
      when: { withOneOf: ['koa'], without: 'express' },
      what: '@Req() marks the request of koa',
      entities: {
        RequestParameter: {
          marksRequest: true,
          request: { module: '@ctx-fix/runtime/koa', named: 'req' },
        },
      },
    },
  ],
} as const satisfies Library

const ofInversify = {
  module: 'inversify-express-utils',
  decorator: 'request',
  request: 'req',
} as const
const given = ['express#Request', 'express#Response', 'express#Next'] as const

const httpVerbs = Object.fromEntries(
  common.map((verb): [string, Descriptor] => [`http${verb}`, `Decorator${verb}`]),
)

const inversifyEntities = Object.fromEntries(
  common.map((verb): [string, Entity] => [
    `Decorator${verb}`,
    { decorator: { method: verb.toUpperCase(), parameter: ofInversify, undecorated: given } },
  ]),
)

export const inversifyExpress = {
  name: 'inversify-express-utils',
  kind: 'framework',
  modules: ['inversify-express-utils'],
  mounts: { 'inversify-express-utils': 'express' },
  evidence: [
    {
      what: '@httpGet and the others make a method of a controller a route; @request() marks the request of express, which comes first where no parameter is decorated',
      where: 'https://github.com/inversify/inversify-express-utils#decorators',
      since: '6.0.0',
    },
    {
      what: 'handler() of a class that extends BaseMiddleware is called with the request, the response and next',
      where: 'https://github.com/inversify/inversify-express-utils#basemiddleware',
      since: '6.0.0',
    },
  ],
  exports: {
    ...httpVerbs,
    all: 'DecoratorAll',
    request: 'RequestParameter',
    BaseHttpController: 'class Controller',
    BaseMiddleware: 'class Middleware',
  },
  entities: {
    ...inversifyEntities,
    DecoratorAll: { decorator: { parameter: ofInversify, undecorated: given } },
    RequestParameter: { marksRequest: true, request },
    Controller: {},
    Middleware: { overrides: { handler: { from: 0, request: 0, params: given } } },
  },
} as const satisfies Library
