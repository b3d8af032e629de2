import type { Library, Member, Sink } from './types.js'

/** pg-promise carries a `pg` of its own, which the runtime finds as it finds any other. */
const query: Sink = { carriers: [{ kind: 'wrap' }], effect: 'cancels', sql: 0 }
const run: Member = { sink: query, returns: 'Promise<any>' }
const opens: Member = {
  transaction: true,
  callbacks: [{ arg: 'last', params: ['Task'] }],
  returns: 'Promise<any>',
}

const methods = [
  'query',
  'none',
  'one',
  'oneOrNone',
  'many',
  'manyOrNone',
  'any',
  'result',
  'multi',
  'multiResult',
  'func',
  'proc',
  'map',
  'each',
] as const

export const pgPromise = {
  name: 'pg-promise',
  kind: 'database',
  clients: ['Database'],
  modules: ['pg-promise'],
  evidence: [
    {
      what: 'query, none, one, many, any, result, func, proc, map, each; task and tx give their callback a client',
      where: 'https://vitaly-t.github.io/pg-promise/Database.html',
      since: '10.0.0',
    },
  ],
  exports: {
    default: 'Initializer',
    'export=': 'Initializer',
    IDatabase: 'class Database',
    IBaseProtocol: 'class Task',
    ITask: 'class Task',
    IMain: 'class Main',
  },
  entities: {
    Initializer: {
      call: { returns: 'Main' },
      members: {
        IDatabase: { type: 'class Database' },
        ITask: { type: 'class Task' },
        IMain: { type: 'class Main' },
        IBaseProtocol: { type: 'class Task' },
      },
    },
    Main: { call: { returns: 'Database' }, members: { end: {} } },
    Task: {
      members: {
        ...Object.fromEntries(methods.map((name) => [name, run])),
        stream: { sink: { ...query, streams: true }, returns: 'Promise<any>' },
        task: opens,
        taskIf: opens,
        tx: opens,
        txIf: opens,
        batch: { returns: 'Promise<any>' },
      },
    },
    Database: {
      extends: 'Task',
      members: { connect: { returns: 'Promise<Task>' }, $pool: {}, $config: {} },
    },
  },
} as const satisfies Library
