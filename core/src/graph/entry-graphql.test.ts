import { describe, expect, test } from 'vitest'
import { analysisOf, type Files } from '../testing/program.js'

/** `title <- context parameter`, for each entry point, and the sinks. */
function seen(files: Files | string): { entries: readonly string[]; sinks: readonly string[] } {
  const analysis = analysisOf(files)
  return {
    entries: [...analysis.entries.values()]
      .map((entry) => {
        const param = analysis.resolver.program.fn(entry.file, entry.fn).params[entry.request]
        return `${entry.library}: ${entry.title} <- ${param?.name ?? (param ? '{}' : '-')}`
      })
      .sort(),
    sinks: analysis.calls.flatMap(({ name, sink }) => (sink ? [name] : [])).sort(),
  }
}

describe('resolvers', () => {
  test('of maps in several files, spread, merged and listed', () => {
    const files = {
      'src/users.ts': `export const users = { Query: { users: () => [], user(_: unknown, args: object, ctx: object) {} } }`,
      'src/posts.ts': `export const Query = { posts: async (_p, _a, { db }) => [] }
const Post = { author: { resolve: (p, a, c) => null, complexity: () => 1 } }
export { Post }`,
      'src/auth.ts': `export const signedIn = (next) => (p, a, context, i) => next(p, a, context, i)
export const mutations = { Mutation: { add: signedIn((p, a, c) => null) } }`,
      'src/app.ts': `import { ApolloServer } from '@apollo/server'
import { mergeResolvers } from '@graphql-tools/merge'
import { users } from './users.js'
import * as posts from './posts.js'
import { mutations } from './auth.js'
const more = { ...mutations, User: { __resolveReference(ref, context) {}, name: (u) => u.name } }
const server = new ApolloServer({ typeDefs: '', resolvers: [users, posts, mergeResolvers([more])] })`,
    }
    expect(seen(files).entries).toEqual([
      'graphql: Mutation.add <- c',
      'graphql: Post.author <- c',
      'graphql: Query.posts <- {}',
      'graphql: Query.user <- ctx',
      'graphql: Query.users <- -',
      'graphql: User.__resolveReference <- context',
      'graphql: User.name <- -',
    ])
  })

  test.each([
    [
      'yoga',
      `import { createSchema } from 'graphql-yoga'\ncreateSchema({ typeDefs, resolvers: { Query: { a: (p, q, c) => 1 } } })`,
      'Query.a',
    ],
    [
      'graphql-tools, by options in a variable',
      `import { makeExecutableSchema } from '@graphql-tools/schema'\nconst options = { typeDefs, resolvers: { Query: { a: (p, q, c) => 1 } } }\nmakeExecutableSchema(options)`,
      'Query.a',
    ],
    [
      'graphql-js',
      `import { GraphQLObjectType } from 'graphql'\nnew GraphQLObjectType({ name: 'A', fields: { a: { type, resolve: (p, q, c) => 1 } } })`,
      'a.resolve',
    ],
    [
      'one that is typed by its info',
      `import type { GraphQLResolveInfo } from 'graphql'\nexport function a(p: object, q: object, c: object, info: GraphQLResolveInfo) {}`,
      'a',
    ],
  ])('of %s', (_, text, title) => {
    expect(seen(text).entries).toEqual([`graphql: ${title} <- c`])
  })

  test('of Pothos, in fields of a type and alone', () => {
    const text = `import SchemaBuilder from '@pothos/core'
const builder = new SchemaBuilder<{ Context: { db: object } }>({})
builder.queryType({ fields: (t) => ({ one: t.string({ resolve: (root, args, one) => '' }) }) })
builder.objectType('User', { fields: (t) => ({ posts: t.field({ type: 'Post', resolve: async (user, args, two) => [] }) }) })
builder.mutationField('add', (t) => t.prismaField({ type: 'Post', resolve: (query, root, args, three) => null }))`
    expect(seen(text).entries).toEqual([
      'graphql: field <- two',
      'graphql: prismaField <- three',
      'graphql: string <- one',
    ])
  })

  test('of type-graphql, with and without the context', () => {
    const text = `import { Ctx, Mutation, Query, Resolver } from 'type-graphql'
@Resolver() export class Users { @Query() all() {} @Mutation() add(@Arg('name') name: string, @Ctx() ctx: object) {} }`
    expect(seen(text).entries).toEqual([
      'type-graphql: Mutation <- ctx',
      'type-graphql: Query <- -',
    ])
  })

  test('by the generated type of their map, though nothing in sight registers it', () => {
    const files = {
      'src/generated.ts': `import type { GraphQLResolveInfo } from 'graphql'
export type ResolverFn<R, P, C, A> = (parent: P, args: A, context: C, info: GraphQLResolveInfo) => R
export type ResolverWithResolve<R, P, C, A> = { resolve: ResolverFn<R, P, C, A> }
export type Resolver<R, P = {}, C = {}, A = {}> = ResolverFn<R, P, C, A> | ResolverWithResolve<R, P, C, A>
export type QueryResolvers<C = any> = { user?: Resolver<string, {}, C, {}> }
export type Resolvers<C = any> = { Query?: QueryResolvers<C> }`,
      'src/app.ts': `import type { QueryResolvers, Resolvers } from './generated.js'
import { Pool } from 'pg'
export const one: Resolvers<{ db: Pool }> = { Query: { user: (_p, _a, { db }) => db.query('SELECT 1') } }
export const two: QueryResolvers = { user: async (_p, _a, c) => '' }
export const three = { Query: { user: (p, a, context) => '' } } satisfies Resolvers`,
    }
    expect(seen(files)).toEqual({
      entries: ['graphql: user <- c', 'graphql: user <- context', 'graphql: user <- {}'],
      sinks: ['db.query'],
    })
  })

  test('know their context by what the server makes of it', () => {
    const text = `import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { Pool } from 'pg'
const pool = new Pool()
const resolvers = { Query: { a: (p, q, context) => context.db.query('SELECT 1'), b: (p, q, { db }) => db.query('SELECT 2') } }
const server = new ApolloServer({ typeDefs: '', resolvers })
await startStandaloneServer(server, { context: async ({ req }) => ({ db: pool, req }) })`
    expect(seen(text).sinks).toEqual(['context.db.query', 'db.query'])
  })

  test('are not what other maps hold', () => {
    const text = `const config = { Query: { user: (a, b, c) => 1 } }\nsetUp({ resolvers: config })\ndeclare function setUp(x: unknown): void`
    expect(seen(text).entries).toEqual([])
  })
})
