import type { Entry, Library } from './types.js'

const handler: Entry = { from: 0, request: -1, params: ['any'] }

export const nestCqrs = {
  name: 'nestjs-cqrs',
  kind: 'framework',
  modules: ['@nestjs/cqrs'],
  mounts: { '@nestjs/cqrs': 'nestjs' },
  evidence: [
    {
      what: 'commandBus.execute(command) calls execute() of the class that is decorated with @CommandHandler(Command), and the buses of queries and events do alike; a handler is given nothing but the message',
      where: 'https://docs.nestjs.com/recipes/cqrs',
      since: '9.0.0',
    },
  ],
  exports: {
    ICommandHandler: 'class Handler',
    IQueryHandler: 'class Handler',
    IInferredCommandHandler: 'class Handler',
    IInferredQueryHandler: 'class Handler',
    IEventHandler: 'class EventHandler',
    CommandHandler: 'HandlerDecorator',
    QueryHandler: 'HandlerDecorator',
    EventsHandler: 'EventDecorator',
  },
  entities: {
    Handler: { overrides: { execute: handler } },
    EventHandler: { overrides: { handle: handler } },
    /** Of a class: its methods of these names are called. */
    HandlerDecorator: { overrides: { execute: handler } },
    EventDecorator: { overrides: { handle: handler } },
  },
} as const satisfies Library
