import type { Library, Member, Sink } from './types.js'

/** Where `cancellable()` of the runtime is put around the client; `query.cancel()` by hand may hit another statement. */
export const overPostgresJs = '@ctx-fix/runtime/postgres#cancellable'

const query: Sink = { carriers: [{ kind: 'wrap' }], effect: 'cancels', sql: 0 }
/** postgres.js cannot take back what it is fetching in batches. */
const streamed: Member = {
  sink: { ...query, effect: 'runs-on', streams: true },
  returns: 'Promise<any>',
}
const pending: Member = { returns: 'Pending' }
const opens = (arg: number | 'last'): Member => ({
  transaction: true,
  callbacks: [{ arg, params: ['Sql'] }],
  returns: 'Promise<any>',
})

export const postgresJs = {
  name: 'postgres',
  kind: 'database',
  clients: ['Sql'],
  setup: overPostgresJs,
  modules: ['postgres'],
  evidence: [
    {
      what: 'sql`…` is a lazy query that runs when it is awaited; query.cancel() sends a CancelRequest',
      where: 'https://github.com/porsager/postgres#canceling-queries-in-progress',
      since: '3.0.0',
    },
    {
      what: 'No signal of its own',
      where: 'https://github.com/porsager/postgres/blob/master/types/index.d.ts',
      since: '3.0.0',
    },
  ],
  exports: {
    default: 'Factory',
    'export=': 'Factory',
    Sql: 'class Sql',
    TransactionSql: 'class Sql',
    ReservedSql: 'class Sql',
    PendingQuery: 'class Pending',
  },
  entities: {
    /** The function, and as a type the namespace: `postgres.Sql`. */
    Factory: {
      call: { returns: 'Sql' },
      members: {
        Sql: { type: 'class Sql' },
        TransactionSql: { type: 'class Sql' },
        ReservedSql: { type: 'class Sql' },
        PendingQuery: { type: 'class Pending' },
      },
    },
    Sql: {
      tag: pending,
      call: { returns: 'Helper' },
      members: {
        unsafe: pending,
        file: pending,
        begin: opens('last'),
        savepoint: opens('last'),
        reserve: { returns: 'Promise<Sql>' },
        listen: { returns: 'Promise<any>' },
        notify: { sink: { ...query }, returns: 'Promise<any>' },
        subscribe: { returns: 'Promise<any>' },
        end: { returns: 'Promise<any>' },
        release: {},
      },
    },
    Pending: {
      members: {
        execute: { returns: 'self' },
        simple: { returns: 'self' },
        raw: { returns: 'self' },
        values: { returns: 'self' },
        describe: { returns: 'self' },
        cursor: streamed,
        forEach: streamed,
        readable: streamed,
        writable: streamed,
        cancel: { cancels: true },
      },
      awaited: query,
    },
    Helper: {},
  },
} as const satisfies Library
