import 'reflect-metadata'
import type { AddressInfo } from 'node:net'
import {
  Logger,
  Req,
  type CanActivate,
  type DynamicModule,
  type INestApplication,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { expect, it, onTestFinished } from 'vitest'
import { currentSignal, remainingMs } from '../index.js'
import { describeAdapters, type Start, type Work } from '../test-support/adapters.js'
import { send, statusOf } from '../test-support/http.js'
import { moduleWith } from '../test-support/nest.js'
import { ctxSignal, requestSignal, Signal, SignalInterceptor } from './nest.js'

Logger.overrideLogger(false)

type Create = (module: DynamicModule) => Promise<INestApplication>

const platforms: Record<string, Create> = {
  'NestJS on express': async (module) => {
    const app = await NestFactory.create<NestExpressApplication>(module)
    app.useBodyParser('json', { limit: '10mb' })
    return app
  },
  'NestJS on fastify': (module) =>
    NestFactory.create(module, new FastifyAdapter({ bodyLimit: 10_000_000 })),
}

/** How a handler comes by its signal. */
const ways: Record<string, (create: Create, work: Work) => Promise<INestApplication>> = {
  '@Signal()': (create, work) =>
    create(moduleWith((signal) => work(signal as AbortSignal), Signal())),
  '@Req()': (create, work) =>
    create(moduleWith((request) => work(requestSignal(request as never)), Req())),
  middleware: async (create, work) => {
    const app = await create(moduleWith(() => work(currentSignal())))
    app.use(ctxSignal())
    return app
  },
  'the context that a guard is given': async (create, work) => {
    const seen = new WeakMap<object, AbortSignal>()
    const guard: CanActivate = {
      canActivate: (context) => {
        seen.set(context.switchToHttp().getRequest<object>(), requestSignal(context))
        return true
      },
    }
    const app = await create(moduleWith((request) => work(seen.get(request as never)), Req()))
    app.useGlobalGuards(guard)
    return app
  },
  'middleware, seen by a guard': async (create, work) => {
    const seen = new WeakMap<object, AbortSignal | undefined>()
    const guard: CanActivate = {
      canActivate: (context) => {
        seen.set(context.switchToHttp().getRequest<object>(), currentSignal())
        return true
      },
    }
    const app = await create(moduleWith((request) => work(seen.get(request as never)), Req()))
    app.use(ctxSignal())
    app.useGlobalGuards(guard)
    return app
  },
  interceptor: async (create, work) => {
    const app = await create(moduleWith(() => work(currentSignal())))
    app.useGlobalInterceptors(new SignalInterceptor())
    return app
  },
}

const starts: Record<string, Start> = {}
for (const [platform, create] of Object.entries(platforms)) {
  for (const [way, make] of Object.entries(ways)) {
    starts[`${platform}, ${way}`] = async (work) => listen(await make(create, work))
  }
}

describeAdapters(starts)

it.each(Object.entries(platforms))('%s: an earlier deadline wins', async (_, create) => {
  const remaining: number[] = []
  const module = moduleWith(
    (signal) => {
      remaining.push(remainingMs(signal as AbortSignal))
      return Promise.resolve('done')
    },
    Signal({ timeoutMs: 1_000 }),
  )
  const app = await create(module)
  app.use(ctxSignal({ timeoutMs: 5_000 }))
  expect(await statusOf(send(await listen(app)))).toBe(200)
  expect(remaining.map((ms) => Math.ceil(ms / 1_000))).toEqual([1])
})

async function listen(app: INestApplication): Promise<number> {
  onTestFinished(() => app.close())
  await app.listen(0, '127.0.0.1')
  return (app.getHttpServer() as { address(): AddressInfo }).address().port
}
