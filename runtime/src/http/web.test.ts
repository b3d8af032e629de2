import { createServer, type Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { H3 } from 'h3'
import { createApp, defineEventHandler, readBody, toNodeListener } from 'h3-v1'
import { toNodeHandler } from 'h3/node'
import { describe, expect, it } from 'vitest'
import { currentSignal, remainingMs } from '../index.js'
import { describeAdapters, type Start } from '../test-support/adapters.js'
import { listen } from '../test-support/http.js'
import * as forH3 from './h3.js'
import * as forLambda from './lambda.js'
import * as forWeb from './web.js'

function h3(handle: (event: object) => Promise<unknown>, surrounding: boolean): Promise<number> {
  const app = new H3()
  if (surrounding) app.use(forH3.ctxSignal())
  app.all('/', async (event) => {
    if (event.req.method === 'POST') await event.req.json()
    return (await handle(event)) ?? 'done'
  })
  const listener = toNodeHandler(app)
  return listen(createServer((request, response) => void listener(request, response)))
}

function h3One(handle: (event: object) => Promise<unknown>): Promise<number> {
  const app = createApp().use(
    '/',
    defineEventHandler(async (event) => {
      if (event.method === 'POST') await readBody(event)
      return (await handle(event)) ?? 'done'
    }),
  )
  return listen(createServer(toNodeListener(app)))
}

const starts: Record<string, Start> = {
  'h3 1': (work) => h3One((event) => work(forH3.requestSignal(event))),
  'h3 1, surrounding': (work) => h3One(forH3.withRequestSignal(() => work(currentSignal()))),
  h3: (work) => h3((event) => work(forH3.requestSignal(event)), false),
  'h3, surrounding': (work) => h3(() => work(currentSignal()), true),
  'a handler of the Fetch API': (work) =>
    serve(async (request) => respond(request, () => work(forWeb.requestSignal(request)))),
  'a handler of the Fetch API, surrounding': (work) =>
    serve(forWeb.withRequestSignal((request) => respond(request, () => work(currentSignal())))),
}

/** As Next.js calls `export function GET(request)`. */
function serve(fetch: (request: Request) => Promise<Response>): Promise<number> {
  return listen(createAdaptorServer({ fetch }) as Server)
}

async function respond(request: Request, work: () => Promise<unknown>): Promise<Response> {
  if (request.method === 'POST') await request.json()
  return Response.json((await work()) ?? {})
}

describeAdapters(starts)

it('reads the deadline of a caller from the headers, where these are trusted', () => {
  const request = () => new Request('http://localhost', { headers: { 'x-request-timeout': '2s' } })
  const remaining = [{ trustDeadlineHeaders: true }, {}].map((options) =>
    Math.ceil(remainingMs(forWeb.requestSignal(request(), options)) / 1_000),
  )
  expect(remaining).toEqual([2, 30])
})

describe('AWS Lambda', () => {
  const context = (ms: number) => ({ getRemainingTimeInMillis: () => ms })

  it('aborts before the function is ended, and at the configured deadline at the latest', () => {
    const remaining = [10_000, 900_000].map((ms) =>
      Math.ceil(remainingMs(forLambda.deadlineSignal(context(ms))) / 100),
    )
    expect(remaining).toEqual([95, 300])
    const short = forLambda.deadlineSignal(context(2_000), { marginMs: 2_000 })
    expect(short.reason).toMatchObject({ name: 'TimeoutError' })
  })

  it('is one signal for an invocation, also around the handler', async () => {
    const handler = forLambda.withDeadlineSignal((_event: object, invocation: object) =>
      Promise.resolve([currentSignal(), forLambda.requestSignal(invocation)]),
    )
    const [inside, again] = await handler({}, context(10_000))
    expect(inside).toBeInstanceOf(AbortSignal)
    expect(again).toBe(inside)
  })
})

it.each(Object.entries({ forH3, forWeb, forLambda }))(
  'requestSignal refuses what it was not made for: %s',
  (_, { requestSignal }) => {
    for (const wrong of [{}, { req: {} }, { signal: {} }]) {
      expect(() => requestSignal(wrong)).toThrow(TypeError)
    }
  },
)
