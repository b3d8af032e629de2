import { Controller, Get, HttpCode, Post, type DynamicModule } from '@nestjs/common'

/** A module with one controller, whose handlers are given what `parameter` decorates. */
export function moduleWith(
  handle: (argument: unknown) => Promise<unknown>,
  parameter?: ParameterDecorator,
): DynamicModule {
  class Handlers {
    async read(argument: unknown): Promise<unknown> {
      return (await handle(argument)) ?? 'done'
    }
    async write(argument: unknown): Promise<unknown> {
      return (await handle(argument)) ?? 'done'
    }
  }
  // What TypeScript makes of decorators; the test runner knows none on parameters.
  for (const [name, route] of [
    ['read', Get()],
    ['write', Post()],
  ] as const) {
    parameter?.(Handlers.prototype, name, 0)
    const descriptor = Object.getOwnPropertyDescriptor(Handlers.prototype, name)
    if (descriptor === undefined) continue
    route(Handlers.prototype, name, descriptor)
    HttpCode(200)(Handlers.prototype, name, descriptor)
  }
  Controller()(Handlers)
  return { module: Handlers, controllers: [Handlers] }
}
