import type { Descriptor, Entity, Entry, Library, Member } from './types.js'

/** What a resolver is given: parent, arguments, context, info. */
const params = ['any', 'any', 'Context', 'Info'] as const

const notAsked = { __resolveReference: 1, __resolveType: 1, __isTypeOf: 1 } as const

/** `{ Query: { user(parent, args, context) {} } }`; a subscription is not among them, as it lasts. */
const resolvers: Entry = {
  from: 0,
  request: 2,
  params,
  mapKeys: ['resolvers'],
  handlerKeys: ['resolve'],
  requestAt: notAsked,
}

/** `new GraphQLObjectType({ fields: { user: { resolve() {} } } })` */
const fields: Entry = { ...resolvers, from: 0, mapKeys: ['fields'] }

const typesOfPothos = [
  'queryType',
  'mutationType',
  'objectType',
  'interfaceType',
  'prismaObject',
  'prismaNode',
  'drizzleObject',
  'node',
  'simpleObject',
] as const

const fieldsOfPothos = [
  'field',
  'fieldWithInput',
  'connection',
  'drizzleField',
  'loadable',
  'loadableList',
  'string',
  'stringList',
  'int',
  'intList',
  'float',
  'floatList',
  'boolean',
  'booleanList',
  'id',
  'idList',
] as const

/** `t.field({ type, resolve: (parent, args, context, info) => … })` */
function fieldsBy(names: readonly string[], request: number): Record<string, Member> {
  const entry: Entry = {
    from: 0,
    request,
    params: [...Array.from({ length: request }, () => 'any'), 'Context', 'Info'],
    handlerKeys: ['resolve'],
  }
  return Object.fromEntries(names.map((name) => [name, { entry, returns: 'any' }]))
}

/** A server's options hold the function that makes each request's context. */
const server: Member = { entry: resolvers, keeps: 'context' }
const mounting: Member = { keeps: 'context' }

const expressModules = [
  '@as-integrations/express5',
  '@as-integrations/express4',
  '@apollo/server/express4',
  'apollo-server-express',
] as const

const fastifyModules = ['@as-integrations/fastify', 'mercurius', 'apollo-server-fastify'] as const
const koaModules = ['@as-integrations/koa', 'apollo-server-koa'] as const

/** Servers that are not mounted in anything, or that do not tell in what. */
const ownModules = ['@apollo/server/standalone', 'apollo-server', 'graphql-yoga'] as const

const hosts = (modules: readonly string[], host: string) =>
  Object.fromEntries(modules.map((module) => [module, host]))

/** Graphql-js and what is common to the servers; their own entries have its entities. */
export const graphql = {
  name: 'graphql',
  kind: 'framework',
  modules: [
    'graphql',
    '@graphql-tools/schema',
    '@graphql-tools/utils',
    'graphql-tools',
    '@apollo/subgraph',
  ],
  mounts: {
    ...hosts(ownModules, 'node:http'),
    ...hosts(expressModules, 'express'),
    ...hosts(fastifyModules, 'fastify'),
    ...hosts(koaModules, 'koa'),
  },
  surround: { module: '@ctx-fix/runtime/graphql', name: 'withRequestSignal', as: 'wrapper' },
  evidence: [
    {
      what: 'A resolver is called with (parent, args, context, info); a function that is given a GraphQLResolveInfo is one',
      where: 'https://graphql.org/learn/execution/',
      since: '15.0.0',
    },
    {
      what: 'makeExecutableSchema({ typeDefs, resolvers }) takes a map of types and their fields, or several',
      where: 'https://the-guild.dev/graphql/tools/docs/generate-schema',
      since: '8.0.0',
    },
  ],
  exports: {
    GraphQLResolveInfo: 'class Info',
    GraphQLObjectType: 'class ObjectType',
    makeExecutableSchema: 'MakeSchema',
    buildSubgraphSchema: 'MakeSchema',
  },
  entities: {
    Context: {
      stored: true,
      request: { module: '@ctx-fix/runtime/graphql', named: 'context', optional: true },
    },
    Info: { handedWith: -1 },
    ObjectType: { construct: { entry: fields } },
    MakeSchema: { call: { entry: resolvers } },
    Server: { construct: server },
    MakeServer: { call: server },
    Mount: { call: mounting },
    /** Pothos: fields are declared on what `fields` of a type, or a field's callback, is given. */
    Builder: {
      members: {
        ...Object.fromEntries(
          [...typesOfPothos, 'objectFields', 'interfaceFields'].map((name): [string, Member] => [
            name,
            {
              callbacks: [
                { arg: 0, key: 'fields', params: ['Fields'] },
                { arg: 1, key: 'fields', params: ['Fields'] },
                { arg: 1, params: ['Fields'] },
              ],
              returns: 'any',
            },
          ]),
        ),
        ...Object.fromEntries(
          ['queryFields', 'mutationFields'].map((name): [string, Member] => [
            name,
            { callbacks: [{ arg: 0, params: ['Fields'] }], returns: 'any' },
          ]),
        ),
        ...Object.fromEntries(
          ['queryField', 'mutationField', 'objectField', 'prismaObjectField'].map(
            (name): [string, Member] => [
              name,
              {
                callbacks: [
                  { arg: 1, params: ['Fields'] },
                  { arg: 2, params: ['Fields'] },
                ],
                returns: 'any',
              },
            ],
          ),
        ),
      },
    },
    Fields: {
      members: {
        ...fieldsBy(fieldsOfPothos, 2),
        ...fieldsBy(['prismaField', 'prismaFieldWithInput', 'prismaConnection'], 3),
      },
    },
  },
} as const satisfies Library

