import hapi from '@hapi/hapi'
import { expect, it, onTestFinished } from 'vitest'
import { currentSignal } from '../index.js'
import { describeAdapters, type Work } from '../test-support/adapters.js'
import { requestSignal, withRequestSignal } from './hapi.js'

async function listen(handler: hapi.Lifecycle.Method): Promise<number> {
  const server = hapi.server({ routes: { payload: { maxBytes: 10_000_000 } } })
  server.route({ method: ['GET', 'POST'], path: '/', handler })
  await server.start()
  onTestFinished(() => server.stop({ timeout: 0 }))
  return Number(server.info.port)
}

const answer = async (work: Work, signal: AbortSignal | undefined) => ({
  done: (await work(signal)) !== undefined,
})

describeAdapters({
  hapi: (work) => listen((request) => answer(work, requestSignal(request))),
  'hapi, surrounding': (work) => listen(withRequestSignal(() => answer(work, currentSignal()))),
})

it('is one signal for all functions of a request, which an injected one leaves alone', async () => {
  const server = hapi.server()
  const signals: AbortSignal[] = []
  server.ext('onPreHandler', (request, h) => {
    signals.push(requestSignal(request))
    return h.continue
  })
  server.route({
    method: 'GET',
    path: '/',
    handler: (request) => {
      signals.push(requestSignal(request))
      return 'done'
    },
  })
  expect((await server.inject('/')).payload).toBe('done')
  const [first, second] = signals
  expect(second).toBe(first)
  expect(first?.aborted).toBe(false)
})

it('leaves a handler what hapi calls it on', async () => {
  const server = hapi.server()
  server.bind({ name: 'shop' })
  const handler = withRequestSignal(function (this: { name: string }) {
    return this.name
  })
  server.route({ method: 'GET', path: '/', handler })
  expect((await server.inject('/')).payload).toBe('shop')
})

it.each([{}, { raw: {} }, { raw: { req: { headers: {} }, res: {} } }])(
  'refuses what is no request of hapi: %j',
  (wrong) => {
    expect(() => requestSignal(wrong)).toThrow(TypeError)
  },
)
