import { createServer } from 'node:http'
import { ApolloServer } from '@apollo/server'
import { expressMiddleware } from '@as-integrations/express5'
import { makeExecutableSchema } from '@graphql-tools/schema'
import express from 'express'
import { createYoga } from 'graphql-yoga'
import { describe, expect, it, onTestFinished } from 'vitest'
import { currentSignal, remainingMs } from '../index.js'
import { describeAdapters, type Start } from '../test-support/adapters.js'
import { listen } from '../test-support/http.js'
import { READ, resolversOf, typeDefs, WRITE, yogaListener } from '../test-support/yoga.js'
import { ctxSignal } from './express.js'
import { requestSignal, withRequestSignal } from './graphql.js'

type Handle = (context: unknown) => Promise<unknown>

const resolversFor = (handle: Handle) =>
  resolversOf(async (context) => {
    await handle(context)
    return 'done'
  })

async function apollo(
  handle: Handle,
  context: (parts: object) => Promise<object>,
  surround = (resolvers: ReturnType<typeof resolversOf>) => resolvers,
  middleware?: (request: object, response: object, next: () => void) => void,
): Promise<number> {
  const server = new ApolloServer({ typeDefs, resolvers: surround(resolversFor(handle)) })
  await server.start()
  onTestFinished(() => server.stop())
  const app = express()
  if (middleware) app.use(middleware)
  app.use(express.json({ limit: '10mb' }))
  app.use((request, _response, next) => {
    if (request.method === 'POST') request.body = { query: WRITE }
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
  return listen(createServer(yogaListener(surround(resolversFor(handle)))))
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
    const resolvers = resolversFor(() => Promise.resolve(seen.push(currentSignal())))
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
