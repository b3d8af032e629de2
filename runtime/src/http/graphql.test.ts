import { createServer } from 'node:http'
import { ApolloServer } from '@apollo/server'
import { expressMiddleware } from '@as-integrations/express5'
import { makeExecutableSchema } from '@graphql-tools/schema'
import express from 'express'
import { createSchema, createYoga, type Plugin } from 'graphql-yoga'
import { describe, expect, it, onTestFinished } from 'vitest'
import { currentSignal, remainingMs } from '../index.js'
import { describeAdapters, type Start } from '../test-support/adapters.js'
import { listen } from '../test-support/http.js'
import { ctxSignal } from './express.js'
import { requestSignal, withRequestSignal } from './graphql.js'

const typeDefs = `
  type Query { work: String }
  type Mutation { write(large: String): String }
`

type Handle = (context: unknown) => Promise<unknown>

function resolversOf(handle: Handle) {
  const work = async (_parent: unknown, _args: unknown, context: unknown) => {
    await handle(context)
    return 'done'
  }
  return { Query: { work }, Mutation: { write: work } }
}

const READ = `/graphql?query=${encodeURIComponent('{work}')}`

async function apollo(
  handle: Handle,
  context: (parts: object) => Promise<object>,
  surround = (resolvers: ReturnType<typeof resolversOf>) => resolvers,
  middleware?: (request: object, response: object, next: () => void) => void,
): Promise<number> {
  const server = new ApolloServer({ typeDefs, resolvers: surround(resolversOf(handle)) })
  await server.start()
  onTestFinished(() => server.stop())
  const app = express()
  if (middleware) app.use(middleware)
  app.use(express.json({ limit: '10mb' }))
  app.use((request, _response, next) => {
    if (request.method === 'POST') request.body = { query: 'mutation{write}' }
    request.url = request.method === 'POST' ? '/graphql' : READ
    request.headers['apollo-require-preflight'] = 'yes'
    next()
  })
  app.use('/graphql', expressMiddleware(server, { context }))
  return listen(createServer(app))
}

function yoga(
  handle: Handle,
  surround = (resolvers: ReturnType<typeof resolversOf>) => resolvers,
): Promise<number> {
  const schema = createSchema({ typeDefs, resolvers: surround(resolversOf(handle)) })
  // The test's client knows no GraphQL: what it sends is read, and a mutation takes its place.
  const parsed: Plugin = {
    onRequestParse: ({ request, setRequestParser }) => {
      if (request.method !== 'POST') return
      setRequestParser(async () => {
        await request.text()
        return { query: 'mutation{write}' }
      })
    },
  }
  const handler = createYoga({ schema, logging: false, plugins: [parsed] })
  return listen(
    createServer((request, response) => {
      request.url = request.method === 'GET' ? READ : '/graphql'
      void handler(request, response)
    }),
  )
}

const inContext = ({ req, res }: { req?: object; res?: object }) => Promise.resolve({ req, res })
const empty = () => Promise.resolve({})

const starts: Record<string, Start> = {
  'Apollo Server, by its context': (work) =>
    apollo((context) => work(requestSignal(context)), inContext),
  'Apollo Server, whose context holds no request': (work) =>
    apollo((context) => work(requestSignal(context)), empty),
  'Apollo Server, resolvers surrounded': (work) =>
    apollo(() => work(currentSignal()), inContext, withRequestSignal),
  'Apollo Server on express, surrounding': (work) =>
    apollo(() => work(currentSignal()), empty, undefined, ctxSignal()),
  'GraphQL Yoga, by its context': (work) => yoga((context) => work(requestSignal(context))),
  'GraphQL Yoga, resolvers surrounded': (work) =>
    yoga(() => work(currentSignal()), withRequestSignal),
}

describeAdapters(starts)

describe('withRequestSignal', () => {
  it('surrounds the resolvers of a schema that is made already, and reaches into lists of maps', async () => {
    const seen: (AbortSignal | undefined)[] = []
    const resolvers = resolversOf(() => Promise.resolve(seen.push(currentSignal())))
    const maps = [{ Query: resolvers.Query }, { Mutation: resolvers.Mutation }]
    const schemas = [
      withRequestSignal(makeExecutableSchema({ typeDefs, resolvers: maps })),
      makeExecutableSchema({ typeDefs, resolvers: withRequestSignal(maps) }),
    ]
    const { signal } = new AbortController()
    for (const schema of schemas) {
      const response = await createYoga({ schema, logging: false }).fetch('http://h/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: 'mutation{write}' }),
        signal,
      })
      expect(await response.json()).toEqual({ data: { write: 'done' } })
    }
    expect(seen.map((each) => Math.ceil(remainingMs(each) / 1_000))).toEqual([30, 30])
  })

  it('leaves subscriptions and scalars as they are', () => {
    const subscribe = () => undefined
    class Scalar {
      serialize = () => 1
    }
    const scalar = new Scalar()
    const map = { Subscription: { watch: { subscribe, resolve: () => 1 } }, Scalar: scalar }
    const { Subscription, Scalar: kept } = withRequestSignal(map)
    expect(Subscription.watch.subscribe).toBe(subscribe)
    expect(Subscription.watch.resolve()).toBe(1)
    expect(kept).toBe(scalar)
  })
})

it('a resolver outside of any request has a deadline', () => {
  expect(Math.ceil(remainingMs(requestSignal({})) / 1_000)).toBe(30)
  expect(Math.ceil(remainingMs(requestSignal(undefined, { timeoutMs: 2_000 })) / 1_000)).toBe(2)
})
