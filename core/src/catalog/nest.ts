import type { Descriptor, Entity, Library } from './types.js'

const routes = {
  Get: 'GET',
  Post: 'POST',
  Put: 'PUT',
  Patch: 'PATCH',
  Delete: 'DELETE',
  Head: 'HEAD',
  Options: 'OPTIONS',
  All: undefined,
  Search: undefined,
  Sse: 'GET',
} as const

/** Decorators of methods that answer HTTP requests in another way than a route. */
const resolvers = {
  '@nestjs/graphql': ['Query', 'Mutation', 'Subscription', 'ResolveField', 'ResolveReference'],
} as const

/** Decorators of methods that answer messages: no middleware runs around them, interceptors do. */
const messages = {
  '@nestjs/microservices': ['MessagePattern', 'EventPattern', 'GrpcMethod', 'GrpcStreamMethod'],
  '@nestjs/websockets': ['SubscribeMessage'],
} as const

/** Decorators of methods that something calls with no request: nothing of Nest runs around them. */
const jobs = {
  '@nestjs/schedule': ['Cron', 'Interval', 'Timeout'],
  '@nestjs/bull': ['Process'],
  '@nestjs/event-emitter': ['OnEvent'],
} as const

const runtime = '@ctx-fix/runtime/nest'
const parameter = { module: runtime, decorator: 'Signal' } as const

const decorator = (name: string): Descriptor => `Decorator${name}`

function decorators(names: readonly string[]): Record<string, Descriptor> {
  return Object.fromEntries(names.map((name) => [name, decorator(name)]))
}

const exportsBy = (callers: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(Object.entries(callers).map(([module, names]) => [module, decorators(names)]))

function entitiesOf(
  callers: Readonly<Record<string, readonly string[]>>,
  entity: Entity,
): Record<string, Entity> {
  return Object.fromEntries(
    Object.values(callers).flatMap((names) => names.map((name) => [decorator(name), entity])),
  )
}

const routeEntities = Object.fromEntries(
  Object.entries(routes).map(([name, method]): [string, Entity] => [
    decorator(name),
    { decorator: { parameter, ...(method === undefined ? {} : { method }) } },
  ]),
)

export const nest = {
  name: 'nestjs',
  kind: 'framework',
  modules: [
    '@nestjs/common',
    '@nestjs/core',
    '@nestjs/platform-express',
    '@nestjs/platform-fastify',
    ...Object.keys(resolvers),
  ],
  evidence: [
    {
      what: '@Get, @Post and the others make a method of a controller a route; @Req() marks the request of the platform below',
      where: 'https://docs.nestjs.com/controllers',
      since: '9.0.0',
    },
    {
      what: 'No signal of its own but for @SseSignal; that of the Fastify adapter aborts when a body has been read',
      where: 'https://github.com/fastify/fastify/pull/7033',
      since: '11.0.0',
    },
    {
      what: 'Guards and interceptors are given the execution context of the request that they run for',
      where: 'https://docs.nestjs.com/fundamentals/execution-context',
      since: '9.0.0',
    },
    {
      what: 'app.use takes middleware on both adapters, before guards and interceptors',
      where: 'https://docs.nestjs.com/faq/request-lifecycle',
      since: '9.0.0',
    },
    {
      what: '@Inject(token) gives what a provider of that token is: useValue, useClass, useExisting, or the awaited result of useFactory',
      where: 'https://docs.nestjs.com/fundamentals/custom-providers',
      since: '9.0.0',
    },
    {
      what: 'createParamDecorator makes decorators that fill a parameter from the execution context; once one is decorated, others are filled only by a decorator',
      where: 'https://docs.nestjs.com/custom-decorators',
      since: '9.0.0',
    },
  ],
  exports: {
    ...decorators(Object.keys(routes)),
    Inject: 'Inject',
    Req: 'RequestParameter',
    Request: 'RequestParameter',
    ExecutionContext: 'class Context',
    INestApplication: 'class App',
    MiddlewareConsumer: 'class Consumer',
  },
  exportsOf: {
    ...exportsBy(resolvers),
    '@nestjs/core': { NestFactory: 'Factory' },
    '@nestjs/platform-express': { NestExpressApplication: 'class App' },
    '@nestjs/platform-fastify': { NestFastifyApplication: 'class App' },
  },
  entities: {
    ...routeEntities,
    ...entitiesOf(resolvers, { decorator: { parameter } }),
    RequestParameter: { marksRequest: true, request: { module: runtime } },
    Inject: { injects: true },
    /** What guards and interceptors are given of a request, whose handler is yet to run. */
    Context: { handedWith: 0, request: { module: runtime, named: 'context' } },
    Factory: { members: { create: { returns: 'Promise<App>' } } },
    App: {
      establish: {
        module: runtime,
        name: 'ctxSignal',
        method: 'use',
        called: true,
        covers: ['express', 'fastify', 'node:http'],
      },
      members: { use: { returns: 'self' }, useGlobalInterceptors: { returns: 'self' } },
    },
    /** What `configure()` of a module is given. */
    Consumer: { members: { apply: { returns: 'any' } } },
  },
} as const satisfies Library

export const nestJobs = {
  name: 'nestjs-jobs',
  kind: 'framework',
  surround: { module: runtime, name: 'JobSignal', as: 'decorator' },
  modules: [...Object.keys(messages), ...Object.keys(jobs)],
  evidence: [
    {
      what: '@MessagePattern and the others make a method a handler of messages, with parameters by decorators',
      where: 'https://docs.nestjs.com/microservices/basics',
      since: '9.0.0',
    },
    {
      what: '@Cron, @Process and @OnEvent make a method run with no request, outside of middleware and interceptors',
      where: 'https://docs.nestjs.com/techniques/task-scheduling',
      since: '9.0.0',
    },
  ],
  exports: {},
  exportsOf: { ...exportsBy(messages), ...exportsBy(jobs) },
  entities: {
    ...entitiesOf(messages, { decorator: { parameter } }),
    ...entitiesOf(jobs, { decorator: {} }),
  },
} as const satisfies Library
