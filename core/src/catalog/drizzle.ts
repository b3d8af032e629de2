import { overPostgresJs } from './postgres-js.js'
import type { Carrier, Entity, Library, Member, Sink } from './types.js'

/** Over `pg` the runtime cancels; other drivers have to be asked themselves, and Drizzle does not hand them a signal. */
const overPg: Sink = { carriers: [{ kind: 'wrap' }], effect: 'cancels' }

const outOfReach: Carrier = {
  kind: 'none',
  why: 'Drizzle hands its driver no signal, and the driver is not one that the runtime cancels',
}
const overOther: Sink = { carriers: [outOfReach], effect: 'runs-on' }

/** A database over a driver, its transaction and its builders: the same shape, another effect. */
function database(prefix: string, query: Sink): Record<string, Entity> {
  const run: Member = { sink: query, returns: 'Promise<any>' }
  const builder: Member = { returns: `${prefix}Builder` }
  const lazy: Member = { returns: `${prefix}Query` }
  const finished = { toSQL: {}, getSQL: {}, as: {}, $dynamic: { returns: 'self' } }
  // `all`, `get`, `run` and `values` are SQLite's words for execute.
  const terminals = { execute: run, all: run, get: run, run, values: run, iterator: run }
  return {
    [prefix]: {
      members: {
        select: builder,
        selectDistinct: builder,
        selectDistinctOn: builder,
        insert: builder,
        update: builder,
        delete: builder,
        with: { returns: 'self' },
        $with: {},
        execute: lazy,
        refreshMaterializedView: { returns: `${prefix}Builder` },
        $count: lazy,
        all: run,
        get: run,
        run,
        values: run,
        batch: { sink: { ...query, batch: 0 }, returns: 'Promise<any>' },
        query: { type: `${prefix}Relations` },
        _query: { type: `${prefix}Relations` },
        $client: {},
        transaction: {
          transaction: true,
          callbacks: [{ arg: 0, params: [`${prefix}Transaction`] }],
          returns: 'Promise<any>',
        },
      },
    },
    [`${prefix}Transaction`]: { extends: prefix, members: { rollback: {} } },
    [`${prefix}Relations`]: { properties: `${prefix}Table` },
    [`${prefix}Table`]: { members: { findMany: lazy, findFirst: lazy } },
    [`${prefix}Builder`]: {
      members: {
        ...terminals,
        ...finished,
        values: { returns: 'self' },
        prepare: { returns: `${prefix}Prepared` },
      },
      others: 'self',
      awaited: query,
    },
    [`${prefix}Query`]: {
      members: { ...terminals, ...finished, prepare: { returns: `${prefix}Prepared` } },
      awaited: query,
    },
    [`${prefix}Prepared`]: { members: terminals },
    [`${prefix}Factory`]: { call: { returns: prefix }, members: { mock: { returns: prefix } } },
  }
}

/** `union(a, b)`: the query goes where its first part would. */
const setOperators = Object.fromEntries(
  ['union', 'unionAll', 'intersect', 'intersectAll', 'except', 'exceptAll'].map((name) => [
    name,
    'SetOperator',
  ]),
)

const pgExports = {
  ...setOperators,
  drizzle: 'DatabaseFactory',
  NodePgDatabase: 'class Database',
  NodePgClient: 'class Other',
  NodePgTransaction: 'class DatabaseTransaction',
  PgDatabase: 'class Database',
  PgAsyncDatabase: 'class Database',
  PgTransaction: 'class DatabaseTransaction',
  PgAsyncTransaction: 'class DatabaseTransaction',
  PgSelect: 'class DatabaseBuilder',
} as const

const otherExports = {
  ...setOperators,
  drizzle: 'ForeignFactory',
  withReplicas: 'DatabaseFactory',
  LibSQLDatabase: 'class Foreign',
  LibSQLTransaction: 'class ForeignTransaction',
  BetterSQLite3Database: 'class Foreign',
  BunSQLiteDatabase: 'class Foreign',
  BaseSQLiteDatabase: 'class Foreign',
  SQLiteTransaction: 'class ForeignTransaction',
  DrizzleD1Database: 'class Foreign',
  MySql2Database: 'class Foreign',
  MySqlDatabase: 'class Foreign',
  MySqlTransaction: 'class ForeignTransaction',
  NeonHttpDatabase: 'class Foreign',
  NeonDatabase: 'class Foreign',
  PgliteDatabase: 'class Foreign',
  VercelPgDatabase: 'class Foreign',
  PlanetScaleDatabase: 'class Foreign',
} as const

const otherDrivers = [
  'libsql',
  'libsql/node',
  'libsql/web',
  'better-sqlite3',
  'bun-sqlite',
  'sqlite-core',
  'sqlite-proxy',
  'd1',
  'mysql2',
  'mysql-core',
  'mysql-proxy',
  'planetscale-serverless',
  'tidb-serverless',
  'neon-http',
  'neon-serverless',
  'pglite',
  'vercel-postgres',
  'xata-http',
  'aws-data-api/pg',
  'pg-proxy',
  'bun-sql',
].map((name) => `drizzle-orm/${name}`)

/** Another library only in what makes its signals reach the server. */
export const drizzlePostgresJs = {
  name: 'drizzle-orm/postgres-js',
  kind: 'database',
  clients: ['Database'],
  setup: overPostgresJs,
  modules: ['drizzle-orm/postgres-js'],
  evidence: [
    {
      what: 'Runs everything by `unsafe` and `begin` of the client that it is given, or of one that it makes (`$client`)',
      where: 'https://orm.drizzle.team/docs/get-started-postgresql',
      since: '0.30.0',
    },
  ],
  exports: {
    drizzle: 'DatabaseFactory',
    PostgresJsDatabase: 'class Database',
    PostgresJsTransaction: 'class DatabaseTransaction',
  },
  entities: database('Database', { carriers: [{ kind: 'wrap' }], effect: 'cancels' }),
} as const satisfies Library

export const drizzle = {
  name: 'drizzle-orm',
  kind: 'database',
  clients: ['Database'],
  modules: ['drizzle-orm', 'drizzle-orm/node-postgres', 'drizzle-orm/pg-core', ...otherDrivers],
  evidence: [
    {
      what: 'Builders, relational queries, execute and $count are thenables; a select inside a select is a value',
      where: 'https://orm.drizzle.team/docs/select',
      since: '0.30.0',
    },
    {
      what: 'No signal for node-postgres and postgres-js',
      where: 'https://github.com/drizzle-team/drizzle-orm/issues/1602',
      since: '0.30.0',
    },
  ],
  exports: { ...pgExports },
  exportsOf: Object.fromEntries(otherDrivers.map((module) => [module, otherExports])),
  entities: {
    ...database('Database', overPg),
    ...database('Foreign', overOther),
    SetOperator: { call: { returns: 'arg0' } },
    Other: {},
  },
} as const satisfies Library
