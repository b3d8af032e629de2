import type { Carrier, Library, Member, Sink } from './types.js'

const option: Carrier = { kind: 'option', arg: 1, key: 'signal', native: true }
const untaken: Carrier = {
  kind: 'none',
  why: 'writes of the MongoDB driver take no signal: give them maxTimeMS',
}

/** The signal is given where the cursor is made, and holds for all that is read from it. */
const read: Sink = { carriers: [option], effect: 'closes' }
const write: Sink = { carriers: [untaken], effect: 'runs-on' }

const of = (
  names: readonly string[],
  sink: Sink,
  returns = 'Promise<any>',
): Record<string, Member> => Object.fromEntries(names.map((name) => [name, { sink, returns }]))

export const mongodb = {
  name: 'mongodb',
  kind: 'downstream',
  modules: ['mongodb'],
  evidence: [
    {
      what: 'find, findOne, aggregate, countDocuments, listCollections and command take `signal`; writes do not',
      where: 'https://mongodb.github.io/node-mongodb-native/6.13/types/Abortable.html',
      since: '6.13.0',
    },
  ],
  exports: {
    MongoClient: 'class MongoClient',
    Db: 'class Db',
    Collection: 'class Collection',
  },
  entities: {
    MongoClient: {
      members: {
        connect: { returns: 'Promise<MongoClient>' },
        db: { returns: 'Db' },
        close: { returns: 'Promise<any>' },
        withSession: { callbacks: [{ arg: 'last', params: ['any'] }], returns: 'Promise<any>' },
      },
    },
    Db: {
      members: {
        collection: { returns: 'Collection' },
        command: { sink: read, returns: 'Promise<any>' },
        aggregate: { sink: read, returns: 'Cursor' },
        listCollections: { sink: read, returns: 'Cursor' },
      },
    },
    Collection: {
      members: {
        ...of(['find', 'aggregate'], read, 'Cursor'),
        ...of(['findOne', 'countDocuments'], read),
        ...of(['insertOne', 'insertMany', 'updateOne', 'updateMany', 'replaceOne'], write),
        ...of(
          ['deleteOne', 'deleteMany', 'bulkWrite', 'distinct', 'estimatedDocumentCount'],
          write,
        ),
        ...of(['findOneAndUpdate', 'findOneAndReplace', 'findOneAndDelete'], write),
      },
    },
    Cursor: { members: { toArray: { returns: 'Promise<any>' } }, others: 'self' },
  },
} as const satisfies Library

const noSignal: Carrier = {
  kind: 'none',
  why: 'Mongoose queries take no signal: give them maxTimeMS',
}
const query: Sink = { carriers: [noSignal], effect: 'runs-on' }

const queries = [
  'find',
  'findOne',
  'findById',
  'findOneAndUpdate',
  'findOneAndDelete',
  'findOneAndReplace',
  'findByIdAndUpdate',
  'findByIdAndDelete',
  'updateOne',
  'updateMany',
  'replaceOne',
  'deleteOne',
  'deleteMany',
  'countDocuments',
  'estimatedDocumentCount',
  'distinct',
  'exists',
  'where',
] as const

export const mongoose = {
  name: 'mongoose',
  kind: 'downstream',
  modules: ['mongoose', '@nestjs/mongoose'],
  evidence: [
    {
      what: 'Queries and aggregates are thenables with exec(); create, insertMany, bulkWrite and save run at once',
      where: 'https://mongoosejs.com/docs/queries.html',
      since: '6.0.0',
    },
    {
      what: 'No signal but in eachAsync',
      where: 'https://mongoosejs.com/docs/api/querycursor.html#QueryCursor.prototype.eachAsync()',
      since: '8.0.0',
    },
  ],
  exports: {
    default: 'Mongoose',
    'export=': 'Mongoose',
    model: 'MakeModel',
    Model: 'class Model',
    Document: 'class Document',
    HydratedDocument: 'class Document',
    Query: 'class Query',
    Schema: 'class Schema',
    Connection: 'class Connection',
  },
  entities: {
    Mongoose: {
      members: {
        model: { type: 'MakeModel' },
        Model: { type: 'class Model' },
        Document: { type: 'class Document' },
        HydratedDocument: { type: 'class Document' },
        Query: { type: 'class Query' },
        Schema: { type: 'class Schema' },
        Connection: { type: 'class Connection' },
        connect: { returns: 'Promise<any>' },
        createConnection: { returns: 'Connection' },
        connection: { type: 'Connection' },
      },
    },
    Connection: { members: { model: { type: 'MakeModel' } } },
    MakeModel: { call: { returns: 'class Model' } },
    Schema: {
      members: {
        statics: { type: 'any', receiver: 'class Model' },
        methods: { type: 'any', receiver: 'Document' },
      },
    },
    Model: {
      members: {
        ...Object.fromEntries(queries.map((name) => [name, { returns: 'Query' }])),
        aggregate: { returns: 'Query' },
        hydrate: { returns: 'Document' },
        ...of(
          ['create', 'insertMany', 'bulkWrite', 'bulkSave', 'save'],
          query,
          'Promise<Document>',
        ),
      },
    },
    Document: { members: of(['save', 'deleteOne', 'updateOne', 'populate'], query) },
    Query: {
      members: {
        exec: { sink: query, returns: 'Promise<Document>' },
        cursor: { sink: query, returns: 'any' },
        getFilter: {},
        getQuery: {},
      },
      others: 'self',
      awaited: query,
      resolves: 'Document | Array<Document>',
    },
  },
} as const satisfies Library
