import type { Entity, Library, Member, Sink } from './types.js'

/**
 * Over `pg` the runtime cancels. MikroORM's own `signal` (since 7.1) leaves the statement running unless a
 * strategy is given with it: it is recognised, and never what is written.
 */
const query: Sink = {
  carriers: [
    { kind: 'wrap' },
    {
      kind: 'option',
      arg: 'last',
      key: 'signal',
      also: { inflightQueryAbortStrategy: 'cancel query' },
      native: true,
    },
  ],
  effect: 'cancels',
}

const sinks = (names: readonly string[], returns = 'Promise<any>'): Record<string, Member> =>
  Object.fromEntries(names.map((name) => [name, { sink: query, returns }]))

const streamed: Member = { sink: { ...query, streams: true }, returns: 'any' }

const many = ['find', 'findAll', 'findByCursor'] as const
const one = ['findOne', 'findOneOrFail', 'refresh', 'refreshOrFail', 'upsert', 'lock'] as const
const others = [
  'findAndCount',
  'upsertMany',
  'insert',
  'insertMany',
  'nativeInsert',
  'nativeUpdate',
  'nativeDelete',
  'callRoutine',
  'count',
  'countBy',
  'populate',
  'aggregate',
] as const
/** Of MikroORM 5 and before. */
const flushing = ['flush', 'persistAndFlush', 'removeAndFlush', 'tryFlush'] as const

/** Flushes at its end, outside of what its callback does. */
const transaction: Member = {
  sink: query,
  transaction: true,
  callbacks: [{ arg: 0, params: ['EntityManager'] }],
  returns: 'Promise<any>',
}

const entityManager: Entity = {
  members: {
    ...sinks(many, 'Promise<Array<new arg0>>'),
    ...sinks(one, 'Promise<new arg0>'),
    ...sinks(others),
    ...sinks(flushing),
    stream: streamed,
    execute: { sink: { ...query, sql: 0 }, returns: 'Promise<any>' },
    raw: {},
    create: { returns: 'new arg0' },
    getReference: { returns: 'new arg0' },
    map: { returns: 'new arg0' },
    persist: { returns: 'self' },
    persistLater: { returns: 'self' },
    remove: { returns: 'self' },
    removeLater: { returns: 'self' },
    fork: { returns: 'self' },
    clear: {},
    getContext: { returns: 'self' },
    getRepository: { returns: 'Repository<new arg0>' },
    repo: { returns: 'Repository<new arg0>' },
    createQueryBuilder: { returns: 'QueryBuilder<new arg0>' },
    qb: { returns: 'QueryBuilder<new arg0>' },
    getKnex: { returns: 'knex#Knex' },
    getKysely: { returns: 'kysely#Kysely' },
    getConnection: { returns: 'Connection' },
    transactional: transaction,
    begin: { returns: 'Promise<any>' },
    commit: { returns: 'Promise<any>' },
    rollback: { returns: 'Promise<any>' },
  },
}

export const mikroOrm = {
  name: 'mikro-orm',
  kind: 'database',
  clients: ['MikroORM'],
  modules: [
    '@mikro-orm/core',
    '@mikro-orm/postgresql',
    '@mikro-orm/mysql',
    '@mikro-orm/mariadb',
    '@mikro-orm/sqlite',
    '@mikro-orm/better-sqlite',
    '@mikro-orm/libsql',
    '@mikro-orm/mssql',
    '@mikro-orm/mongodb',
    '@mikro-orm/knex',
    '@mikro-orm/sql',
    '@mikro-orm/nestjs',
  ],
  evidence: [
    {
      what: 'EntityManager and EntityRepository methods, query builders, collections; persist and remove wait for flush',
      where: 'https://mikro-orm.io/api/core/class/EntityManager',
      since: '6.0.0',
    },
    {
      what: "`signal` with `inflightQueryAbortStrategy`; the default 'ignore query' leaves the statement running",
      where: 'https://github.com/mikro-orm/mikro-orm/pull/7629',
      since: '7.1.0',
    },
  ],
  exports: {
    MikroORM: 'class MikroORM',
    EntityManager: 'class EntityManager',
    SqlEntityManager: 'class EntityManager',
    EntityRepository: 'class Repository',
    SqlEntityRepository: 'class Repository',
    QueryBuilder: 'class QueryBuilder',
    Collection: 'class Collection',
    Reference: 'class Reference',
    Ref: 'class Reference',
    Loaded: 'class Loaded',
    wrap: 'Wrap',
  },
  entities: {
    MikroORM: {
      members: {
        init: { returns: 'Promise<MikroORM>' },
        em: { type: 'EntityManager' },
        close: { returns: 'Promise<any>' },
        migrator: {},
        schema: {},
        seeder: {},
      },
    },
    EntityManager: entityManager,
    Connection: {
      members: { execute: { sink: { ...query, sql: 0 }, returns: 'Promise<any>' } },
    },
    Repository: {
      members: {
        ...sinks(many, 'Promise<Array<T0>>'),
        ...sinks(one, 'Promise<T0>'),
        ...sinks(others),
        ...sinks(flushing),
        stream: streamed,
        create: { returns: 'T0' },
        getReference: { returns: 'T0' },
        assign: {},
        getEntityManager: { returns: 'EntityManager' },
        em: { type: 'EntityManager' },
        createQueryBuilder: { returns: 'QueryBuilder<T0>' },
        qb: { returns: 'QueryBuilder<T0>' },
        getKnex: { returns: 'knex#Knex' },
        getKysely: { returns: 'kysely#Kysely' },
      },
    },
    QueryBuilder: {
      members: {
        ...sinks(['execute', 'getCount', 'getResultAndCount']),
        ...sinks(['getResult', 'getResultList'], 'Promise<Array<T0>>'),
        ...sinks(['getSingleResult'], 'Promise<T0>'),
        stream: streamed,
        getQuery: {},
        getFormattedQuery: {},
        getParams: {},
        getKnexQuery: { returns: 'knex#Builder' },
      },
      others: 'self',
      awaited: query,
    },
    Collection: {
      members: {
        ...sinks(['init', 'load', 'loadCount']),
        ...sinks(['loadItems', 'matching'], 'Promise<Array<T0>>'),
      },
    },
    Reference: { members: sinks(['load', 'loadOrFail', 'loadProperty']) },
    Wrap: { call: { returns: 'Wrapped' } },
    Wrapped: { members: { init: { sink: query, returns: 'Promise<any>' } } },
    Loaded: {},
  },
} as const satisfies Library
