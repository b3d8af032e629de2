import type { Library, Member, Sink } from './types.js'

/** Slonik runs over `pg`, with a pool of its own. */
const query: Sink = { carriers: [{ kind: 'wrap' }], effect: 'cancels', sql: 0 }
const run: Member = { sink: query, returns: 'Promise<any>' }
const opens = (isTransaction: boolean): Member => ({
  transaction: isTransaction,
  callbacks: [{ arg: 0, params: ['Connection'] }],
  returns: 'Promise<any>',
})

const methods = [
  'query',
  'any',
  'anyFirst',
  'exists',
  'many',
  'manyFirst',
  'maybeOne',
  'maybeOneFirst',
  'one',
  'oneFirst',
] as const

export const slonik = {
  name: 'slonik',
  kind: 'database',
  modules: ['slonik'],
  evidence: [
    {
      what: 'pool.any, one, many, maybeOne and their First forms, query, stream; connect and transaction give a connection',
      where: 'https://github.com/gajus/slonik#query-methods',
      since: '30.0.0',
    },
  ],
  exports: {
    createPool: 'CreatePool',
    DatabasePool: 'class Connection',
    DatabaseConnection: 'class Connection',
    DatabasePoolConnection: 'class Connection',
    DatabaseTransactionConnection: 'class Connection',
    CommonQueryMethods: 'class Connection',
    sql: 'SqlTag',
  },
  entities: {
    CreatePool: { call: { returns: 'Promise<Connection>' } },
    Connection: {
      members: {
        ...Object.fromEntries(methods.map((name) => [name, run])),
        stream: { sink: { ...query, streams: true }, returns: 'Promise<any>' },
        connect: opens(false),
        transaction: opens(true),
        end: { returns: 'Promise<any>' },
      },
    },
    SqlTag: {},
  },
} as const satisfies Library
