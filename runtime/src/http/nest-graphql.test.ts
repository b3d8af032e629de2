import 'reflect-metadata'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo'
import { Controller, Logger, type INestApplication } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { GraphQLModule, Mutation, Query, Resolver } from '@nestjs/graphql'
import {
  ClientProxyFactory,
  MessagePattern,
  Transport,
  type ClientProxy,
  type MicroserviceOptions,
} from '@nestjs/microservices'
import { firstValueFrom } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { currentSignal, remainingMs } from '../index.js'
import { describeAdapters, type Start, type Work } from '../test-support/adapters.js'
import { slow, useDatabase } from '../test-support/database.js'
import { ctxSignal, Signal, SignalInterceptor } from './nest.js'

Logger.overrideLogger(false)

/** What TypeScript makes of a decorated method; the test runner knows no decorators on parameters. */
function decorate(
  target: new () => object,
  name: string,
  methods: readonly MethodDecorator[],
  parameters: readonly ParameterDecorator[],
): void {
  parameters.forEach((each, index) => {
    each(target.prototype as object, name, index)
  })
  const descriptor = Object.getOwnPropertyDescriptor(target.prototype, name)
  if (descriptor === undefined) throw new Error(name)
  for (const each of methods) each(target.prototype as object, name, descriptor)
}

async function graphql(
  work: Work,
  setUp: (app: INestApplication) => void,
  context: (parts: { req: object; res: object }) => object = (parts) => parts,
): Promise<number> {
  const isGiven = setUp === byParameter
  class Works {
    async read(signal?: AbortSignal): Promise<string> {
      await work(isGiven ? signal : currentSignal())
      return 'done'
    }
    async write(signal?: AbortSignal): Promise<string> {
      return await this.read(signal)
    }
  }
  decorate(Works, 'read', [Query('read')], [Signal()])
  decorate(Works, 'write', [Mutation('write')], [Signal()])
  Resolver()(Works)
  const typeDefs = 'type Query { read: String } type Mutation { write: String }'
  const driver = { driver: ApolloDriver, typeDefs, context, csrfPrevention: false }
  const app = await NestFactory.create({
    module: Works,
    imports: [GraphQLModule.forRoot<ApolloDriverConfig>(driver)],
    providers: [Works],
  })
  onTestFinished(() => app.close())
  setUp(app)
  app.use(asQuery)
  await app.listen(0, '127.0.0.1')
  return (app.getHttpServer() as { address(): AddressInfo }).address().port
}

/** The test's client knows no GraphQL: what it sends is read, and a query takes its place. */
function asQuery(
  request: IncomingMessage & { body?: unknown; _body?: boolean },
  _response: ServerResponse,
  next: () => void,
): void {
  const isRead = request.method === 'GET'
  request.url = isRead ? `/graphql?query=${encodeURIComponent('{read}')}` : '/graphql'
  if (isRead) {
    next()
    return
  }
  void text(request).then(() => {
    request.body = { query: 'mutation{write}' }
    request._body = true
    next()
  })
}

const byParameter = () => undefined

const starts: Record<string, Start> = {
  'GraphQL on NestJS, @Signal()': (work) => graphql(work, byParameter),
  'GraphQL on NestJS, @Signal(), whose context holds no request': (work) =>
    graphql(work, byParameter, () => ({})),
  'GraphQL on NestJS, interceptor': (work) =>
    graphql(work, (app) => app.useGlobalInterceptors(new SignalInterceptor())),
  'GraphQL on NestJS, middleware': (work) => graphql(work, (app) => app.use(ctxSignal())),
}

describeAdapters(starts)

describe('messages over TCP', () => {
  const postgres = useDatabase()

  async function microservice(
    handle: (signal: AbortSignal | undefined) => Promise<unknown>,
    interceptor?: SignalInterceptor,
  ): Promise<ClientProxy> {
    class Messages {
      async work(signal?: AbortSignal): Promise<unknown> {
        return await handle(signal)
      }
    }
    decorate(Messages, 'work', [MessagePattern('work')], [Signal({ timeoutMs: 200 })])
    Controller()(Messages)
    const tcp: MicroserviceOptions = {
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port: 0 },
    }
    const module = { module: Messages, controllers: [Messages] }
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest types options as a class and takes any object
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(module, tcp)
    onTestFinished(() => app.close())
    if (interceptor) app.useGlobalInterceptors(interceptor)
    await app.listen()
    const server = app.unwrap<{ address(): AddressInfo }>()
    const client = ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port: server.address().port },
    })
    onTestFinished(() => void client.close())
    return client
  }

  it('a handler has a signal with a deadline, which stops its statement', async () => {
    const pool = postgres.pool()
    let outcome: unknown
    const client = await microservice((signal) =>
      pool.query({ text: slow('message'), signal }).catch((error: unknown) => {
        outcome = error
        return 'stopped'
      }),
    )
    expect(await firstValueFrom(client.send<string>('work', {}))).toBe('stopped')
    expect(outcome).toMatchObject({ outcome: 'cancelled', name: 'TimeoutError' })
    await postgres.untilStopped('message')
  })

  it('an interceptor puts the signal around it', async () => {
    const client = await microservice(
      () => Promise.resolve(Math.ceil(remainingMs(currentSignal()) / 100)),
      new SignalInterceptor({ timeoutMs: 500 }),
    )
    expect(await firstValueFrom(client.send<number>('work', {}))).toBe(5)
  })
})
