import type { Entry, Library } from './types.js'

const worker = { from: 1, request: 0, params: ['Array<Job>'] } as const satisfies Entry

export const pgBoss = {
  name: 'pg-boss',
  kind: 'framework',
  modules: ['pg-boss'],
  surround: { module: '@ctx-fix/runtime/pg-boss', name: 'withJobSignal', as: 'wrapper' },
  evidence: [
    {
      what: 'boss.work(queue, options?, handler) calls the handler with an array of jobs',
      where: 'https://timgit.github.io/pg-boss/#/./api/workers',
      since: '10.0.0',
    },
    {
      what: 'job.signal aborts when the job expires or pg-boss stops; without it a job expires all the same, and its handler goes on',
      where: 'pg-boss/dist/types.d.ts, Job',
      since: '12.5.0',
    },
  ],
  exports: {
    default: 'class Boss',
    'export=': 'class Boss',
    PgBoss: 'class Boss',
    Job: 'class Job',
    JobWithMetadata: 'class Job',
    WorkHandler: 'class Handler',
    WorkWithMetadataHandler: 'class Handler',
  },
  entities: {
    Boss: {
      members: {
        work: { entry: worker },
        Job: { type: 'class Job' },
        JobWithMetadata: { type: 'class Job' },
        WorkHandler: { type: 'class Handler' },
      },
    },
    Handler: { handler: { ...worker, from: 0 } },
    Job: {
      request: { module: '@ctx-fix/runtime/pg-boss', named: 'jobs' },
      members: { signal: { type: 'web#AbortSignal' } },
    },
  },
} as const satisfies Library
