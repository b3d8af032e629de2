import { bluebirdVariant } from './bluebird.js'
import type { Entity, Library, Member, Sink } from './types.js'

/** Sequelize ignores `{ signal }`; its statements go through `pg`, where the runtime cancels them. */
const query: Sink = { carriers: [{ kind: 'wrap' }], effect: 'cancels' }

const sinks = (names: readonly string[], returns = 'Promise<any>'): Record<string, Member> =>
  Object.fromEntries(names.map((name) => [name, { sink: query, returns }]))

const raw: Member = { sink: { ...query, sql: 0 }, returns: 'Promise<any>' }

/** Names of the types that sequelize gives for `getX`, `setX`, `addX` and the others of an association. */
const mixins = [
  'BelongsToGetAssociation',
  'BelongsToSetAssociation',
  'BelongsToCreateAssociation',
  'HasOneGetAssociation',
  'HasOneSetAssociation',
  'HasOneCreateAssociation',
  ...['HasMany', 'BelongsToMany'].flatMap((kind) =>
    [
      'GetAssociations',
      'SetAssociations',
      'AddAssociation',
      'AddAssociations',
      'RemoveAssociation',
      'RemoveAssociations',
      'HasAssociation',
      'HasAssociations',
      'CountAssociations',
      'CreateAssociation',
    ].map((name) => kind + name),
  ),
].map((name) => `${name}Mixin`)

/** Members that an association's names could be taken for. */
const values: Record<string, Member> = Object.fromEntries(
  [
    'getDataValue',
    'setDataValue',
    'setAttributes',
    'getTableName',
    'getAttributes',
    'addHook',
    'addScope',
    'removeHook',
    'removeAttribute',
    'hasHook',
    'hasHooks',
    'hasAlias',
    'hasOne',
    'hasMany',
    'getAssociations',
    'getAssociationForAlias',
  ].map((name) => [name, {}]),
)

const sequelizeEntities = {
  Sequelize: {
    members: {
      query: raw,
      queryRaw: raw,
      ...sinks(['sync', 'authenticate', 'drop', 'truncate', 'destroyAll', 'databaseVersion']),
      define: { returns: 'class Model' },
      // Of version 5 and before: a file that exports `(sequelize, DataTypes) => model`.
      import: { returns: 'class Model' },
      model: { returns: 'class Model' },
      models: { type: 'Models' },
      addModels: {},
      // Of sequelize-typescript: the model, for this connection.
      getRepository: { returns: 'arg0' },
      close: { returns: 'Promise<any>' },
      transaction: {
        transaction: true,
        callbacks: [{ arg: 'last', params: ['Transaction'] }],
        returns: 'Promise<Transaction>',
      },
      getQueryInterface: { returns: 'QueryInterface' },
      startUnmanagedTransaction: { returns: 'Promise<Transaction>' },
      Sequelize: { type: 'class Sequelize' },
      Model: { type: 'class Model' },
      Transaction: { type: 'class Transaction' },
      default: { type: 'class Sequelize' },
      // `db.sequelize`, as the folder of models that its command writes exports it.
      sequelize: { type: 'self' },
    },
  },
  Page: { members: { rows: { type: 'Array<T0>' } } },
  Models: { properties: 'class Model' },
  /** The class as a value: `ModelStatic<User>`. */
  ModelClass: { extends: 'Model' },
  Model: {
    members: {
      ...sinks(['findAll', 'bulkCreate'], 'Promise<Array<new self>>'),
      ...sinks(['findByPk', 'findOne', 'create'], 'Promise<new self>'),
      ...sinks(['findOrCreate', 'findCreateFind', 'findOrBuild'], 'Promise<Array<new self>>'),
      findAndCountAll: { sink: query, returns: 'Promise<Page<new self>>' },
      ...sinks(['count', 'max', 'min', 'sum', 'aggregate', 'upsert', 'truncate']),
      ...sinks(['destroy', 'restore', 'update', 'increment', 'decrement', 'describe']),
      ...sinks(['sync', 'drop', 'save', 'reload']),
      ...sinks(['$get', '$set', '$add', '$create', '$count', '$has', '$remove']),
      build: { returns: 'new self' },
      bulkBuild: { returns: 'Array<new self>' },
      scope: { returns: 'self' },
      unscoped: { returns: 'self' },
      schema: { returns: 'self' },
      init: { returns: 'self' },
      set: { returns: 'self' },
      sequelize: { type: 'Sequelize' },
      ...values,
    },
    // Associations add these under names of their own.
    prefixed: {
      prefixes: ['get', 'set', 'add', 'remove', 'has', 'count', 'create'],
      member: { sink: query, returns: 'Promise<any>' },
    },
  },
  Transaction: {
    members: { commit: { returns: 'Promise<any>' }, rollback: { returns: 'Promise<any>' } },
  },
  /** What migrations are given. */
  QueryInterface: { members: { sequelize: { type: 'Sequelize' } } },
  Migration: { members: { up: { type: 'Migrate' }, down: { type: 'Migrate' } } },
  Migrate: { params: ['QueryInterface', 'class Sequelize'] },
  Mixin: { call: { sink: query, returns: 'Promise<any>' } },
} as const satisfies Readonly<Record<string, Entity>>

export const sequelize = {
  name: 'sequelize',
  kind: 'database',
  clients: ['Sequelize'],
  modules: [
    'sequelize',
    '@sequelize/core',
    'sequelize-typescript',
    '@nestjs/sequelize',
    'sequelize-cli',
  ],
  evidence: [
    {
      what: 'Statics and instance methods of models, sequelize.query, transaction with a callback',
      where: 'https://sequelize.org/api/v6/class/src/model.js~model',
      since: '6.0.0',
    },
    {
      what: 'No signal: `{ signal }` is ignored',
      where: 'https://github.com/sequelize/sequelize/issues/14247',
      since: '6.0.0',
    },
  ],
  exports: {
    default: 'class Sequelize',
    'export=': 'class Sequelize',
    Sequelize: 'class Sequelize',
    Model: 'class Model',
    ModelCtor: 'class ModelClass',
    ModelStatic: 'class ModelClass',
    Transaction: 'class Transaction',
    QueryInterface: 'class QueryInterface',
    ...Object.fromEntries(mixins.map((name) => [name, 'class Mixin'])),
  },
  exportsOf: {
    'sequelize-cli': { Migration: 'class Migration' },
    'sequelize-typescript': { Repository: 'class ModelClass' },
  },
  entities: sequelizeEntities,
  variants: [bluebirdVariant('sequelize', '6.0.0', sequelizeEntities)],
} as const satisfies Library
