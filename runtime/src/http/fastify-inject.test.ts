import { setImmediate } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import { expect, it } from 'vitest'
import { deferred } from '../deferred.js'
import { requestSignal } from './fastify.js'

/** Hands out the signal of its request, and answers when that aborts or `answer` is called. */
function waitingApp(): { app: FastifyInstance; signal: Promise<AbortSignal>; answer: () => void } {
  const app = Fastify()
  const asked = deferred<AbortSignal>()
  const answered = deferred<string>()
  app.post('/', (request) => {
    asked.resolve(requestSignal(request))
    return answered.promise
  })
  return {
    app,
    signal: asked.promise,
    answer: () => {
      answered.resolve('')
    },
  }
}

const request = { method: 'POST', url: '/', body: { n: 1 } } as const

it('is one whose client stays', async () => {
  const { app, signal, answer } = waitingApp()
  const response = app.inject(request)
  const given = await signal
  answer()
  expect((await response).statusCode).toBe(200)
  await setImmediate()
  expect(given.aborted).toBe(false)
})

it('aborts where the response is given up', async () => {
  const app = Fastify()
  const asked = deferred<AbortSignal>()
  app.get('/', (request, reply) => {
    asked.resolve(requestSignal(request))
    reply.raw.destroy()
    return new Promise(() => undefined)
  })
  void app.inject('/').catch(() => undefined)
  const signal = await asked.promise
  await setImmediate()
  expect(signal.aborted).toBe(true)
})
