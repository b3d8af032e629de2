import type { Entity, Library, Member, Sink } from './types.js'

const queryText: Sink = {
  carriers: [{ kind: 'option', arg: 0, key: 'signal', lift: ['text', 'values'] }, { kind: 'wrap' }],
  effect: 'cancels',
  sql: 0,
}

/** Waiting for a free client; a statement of its own it is not. */
const waitForClient: Sink = {
  carriers: [{ kind: 'option', arg: 0, key: 'signal' }, { kind: 'wrap' }],
  effect: 'cancels',
  onlyInScope: true,
}

/** The runtime refuses a query of the native client that has a signal, lest it look like one that can be cancelled. */
const byNative: Sink = {
  carriers: [
    {
      kind: 'none',
      why: 'with `pg-native`, libpq sends the statement, and nothing can cancel it: take the JavaScript client (`Pool` of `pg` itself) and remove `pg-native`',
    },
  ],
  effect: 'runs-on',
  sql: 0,
}

function members(text: Sink, wait: Pick<Member, 'sink'>) {
  const query: Member = {
    sink: text,
    returns: 'Promise<Result>',
    callbacks: [{ arg: 'last', params: ['any', 'Result'] }],
  }
  const ofPool = {
    query,
    connect: {
      ...wait,
      returns: 'Promise<PoolClient>',
      callbacks: [{ arg: 'last', params: ['any', 'PoolClient', 'any'] }],
    },
  } as const satisfies Readonly<Record<string, Member>>
  return {
    ClientBase: {
      members: {
        query,
        connect: { returns: 'Promise<any>' },
        release: {},
        end: { returns: 'Promise<any>' },
        on: { callbacks: [{ arg: 'last', params: ['any'] }] },
      },
    },
    Client: { extends: 'ClientBase' },
    PoolClient: { extends: 'ClientBase' },
    Pool: {
      members: {
        ...ofPool,
        end: { returns: 'Promise<any>' },
        on: { callbacks: [{ arg: 'last', params: ['PoolClient', 'PoolClient'] }] },
      },
    },
    /** `app.pg` of `@fastify/postgres`: methods of a pool that it makes, or more of them by their names. */
    Plugged: {
      members: {
        ...ofPool,
        pool: { type: 'Pool' },
        transact: {
          transaction: true,
          callbacks: [{ arg: 0, params: ['PoolClient', 'any'] }],
          returns: 'Promise<any>',
        },
      },
      properties: 'Plugged',
    },
    Connection: {},
    Query: {},
    QueryConfig: { signalKey: 'signal', members: { signal: { type: 'web#AbortSignal' } } },
    Result: {},
    Types: {},
  } as const satisfies Readonly<Record<string, Entity>>
}

export const pg = {
  name: 'pg',
  kind: 'database',
  clients: ['Pool', 'Client'],
  modules: ['pg', 'pg-pool'],
  typePackages: ['@types/pg', '@types/pg-pool'],
  evidence: [
    {
      what: 'Pool, Client, PoolClient: query by text, by config object, with a callback',
      where: 'https://node-postgres.com/apis/pool',
      since: '8.0.0',
    },
    {
      what: 'No signal of its own: `signal` in the config object is ignored without @ctx-fix/runtime/pg',
      where: 'https://github.com/brianc/node-postgres/pull/3751',
      since: '8.0.0',
    },
    {
      what: 'pg-cursor and pg-query-stream read in their own time after `client.query(new Cursor(...))`',
      where: 'https://node-postgres.com/apis/cursor',
      since: '8.0.0',
    },
  ],
  exports: {
    default: 'module',
    'export=': 'module',
    Pool: 'class Pool',
    Client: 'class Client',
    ClientBase: 'class ClientBase',
    PoolClient: 'class PoolClient',
    Connection: 'class Connection',
    Query: 'class Query',
    native: 'module',
    types: 'Types',
    QueryResult: 'class Result',
    QueryConfig: 'class QueryConfig',
  },
  exportsOf: { 'pg-pool': { default: 'class Pool', 'export=': 'class Pool' } },
  entities: members(queryText, { sink: waitForClient }),
  variants: [
    {
      when: { package: 'pg-native', withOneOf: ['pg-native'] },
      what: 'The native client cannot be cancelled, and the runtime refuses to give it a signal',
      entities: members(byNative, {}),
    },
  ],
} as const satisfies Library

export const pgCursor = {
  name: 'pg-cursor',
  kind: 'database',
  modules: ['pg-cursor'],
  typePackages: ['@types/pg-cursor'],
  evidence: [
    {
      what: 'read(count) fetches rows; close() ends the portal; the signal is bound where the cursor is submitted',
      where: 'https://node-postgres.com/apis/cursor',
      since: '2.0.0',
    },
  ],
  exports: { default: 'class Cursor', 'export=': 'class Cursor' },
  entities: {
    Cursor: {
      members: {
        read: { returns: 'Promise<any>' },
        close: { returns: 'Promise<any>' },
      },
    },
  },
} as const satisfies Library

export const pgQueryStream = {
  name: 'pg-query-stream',
  kind: 'database',
  modules: ['pg-query-stream'],
  evidence: [
    {
      what: 'A Readable whose rows are fetched by a cursor as they are consumed',
      where: 'https://github.com/brianc/node-postgres/tree/master/packages/pg-query-stream',
      since: '4.0.0',
    },
  ],
  exports: { default: 'class QueryStream', 'export=': 'class QueryStream' },
  entities: { QueryStream: {} },
} as const satisfies Library
