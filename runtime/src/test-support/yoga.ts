import type { RequestListener } from 'node:http'
import { createSchema, createYoga, type Plugin } from 'graphql-yoga'

/** What a resolver does with its context: the field's value. */
export type Resolve = (context: unknown) => Promise<unknown>

export const typeDefs = `
  type Query { work: String }
  type Mutation { write(large: String): String }
`
export const READ = `/graphql?query=${encodeURIComponent('{work}')}`
export const WRITE = 'mutation{write}'

export function resolversOf(resolve: Resolve) {
  const work = (_parent: unknown, _args: unknown, context: unknown) => resolve(context)
  return { Query: { work }, Mutation: { write: work } }
}

/** GraphQL Yoga for a client that knows no GraphQL: what it sends is read, and a mutation takes its place. */
export function yogaListener(resolvers: ReturnType<typeof resolversOf>): RequestListener {
  const parsed: Plugin = {
    onRequestParse: ({ request, setRequestParser }) => {
      if (request.method !== 'POST') return
      setRequestParser(async () => {
        await request.text()
        return { query: WRITE }
      })
    },
  }
  const schema = createSchema({ typeDefs, resolvers })
  const handler = createYoga({ schema, logging: false, plugins: [parsed] })
  return (request, response) => {
    request.url = request.method === 'GET' ? READ : '/graphql'
    void handler(request, response)
  }
}