const mount: Descriptor = 'graphql#Mount'
const named = (modules: readonly string[], name: string) =>
  Object.fromEntries(modules.map((module) => [module, { [name]: mount }]))

export const apolloServer = {
  name: 'apollo-server',
  kind: 'framework',
  modules: [
    '@apollo/server',
    '@apollo/server/standalone',
    ...expressModules,
    ...fastifyModules,
    ...koaModules,
    '@as-integrations/next',
    '@as-integrations/aws-lambda',
    'apollo-server',
  ],
  evidence: [
    {
      what: 'new ApolloServer({ typeDefs, resolvers }); the context of a request is what the function under `context` gives',
      where: 'https://www.apollographql.com/docs/apollo-server/data/context',
      since: '4.0.0',
    },
    {
      what: 'No signal of its own: info has none, the context is what the program puts there',
      where: 'https://www.apollographql.com/docs/apollo-server/api/apollo-server',
      since: '4.0.0',
    },
  ],
  exports: {
    ApolloServer: 'class graphql#Server',
    startStandaloneServer: mount,
    startServerAndCreateNextHandler: mount,
    startServerAndCreateLambdaHandler: mount,
  },
  exportsOf: {
    ...named(expressModules, 'expressMiddleware'),
    ...named(koaModules, 'koaMiddleware'),
    mercurius: { default: mount, 'export=': mount, mercurius: mount },
  },
  entities: {},
} as const satisfies Library

export const graphqlYoga = {
  name: 'graphql-yoga',
  kind: 'framework',
  modules: ['graphql-yoga'],
  evidence: [
    {
      what: 'createYoga({ schema, context }); the request is context.request, of the Fetch API, whose signal aborts when the client disconnects',
      where: 'https://the-guild.dev/graphql/yoga-server/docs/features/context',
      since: '3.0.0',
    },
    {
      what: 'createSchema({ typeDefs, resolvers })',
      where: 'https://the-guild.dev/graphql/yoga-server/docs/features/schema',
      since: '3.0.0',
    },
  ],
  exports: {
    createSchema: 'graphql#MakeServer',
    createYoga: mount,
  },
  entities: {},
} as const satisfies Library

export const pothos = {
  name: 'pothos',
  kind: 'framework',
  modules: ['@pothos/core'],
  evidence: [
    {
      what: 'Fields of types have their resolver under `resolve`; that of a prismaField is given the query first',
      where: 'https://pothos-graphql.dev/docs/guide/fields',
      since: '3.0.0',
    },
  ],
  exports: { default: 'class graphql#Builder', SchemaBuilder: 'class graphql#Builder' },
  entities: {},
} as const satisfies Library

const decorators = ['Query', 'Mutation', 'FieldResolver'] as const

export const typeGraphql = {
  name: 'type-graphql',
  kind: 'framework',
  modules: ['type-graphql'],
  mounts: graphql.mounts,
  evidence: [
    {
      what: '@Query, @Mutation and @FieldResolver make a method a resolver; @Ctx() marks the context of the request',
      where: 'https://typegraphql.com/docs/resolvers.html',
      since: '1.0.0',
    },
  ],
  exports: {
    ...Object.fromEntries(decorators.map((name) => [name, `Decorator${name}`])),
    Ctx: 'ContextParameter',
  },
  entities: {
    ContextParameter: {
      marksRequest: true,
      request: { module: '@ctx-fix/runtime/graphql', named: 'context', optional: true },
    },
    ...Object.fromEntries(
      decorators.map((name): [string, Entity] => [`Decorator${name}`, { decorator: {} }]),
    ),
  },
} as const satisfies Library
