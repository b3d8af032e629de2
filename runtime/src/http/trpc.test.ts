import { createServer } from 'node:http'
import { initTRPC } from '@trpc/server'
import { createExpressMiddleware } from '@trpc/server/adapters/express'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import express from 'express'
import { describe, expect, it } from 'vitest'
import { currentSignal, remainingMs } from '../index.js'
import { describeAdapters, type Start, type Work } from '../test-support/adapters.js'
import { listen } from '../test-support/http.js'
import { ctxSignal, requestSignal, withRequestSignal } from './trpc.js'

const t = initTRPC.create()

type Handle = (call: { ctx: object; signal: AbortSignal | undefined }) => Promise<unknown>

/** The test's client asks for `/`, by GET or POST. */
function routerOf(handle: Handle, procedure = t.procedure) {
  const answer = async (call: Parameters<Handle>[0]) => (await handle(call)) ?? 'done'
  return t.router({ read: procedure.query(answer), write: procedure.mutation(answer) })
}

function standalone(handle: Handle, procedure?: typeof t.procedure): Promise<number> {
  const handler = createHTTPHandler({ router: routerOf(handle, procedure) })
  return listen(
    createServer((request, response) => {
      request.url = request.method === 'GET' ? '/read' : '/write'
      handler(request, response)
    }),
  )
}

/** A server whose work is done where the context is made. */
function contextual(work: Work, surround: typeof withRequestSignal): Promise<number> {
  const handler = createHTTPHandler({
    router: routerOf(() => Promise.resolve('done')),
    createContext: surround(async () => ({ rows: await work(currentSignal()) })),
  })
  return listen(
    createServer((request, response) => {
      request.url = request.method === 'GET' ? '/read' : '/write'
      handler(request, response)
    }),
  )
}

const starts: Record<string, Start> = {
  'tRPC, standalone': (work) => standalone((call) => work(requestSignal(call))),
  'tRPC, by the signal alone': (work) => standalone(({ signal }) => work(requestSignal(signal))),
  'tRPC, surrounding': (work) =>
    standalone(() => work(currentSignal()), t.procedure.use(ctxSignal())),
  'tRPC on express with a parsed body': (work: Work) => {
    const app = express()
    app.use(express.json({ limit: '10mb' }))
    app.use((request, _response, next) => {
      request.url = request.method === 'GET' ? '/read' : '/write'
      next()
    })
    app.use(createExpressMiddleware({ router: routerOf((call) => work(requestSignal(call))) }))
    return listen(createServer(app))
  },
  'createContext of tRPC, surrounded': (work) => contextual(work, withRequestSignal),
  'createContext of tRPC': (work) => {
    const made = initTRPC.context<{ signal: AbortSignal }>().create()
    const router = made.router({
      read: made.procedure.query(async ({ ctx }) => (await work(ctx.signal)) ?? 'done'),
      write: made.procedure.mutation(async ({ ctx }) => (await work(ctx.signal)) ?? 'done'),
    })
    const handler = createHTTPHandler({
      router,
      createContext: ({ req }) => ({ signal: requestSignal(req) }),
    })
    return listen(
      createServer((request, response) => {
        request.url = request.method === 'GET' ? '/read' : '/write'
        handler(request, response)
      }),
    )
  },
}

describeAdapters(starts)

describe('a caller on the server', () => {
  const seen: (AbortSignal | undefined)[] = []
  const router = t.router({
    own: t.procedure.query((call) => {
      seen.push(requestSignal(call), requestSignal(call))
    }),
    around: t.procedure.use(ctxSignal({ timeoutMs: 2_000 })).query(() => {
      seen.push(currentSignal())
    }),
  })

  it('has a deadline where it was made without a signal', async () => {
    seen.length = 0
    const caller = t.createCallerFactory(router)({})
    await caller.own()
    await caller.around()
    expect(seen.map((each) => Math.ceil(remainingMs(each) / 1_000))).toEqual([30, 30, 2])
  })

  it('has the signal that it was made with', async () => {
    seen.length = 0
    const client = new AbortController()
    const caller = t.createCallerFactory(router)({}, { signal: client.signal })
    await caller.own()
    await caller.around()
    expect(seen[1]).toBe(seen[0])
    client.abort()
    expect(seen.map((each) => each?.aborted)).toEqual([true, true, true])
  })
})

it('a subscription is surrounded by its client alone, without a deadline', async () => {
  const seen: (AbortSignal | undefined)[] = []
  const router = t.router({
    watch: t.procedure.use(ctxSignal()).subscription(async function* () {
      seen.push(currentSignal())
      yield await Promise.resolve(1)
      seen.push(currentSignal())
    }),
  })
  const client = new AbortController()
  const values = await t.createCallerFactory(router)({}, { signal: client.signal }).watch()
  const received: unknown[] = []
  for await (const value of values) received.push(value)
  expect(received).toEqual([1])
  expect(seen).toEqual([client.signal, client.signal])
  expect(remainingMs(client.signal)).toBe(Infinity)
})

it('requestSignal refuses what it was not made for', () => {
  for (const wrong of [{}, { req: {} }, { signal: {} }, { ctx: {}, signal: {} }]) {
    expect(() => requestSignal(wrong)).toThrow(TypeError)
  }
})
