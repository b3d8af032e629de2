import type { Carrier, Library, Member, Sink } from './types.js'

const none: Carrier = {
  kind: 'none',
  why: 'mysql2 has no cancellation: its `timeout` only rejects, and the statement runs on',
}
const query: Sink = { carriers: [none], effect: 'runs-on', sql: 0 }
const run: Member = {
  sink: query,
  returns: 'Promise<any>',
  callbacks: [{ arg: 'last', params: ['any'] }],
}

export const mysql2 = {
  name: 'mysql2',
  kind: 'database',
  modules: ['mysql2', 'mysql2/promise', 'mysql'],
  evidence: [
    {
      what: 'query and execute of connections and pools, with promises and with callbacks; no signal',
      where: 'https://sidorares.github.io/node-mysql2/docs',
      since: '2.0.0',
    },
  ],
  exports: {
    default: 'module',
    'export=': 'module',
    createPool: 'CreatePool',
    createConnection: 'CreateConnection',
    Pool: 'class Pool',
    Connection: 'class Connection',
    PoolConnection: 'class Connection',
  },
  entities: {
    CreatePool: { call: { returns: 'Pool' } },
    CreateConnection: { call: { returns: 'Promise<Connection> | Connection' } },
    Connection: {
      members: {
        query: run,
        execute: run,
        promise: { returns: 'self' },
        release: {},
        end: { returns: 'Promise<any>' },
        beginTransaction: { returns: 'Promise<any>' },
        commit: { returns: 'Promise<any>' },
        rollback: { returns: 'Promise<any>' },
      },
    },
    Pool: {
      extends: 'Connection',
      members: {
        getConnection: {
          returns: 'Promise<Connection>',
          callbacks: [{ arg: 'last', params: ['any', 'Connection'] }],
        },
      },
    },
  },
} as const satisfies Library
