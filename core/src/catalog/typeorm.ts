import type { Library, Member, Sink } from './types.js'

/** TypeORM takes no signal; its statements go through `pg`, where the runtime cancels them. */
const query: Sink = { carriers: [{ kind: 'wrap' }], effect: 'cancels' }

const sink = (returns = 'Promise<any>'): Member => ({ sink: query, returns })
const sinks = (names: readonly string[], returns?: string): Record<string, Member> =>
  Object.fromEntries(names.map((name) => [name, sink(returns)]))

const raw: Member = { sink: { ...query, sql: 0 }, returns: 'Promise<any>' }

const many = ['find', 'findBy', 'findByIds', 'findTrees', 'findRoots'] as const
const one = [
  'findOne',
  'findOneBy',
  'findOneOrFail',
  'findOneByOrFail',
  'findOneById',
  'preload',
] as const
const written = ['save', 'remove', 'softRemove', 'recover'] as const
const counted = [
  'insert',
  'upsert',
  'update',
  'updateAll',
  'delete',
  'deleteAll',
  'softDelete',
  'restore',
  'exist',
  'exists',
  'existsBy',
  'count',
  'countBy',
  'sum',
  'average',
  'minimum',
  'maximum',
  'clear',
  'increment',
  'decrement',
] as const

const pages = ['findAndCount', 'findAndCountBy'] as const

/** What a repository does for its entity `T0`. */
const repository = {
  ...sinks(many, 'Promise<Array<T0>>'),
  ...sinks(one, 'Promise<T0>'),
  ...sinks(pages, 'Promise<Array<Array<T0>>>'),
  ...sinks(written, 'Promise<T0>'),
  ...sinks(counted),
  query: raw,
  sql: raw,
  create: { returns: 'T0' },
  merge: { returns: 'T0' },
  createQueryBuilder: { returns: 'QueryBuilder<T0>' },
  manager: { type: 'EntityManager' },
  extend: { mixes: true, returns: 'self' },
} as const satisfies Readonly<Record<string, Member>>

const opensTransaction: Member = {
  transaction: true,
  callbacks: [{ arg: 'last', params: ['EntityManager'] }],
  returns: 'Promise<any>',
}

/** What a manager does for the entity class given first. */
const manager = {
  ...sinks(many, 'Promise<Array<new arg0>>'),
  ...sinks(one, 'Promise<new arg0>'),
  ...sinks(pages, 'Promise<Array<Array<new arg0>>>'),
  ...sinks(written),
  ...sinks(counted),
  query: raw,
  sql: raw,
  create: { returns: 'new arg0' },
  merge: { returns: 'arg1' },
  createQueryBuilder: { returns: 'QueryBuilder<new arg0>' },
  getRepository: { returns: 'Repository<new arg0>' },
  getTreeRepository: { returns: 'TreeRepository<new arg0>' },
  getMongoRepository: { returns: 'Repository<new arg0>' },
  getCustomRepository: { returns: 'new arg0' },
  withRepository: { returns: 'arg0' },
  transaction: opensTransaction,
  queryRunner: { type: 'QueryRunner' },
  connection: { type: 'DataSource' },
  dataSource: { type: 'DataSource' },
} as const satisfies Readonly<Record<string, Member>>

const dataSource = {
  query: raw,
  sql: raw,
  manager: { type: 'EntityManager' },
  createEntityManager: { returns: 'EntityManager' },
  getRepository: manager.getRepository,
  getTreeRepository: manager.getTreeRepository,
  getMongoRepository: manager.getMongoRepository,
  getCustomRepository: manager.getCustomRepository,
  createQueryBuilder: manager.createQueryBuilder,
  createQueryRunner: { returns: 'QueryRunner' },
  transaction: opensTransaction,
  initialize: { returns: 'Promise<self>' },
  connect: { returns: 'Promise<self>' },
  destroy: { returns: 'Promise<any>' },
  close: { returns: 'Promise<any>' },
} as const satisfies Readonly<Record<string, Member>>

/** What a query runner does to the schema: of single things, and of several at once. */
const definitions = [
  ...['Table', 'View', 'Schema', 'Database'].flatMap((kind) => [`create${kind}`, `drop${kind}`]),
  ...['Column', 'UniqueConstraint', 'CheckConstraint', 'ExclusionConstraint', 'ForeignKey'].flatMap(
    (kind) => [`create${kind}`, `create${kind}s`, `drop${kind}`, `drop${kind}s`],
  ),
  ...['createIndex', 'createIndices', 'dropIndex', 'dropIndices'],
  ...['addColumn', 'addColumns', 'renameColumn', 'changeColumn', 'changeColumns', 'renameTable'],
  ...['createPrimaryKey', 'updatePrimaryKeys', 'dropPrimaryKey', 'clearTable', 'clearDatabase'],
  ...['hasTable', 'hasColumn', 'hasSchema', 'hasDatabase', 'getTable', 'getTables', 'getView'],
  ...['getViews', 'getSchemas', 'getDatabases'],
]

const terminals = [
  'getRawOne',
  'getRawMany',
  'getRawAndEntities',
  'getCount',
  'getExists',
  'execute',
  'set',
  'loadOne',
  'loadMany',
] as const

