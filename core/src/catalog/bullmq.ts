import type { Entity, Entry, Library } from './types.js'

const processor = {
  from: 1,
  request: 0,
  params: ['Job', 'any', 'web#AbortSignal'],
} as const satisfies Entry

const jobEntity = {
  request: { module: '@ctx-fix/runtime/bullmq', named: 'job' },
} as const satisfies Entity

export const bullmq = {
  name: 'bullmq',
  kind: 'framework',
  modules: ['bullmq'],
  surround: {
    module: '@ctx-fix/runtime/bullmq',
    name: 'withJobSignal',
    as: 'wrapper',
    always: true,
  },
  evidence: [
    {
      what: 'new Worker(queue, processor) calls the processor with the job, its token, and a signal that worker.cancelJob() aborts',
      where: 'https://docs.bullmq.io/guide/workers/cancelling-jobs',
      since: '5.64.0',
    },
    {
      what: 'The signal is made only for a processor that declares three parameters',
      where: 'bullmq/dist/cjs/classes/worker.js, processorAcceptsSignal',
      since: '5.64.0',
    },
  ],
  exports: {
    Worker: 'class Worker',
    Job: 'class Job',
    Processor: 'class Processor',
    Queue: 'class Queue',
  },
  entities: {
    Worker: { construct: { entry: processor } },
    Processor: { handler: { ...processor, from: 0 } },
    Job: jobEntity,
    Queue: {},
  },
} as const satisfies Library

export const nestBullmq = {
  name: 'nestjs-bullmq',
  kind: 'framework',
  modules: ['@nestjs/bullmq'],
  surround: { module: '@ctx-fix/runtime/nest', name: 'JobSignal', as: 'decorator', always: true },
  evidence: [
    {
      what: 'process(job, token) of a class that extends WorkerHost is the processor of its queue; neither middleware nor interceptors run around it',
      where: 'https://docs.nestjs.com/techniques/queues#consumers',
      since: '10.0.0',
    },
    {
      what: 'process is bound as it is, so that BullMQ makes a signal where it declares three parameters',
      where: '@nestjs/bullmq/dist/bull.explorer.js, handleProcessor',
      since: '10.0.0',
    },
  ],
  exports: { WorkerHost: 'class WorkerHost' },
  entities: {
    WorkerHost: { overrides: { process: { ...processor, from: 0 } } },
    Job: jobEntity,
  },
} as const satisfies Library
