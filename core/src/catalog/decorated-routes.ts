import type { Descriptor, Entity, Library } from './types.js'

const verbs = ['Get', 'Post', 'Put', 'Patch', 'Delete', 'Head', 'Options'] as const

const routes = Object.fromEntries(
  verbs.map((verb): [string, Descriptor] => [verb, `Decorator${verb}`]),
)

const routeEntities = Object.fromEntries(
  verbs.map((verb): [string, Entity] => [
    `Decorator${verb}`,
    { decorator: { method: verb.toUpperCase() } },
  ]),
)

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
  ],
  exports: { ...routes, Request: 'RequestParameter' },
  entities: { ...routeEntities, RequestParameter: { marksRequest: true, request } },
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
    ...routeEntities,
    DecoratorAll: { decorator: {} },
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
} as const satisfies Library
