import { nodeSignal } from './platform.js'
import type { Entity, Entry, Library, Member } from './types.js'

const request = 'Request'
const response = 'Response'

/** `(req, res, next)`; a handler of four parameters gets the error first. */
const handlers = (from: number, method?: string): Entry => ({
  from,
  request: 0,
  requestWithArity: { 4: 1 },
  params: [request, response, 'Next'],
  paramsWithArity: { 4: ['any', request, response, 'Next'] },
  ...(method === undefined ? {} : { method }),
})

const verbs = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'all'] as const

const route = (verb: string): Member => ({
  entry: handlers(1, verb.toUpperCase()),
  returns: 'self',
})

const routes = Object.fromEntries(verbs.map((verb): [string, Member] => [verb, route(verb)]))

const chainedRoutes = Object.fromEntries(
  verbs.map((verb): [string, Member] => [
    verb,
    { entry: handlers(0, verb.toUpperCase()), returns: 'self' },
  ]),
)

const source = { module: '@ctx-fix/runtime/express', named: 'req' } as const

const requestEntity = {
  request: source,
  members: { ...nodeSignal.members, app: { type: 'App' }, res: { type: response } },
  stored: true,
} as const satisfies Entity

export const express = {
  name: 'express',
  kind: 'framework',
  modules: ['express'],
  typePackages: ['@types/express', '@types/express-serve-static-core'],
  evidence: [
    {
      what: 'app.METHOD, app.use, app.route, Router; a handler with four parameters handles errors',
      where: 'https://expressjs.com/en/5x/api.html',
      since: '4.0.0',
    },
    {
      what: 'No signal of its own; `req` emits close when the body is consumed, `res` when the client has gone',
      where: 'https://nodejs.org/api/http.html#event-close_1',
      since: '4.0.0',
    },
  ],
  exports: {
    default: 'Express',
    'export=': 'Express',
    Router: 'RouterFactory',
    Request: 'class Request',
    Response: 'class Response',
    NextFunction: 'class Next',
    RequestHandler: 'class RequestHandler',
    ErrorRequestHandler: 'class ErrorRequestHandler',
    Application: 'class App',
    Express: 'class App',
    IRouter: 'class Router',
    IRoute: 'class Route',
  },
  entities: {
    Express: {
      call: { returns: 'App' },
      members: { Router: { type: 'RouterFactory' }, application: { type: 'App' } },
    },
    // `Router` is a function as a value and the router itself as a type.
    RouterFactory: { extends: 'Router', call: { returns: 'Router' } },
    Router: {
      members: {
        ...routes,
        use: { entry: handlers(0), returns: 'self' },
        param: {
          entry: { from: 1, request: 0, params: [request, response, 'Next', 'any', 'any'] },
          returns: 'self',
        },
        route: { returns: 'Route' },
      },
    },
    App: {
      extends: 'Router',
      establish: {
        module: '@ctx-fix/runtime/express',
        name: 'ctxSignal',
        method: 'use',
        called: true,
      },
      members: {
        // With one argument it reads a setting.
        get: { ...route('get'), store: 'take' },
        set: { store: 'put', returns: 'self' },
        listen: { returns: 'node:http#Server' },
        locals: { type: 'Locals' },
      },
    },
    Locals: { stored: true },
    Route: { members: chainedRoutes },
    Request: { ...requestEntity, request: { ...source, broken: nodeSignal.broken } },
    Response: {
      members: { req: { type: request }, app: { type: 'App' }, locals: { type: 'Locals' } },
    },
    Next: {},
    RequestHandler: { handler: handlers(0) },
    ErrorRequestHandler: {
      handler: { from: 0, request: 1, params: ['any', request, response, 'Next'] },
    },
  },
  variants: [
    {
      when: nodeSignal.rightFrom,
      what: "`req.signal`, Node's own, aborts when the client goes away",
      entities: { Request: requestEntity },
    },
  ],
} as const satisfies Library
