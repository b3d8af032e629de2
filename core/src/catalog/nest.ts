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

/** Decorators of methods that something other than an HTTP route calls, by the package that has them. */
const callers = {
  '@nestjs/graphql': ['Query', 'Mutation', 'Subscription', 'ResolveField', 'ResolveReference'],
  '@nestjs/microservices': ['MessagePattern', 'EventPattern', 'GrpcMethod', 'GrpcStreamMethod'],
  '@nestjs/websockets': ['SubscribeMessage'],
  '@nestjs/schedule': ['Cron', 'Interval', 'Timeout'],
  '@nestjs/bull': ['Process'],
  '@nestjs/bullmq': ['Process'],
  '@nestjs/event-emitter': ['OnEvent'],
} as const

const decorator = (name: string): Descriptor => `Decorator${name}`

function decorators(names: readonly string[]): Record<string, Descriptor> {
  return Object.fromEntries(names.map((name) => [name, decorator(name)]))
}

const entities: Record<string, Entity> = {}
for (const [name, method] of Object.entries(routes))
  entities[decorator(name)] = { decorator: method === undefined ? {} : { method } }
for (const name of Object.values(callers).flat()) entities[decorator(name)] = { decorator: {} }

export const nest = {
  name: 'nestjs',
  kind: 'framework',
  modules: ['@nestjs/common', ...Object.keys(callers)],
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
  ],
  exports: {
    ...decorators(Object.keys(routes)),
    Req: 'RequestParameter',
    Request: 'RequestParameter',
  },
  exportsOf: Object.fromEntries(
    Object.entries(callers).map(([module, names]) => [module, decorators(names)]),
  ),
  entities: {
    ...entities,
    RequestParameter: {
      marksRequest: true,
      request: { module: '@ctx-fix/runtime/nest' },
    },
  },
} as const satisfies Library
