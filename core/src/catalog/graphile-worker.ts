import type { Entry, Library, Sink } from './types.js'

const task = { from: 0, request: 1, params: ['any', 'Helpers'] } as const satisfies Entry

/** Runs on a client of the worker's own pool, which is pg's. */
const query: Sink = { carriers: [{ kind: 'wrap' }], effect: 'cancels', sql: 0 }

const taskLists = { ...task, mapKeys: ['taskList'], mapDepth: 1 } as const satisfies Entry

export const graphileWorker = {
  name: 'graphile-worker',
  kind: 'database',
  modules: ['graphile-worker'],
  surround: { module: '@ctx-fix/runtime/graphile-worker', name: 'withJobSignal', as: 'wrapper' },
  evidence: [
    {
      what: 'A task is called with the payload and its helpers; run({ taskList }) takes tasks by name, and task files export theirs as default',
      where: 'https://worker.graphile.org/docs/tasks',
      since: '0.13.0',
    },
    {
      what: 'helpers.query and helpers.withPgClient take no signal; helpers.abortSignal aborts when the worker shuts down',
      where: 'graphile-worker/dist/interfaces.d.ts, JobHelpers',
      since: '0.17.0',
    },
  ],
  exports: {
    run: 'Run',
    runOnce: 'Run',
    runTaskList: 'RunTaskList',
    runTaskListOnce: 'RunTaskList',
    Task: 'class Task',
    TaskList: 'class TaskList',
    JobHelpers: 'class Helpers',
    Helpers: 'class Helpers',
  },
  entities: {
    Run: { call: { entry: taskLists, returns: 'Promise<any>' } },
    RunTaskList: {
      call: {
        entry: { ...task, from: 1, mapArgument: true, mapDepth: 1 },
        returns: 'Promise<any>',
      },
    },
    Task: { handler: task },
    TaskList: { properties: 'Task' },
    Helpers: {
      request: { module: '@ctx-fix/runtime/graphile-worker', named: 'helpers' },
      members: {
        query: { sink: query, returns: 'Promise<any>' },
        withPgClient: {
          callbacks: [{ arg: 0, params: ['pg#PoolClient'] }],
          returns: 'Promise<arg0()>',
        },
        abortSignal: { type: 'web#AbortSignal' },
        addJob: {},
        logger: {},
      },
    },
  },
} as const satisfies Library