export const typeorm = {
  name: 'typeorm',
  kind: 'database',
  clients: ['DataSource'],
  modules: ['typeorm', '@nestjs/typeorm', 'typeorm-transactional'],
  evidence: [
    {
      what: 'Repository, EntityManager and DataSource methods; BaseEntity for active record',
      where: 'https://typeorm.io/docs/working-with-entity-manager/repository-api',
      since: '0.3.0',
    },
    {
      what: 'Query builders run at getMany, getOne, getRaw…, getCount, getExists, stream and execute',
      where: 'https://typeorm.io/docs/query-builder/select-query-builder',
      since: '0.3.0',
    },
    {
      what: 'No method takes a signal; maxExecutionTime does nothing on PostgreSQL',
      where: 'https://github.com/typeorm/typeorm/issues/8552',
      since: '0.3.0',
    },
  ],
  exports: {
    Repository: 'class Repository',
    TreeRepository: 'class TreeRepository',
    MongoRepository: 'class Repository',
    AbstractRepository: 'class AbstractRepository',
    EntityManager: 'class EntityManager',
    MongoEntityManager: 'class EntityManager',
    BaseEntity: 'class BaseEntity',
    DataSource: 'class DataSource',
    Connection: 'class DataSource',
    QueryRunner: 'class QueryRunner',
    SelectQueryBuilder: 'class QueryBuilder',
    QueryBuilder: 'class QueryBuilder',
    WhereExpressionBuilder: 'class Where',
    InsertQueryBuilder: 'class QueryBuilder',
    UpdateQueryBuilder: 'class QueryBuilder',
    DeleteQueryBuilder: 'class QueryBuilder',
    SoftDeleteQueryBuilder: 'class QueryBuilder',
    RelationQueryBuilder: 'class RelationQueryBuilder',
    getRepository: 'GetRepository',
    getTreeRepository: 'GetTreeRepository',
    getCustomRepository: 'GetCustomRepository',
    getManager: 'GetManager',
    getConnection: 'GetConnection',
    createConnection: 'CreateConnection',
    createQueryBuilder: 'CreateQueryBuilder',
  },
  entities: {
    Repository: { members: repository },
    TreeRepository: {
      extends: 'Repository',
      members: {
        ...sinks(['findAncestors', 'findDescendants'], 'Promise<Array<T0>>'),
        ...sinks([
          'findAncestorsTree',
          'findDescendantsTree',
          'countAncestors',
          'countDescendants',
        ]),
        createDescendantsQueryBuilder: { returns: 'QueryBuilder<T0>' },
        createAncestorsQueryBuilder: { returns: 'QueryBuilder<T0>' },
      },
    },
    AbstractRepository: {
      members: {
        repository: { type: 'Repository<T0>' },
        treeRepository: { type: 'TreeRepository<T0>' },
        manager: { type: 'EntityManager' },
        createQueryBuilder: { returns: 'QueryBuilder<T0>' },
        createQueryBuilderFor: { returns: 'QueryBuilder' },
        getRepositoryFor: { returns: 'Repository<new arg0>' },
      },
    },
    EntityManager: { members: manager },
    DataSource: { members: dataSource },
    /** Active record: statics give instances of the class that they are called on. */
    BaseEntity: {
      members: {
        ...sinks(many, 'Promise<Array<new self>>'),
        ...sinks(one, 'Promise<new self>'),
        ...sinks(pages, 'Promise<Array<Array<new self>>>'),
        ...sinks(written, 'Promise<any>'),
        ...sinks(counted),
        reload: sink(),
        query: raw,
        create: { returns: 'new self' },
        merge: { returns: 'new self' },
        createQueryBuilder: { returns: 'QueryBuilder<new self>' },
        getRepository: { returns: 'Repository<new self>' },
      },
    },
    QueryRunner: {
      members: {
        query: raw,
        sql: raw,
        stream: { sink: { ...query, sql: 0, streams: true }, returns: 'Promise<any>' },
        manager: { type: 'EntityManager' },
        connection: { type: 'DataSource' },
        dataSource: { type: 'DataSource' },
        ...sinks(definitions),
      },
    },
    QueryBuilder: {
      members: {
        ...sinks(terminals),
        getManyAndCount: sink('Promise<Array<Array<T0>>>'),
        ...sinks(['getOne', 'getOneOrFail'], 'Promise<T0>'),
        getMany: sink('Promise<Array<T0>>'),
        stream: { sink: { ...query, streams: true }, returns: 'Promise<any>' },
        set: { returns: 'self' },
        relation: { returns: 'RelationQueryBuilder' },
        getQuery: {},
        getSql: {},
        getQueryAndParameters: {},
        getParameters: {},
        expressionMap: {},
        alias: {},
        connection: { type: 'DataSource' },
      },
      others: 'self',
    },
    RelationQueryBuilder: {
      members: {
        ...sinks(['set', 'add', 'remove', 'addAndRemove', 'loadOne', 'loadMany']),
        of: { returns: 'self' },
      },
    },
    Where: { others: 'self' },
    GetRepository: { call: { returns: 'Repository<new arg0>' } },
    GetTreeRepository: { call: { returns: 'TreeRepository<new arg0>' } },
    GetCustomRepository: { call: { returns: 'new arg0' } },
    GetManager: { call: { returns: 'EntityManager' } },
    GetConnection: { call: { returns: 'DataSource' } },
    CreateConnection: { call: { returns: 'Promise<DataSource>' } },
    CreateQueryBuilder: { call: { returns: 'QueryBuilder' } },
  },
} as const satisfies Library
