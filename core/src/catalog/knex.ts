import { bluebirdVariant } from './bluebird.js'
import type { Entity, Library, Member, Sink } from './types.js'

/** Knex has no signal; over `pg` the runtime cancels what is awaited inside `withSignal`. */
const query: Sink = { carriers: [{ kind: 'wrap' }], effect: 'cancels' }

const streamed: Member = { sink: { ...query, streams: true }, returns: 'any' }
const builder: Member = { returns: 'Builder' }

const terminals = {
  stream: streamed,
  pipe: streamed,
  asCallback: { sink: query, returns: 'any' },
  toSQL: {},
  toString: {},
  toQuery: {},
  on: { returns: 'self' },
} as const satisfies Readonly<Record<string, Member>>

/** Types in the namespace that has the name of the instance's. */
const types: Readonly<Record<string, Member>> = {
  QueryBuilder: { type: 'class Builder' },
  QueryInterface: { type: 'class Builder' },
  ChainableInterface: { type: 'class Builder' },
  Raw: { type: 'class Raw' },
  RawBuilder: { type: 'class Raw' },
  Transaction: { type: 'class Transaction' },
  SchemaBuilder: { type: 'class Schema' },
  Config: {},
}

const knexEntities = {
  Factory: {
    // Before version 0.95 the export was of the type's name.
    typed: 'Knex',
    call: { returns: 'Knex' },
    members: {
      knex: { type: 'Factory' },
      default: { type: 'Factory' },
      Knex: { type: 'class Knex' },
      ...types,
    },
  },
  /** The instance, callable with a table's name; as a type also the namespace of the others. */
  Knex: {
    call: builder,
    members: {
      ...types,
      raw: { returns: 'Raw' },
      ref: {},
      schema: { type: 'Schema' },
      fn: {},
      client: {},
      userParams: {},
      context: {},
      isTransaction: {},
      migrate: { type: 'Maintenance' },
      seed: { type: 'Maintenance' },
      transaction: {
        transaction: true,
        callbacks: [{ arg: 0, params: ['Transaction'] }],
        returns: 'Promise<Transaction>',
      },
      transactionProvider: { returns: 'Provider' },
      withUserParams: { returns: 'self' },
      initialize: {},
      destroy: { returns: 'Promise<any>' },
      on: { returns: 'self' },
      once: { returns: 'self' },
      emit: {},
      off: {},
      removeListener: {},
    },
    others: 'Builder',
  },
  Transaction: {
    extends: 'Knex',
    members: {
      commit: { returns: 'Promise<any>' },
      rollback: { returns: 'Promise<any>' },
      savepoint: {
        transaction: true,
        callbacks: [{ arg: 0, params: ['Transaction'] }],
        returns: 'Promise<any>',
      },
      isCompleted: {},
      executionPromise: {},
    },
  },
  Provider: { call: { returns: 'Promise<Transaction>' } },
  Builder: {
    members: { ...terminals, or: { type: 'self' }, and: { type: 'self' }, not: { type: 'self' } },
    others: 'self',
    awaited: query,
  },
  Raw: { members: terminals, others: 'self', awaited: { ...query, sql: 0 } },
  Schema: { members: { ...terminals, raw: { returns: 'self' } }, others: 'self', awaited: query },
  Maintenance: {},
} as const satisfies Readonly<Record<string, Entity>>

export const knex = {
  name: 'knex',
  kind: 'database',
  clients: ['Knex'],
  modules: ['knex', 'nestjs-knex', 'nest-knexjs'],
  evidence: [
    {
      what: 'Builders, raw and schema builders are thenables: they run when they are awaited',
      where: 'https://knexjs.org/guide/interfaces.html#promises',
      since: '1.0.0',
    },
    {
      what: 'No signal; `.timeout(ms, { cancel: true })` cancels on the server, without `cancel` the statement runs on',
      where: 'https://github.com/knex/knex/issues/707',
      since: '1.0.0',
    },
  ],
  exports: {
    default: 'Factory',
    'export=': 'Factory',
    knex: 'Factory',
    Knex: 'class Knex',
  },
  calls: [
    {
      files: '(?:^|/)(?:migrations?|seeds?)/',
      names: ['up', 'down', 'seed'],
      params: ['Knex'],
    },
  ],
  entities: knexEntities,
  variants: [bluebirdVariant('knex', '0.21.0', knexEntities)],
} as const satisfies Library

const objectionStatic: Member = { returns: 'Query<new self>', ownClass: 'QueryBuilder' }

const objectionEntities = {
  Model: {
    members: {
      query: objectionStatic,
      QueryBuilder: { type: 'class Query' },
      relatedQuery: { returns: 'Query' },
      fetchGraph: { returns: 'Query' },
      $query: objectionStatic,
      $relatedQuery: { returns: 'Query' },
      $fetchGraph: { returns: 'Query' },
      $loadRelated: { returns: 'Query' },
      knex: { returns: 'knex#Knex' },
      knexQuery: { returns: 'knex#Builder' },
      bindKnex: { returns: 'self' },
      bindTransaction: { returns: 'self' },
      transaction: {
        transaction: true,
        callbacks: [{ arg: 'last', params: ['knex#Transaction'] }],
        returns: 'Promise<any>',
      },
      startTransaction: { returns: 'Promise<knex#Transaction>' },
    },
  },
  Query: {
    members: {
      execute: { sink: query, returns: 'Promise<any>' },
      resultSize: { sink: query, returns: 'Promise<any>' },
      toKnexQuery: { returns: 'knex#Builder' },
      context: { returns: 'self' },
      modelClass: {},
      tableName: {},
    },
    others: 'self',
    awaited: query,
    resolves: 'T0 | Array<T0>',
  },
  TransactionFunction: {
    call: {
      transaction: true,
      callbacks: [{ arg: 'last', params: ['knex#Transaction'] }],
      returns: 'Promise<any>',
    },
  },
  /** `mixin(Model, [a, b])` and `compose(a, b)(Model)` give a class that extends the model's. */
  Mixin: { call: { returns: 'arg0' } },
  Compose: { call: { returns: 'Mixin' } },
  Value: {},
} as const satisfies Readonly<Record<string, Entity>>

export const objection = {
  name: 'objection',
  kind: 'database',
  modules: ['objection'],
  evidence: [
    {
      what: 'Model.query, relatedQuery, $query and $relatedQuery give thenable builders; $fetchGraph and fetchGraph run',
      where: 'https://vincit.github.io/objection.js/api/query-builder/',
      since: '2.0.0',
    },
  ],
  exports: {
    Model: 'class Model',
    QueryBuilder: 'class Query',
    Transaction: 'class knex#Transaction',
    TransactionOrKnex: 'class knex#Knex',
    transaction: 'TransactionFunction',
    mixin: 'Mixin',
    compose: 'Compose',
    raw: 'Value',
    ref: 'Value',
  },
  entities: objectionEntities,
  variants: [bluebirdVariant('objection', '2.0.0', objectionEntities)],
} as const satisfies Library
