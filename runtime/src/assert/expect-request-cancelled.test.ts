import 'reflect-metadata'
import { Controller, Get, Logger, Req, type DynamicModule } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { createServer, type RequestListener } from 'node:http'
import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { requestSignal as honoSignal } from '../http/hono.js'
import { requestSignal as nestSignal } from '../http/nest.js'
import { requestSignal } from '../http/node.js'
import { ctxSignal } from '../http/express.js'
import { detached } from '../index.js'
import { guarantees } from '../pg/internals.js'
import { useDatabase } from '../test-support/database.js'
import { expectRequestCancelled } from './index.js'
import { unrecorded } from './ledger/scopes.js'

Logger.overrideLogger(false)
const postgres = useDatabase()

/** Answers with what `work` makes of the request's signal. */
function app(work: (signal: AbortSignal) => unknown): RequestListener {
  return (request, response) => {
    Promise.resolve(work(requestSignal(request, response))).then(
      () => response.end(),
      () => response.end(),
    )
  }
}

const books = (pool: pg.Pool | pg.PoolClient, signal?: AbortSignal): Promise<unknown> =>
  pool.query({ text: 'SELECT 1 AS books', signal })
const stalled = { statement: /books/, stall: true }

describe('expectRequestCancelled passes for a request that ends with its client', () => {
  it('and reports the way to the statement and how long it took', async () => {
    const pool = postgres.pool()
    const report = await expectRequestCancelled(
      app((signal) => books(pool, signal)),
      '/books?page=2',
      { pool, ...stalled },
    )
    expect(report).toMatchObject({ statement: 'SELECT 1 AS books', withinMs: 1_000 })
    expect(report.chain[0]).toBe('GET /books')
    expect(report.chain.at(-1)).toMatch(/^books .*expect-request-cancelled\.test\.ts:\d+:\d+$/)
    expect(report.stoppedAfterMs).toBeLessThanOrEqual(report.cleanAfterMs)
    expect(report.cleanAfterMs).toBeLessThan(1_000)
  })

  it('of express, in a transaction that is rolled back', async () => {
    const pool = postgres.pool()
    const shop = express().use(ctxSignal())
    shop.post('/orders', async (_request, response) => {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        await client.query('SELECT pg_advisory_xact_lock(3)')
        await books(client)
        await client.query('COMMIT')
      } catch {
        await client.query('ROLLBACK')
      } finally {
        client.release()
      }
      response.end()
    })
    const request = { method: 'POST', path: '/orders', body: { book: 1 } }
    await expectRequestCancelled(shop, request, { pool, ...stalled })
  })

  it('of fastify, and of a server that listens already and is left so', async () => {
    const pool = postgres.pool()
    const fastify = Fastify()
    fastify.get('/', (request, reply) => books(pool, requestSignal(request.raw, reply.raw)))
    onTestFinished(() => fastify.close())
    await expectRequestCancelled(fastify, '/', { pool, ...stalled })
    const server = createServer(app((signal) => books(pool, signal))).listen(0)
    onTestFinished(() => void server.close())
    await expectRequestCancelled(server, '/', { pool, ...stalled })
    expect(server.listening).toBe(true)
  })

  it('of koa', async () => {
    const pool = postgres.pool()
    const koa = new Koa()
    koa.use(({ req, res }) => books(pool, requestSignal(req, res)))
    koa.silent = true
    await expectRequestCancelled(koa, '/', { pool, ...stalled })
  })

  it('of hono', async () => {
    const pool = postgres.pool()
    const hono = new Hono()
    hono.onError((_error, context) => context.text('', 499 as never))
    hono.get('/', async (context) => context.json(await books(pool, honoSignal(context))))
    await expectRequestCancelled(hono, '/', { pool, ...stalled })
  })

  it.each([
    ['express', (module: DynamicModule) => NestFactory.create(module)],
    ['fastify', (module: DynamicModule) => NestFactory.create(module, new FastifyAdapter())],
  ])('of NestJS on %s', async (_, create) => {
    const pool = postgres.pool()
    class BookController {
      list(request: object): Promise<unknown> {
        return books(pool, nestSignal(request))
      }
    }
    const list = Object.getOwnPropertyDescriptor(BookController.prototype, 'list')
    Get()(BookController.prototype, 'list', list as never)
    Req()(BookController.prototype, 'list', 0)
    Controller('books')(BookController)
    const app = await create({ module: BookController, controllers: [BookController] })
    onTestFinished(() => app.close())
    await expectRequestCancelled(app, '/books', { pool, ...stalled })
  })

  it('with a statement that is slow by itself, and work that is detached', async () => {
    const pool = postgres.pool()
    const handler = app(async (signal) => {
      try {
        await pool.query({ text: 'SELECT pg_sleep(9)', signal })
      } finally {
        void detached('audit', () => pool.query('SELECT 1 AS audit'))
      }
    })
    await expectRequestCancelled(handler, '/', { pool })
  })
})

describe('expectRequestCancelled fails', () => {
  it.each<[string, RegExp, (pool: pg.Pool, signal: AbortSignal) => unknown]>([
    [
      'where the signal is lost, and says where and which rule finds it',
      /in vain until the backend leaves the statement[^]*GET \/[^]*books .*:\d+[^]*ctx\/forward-signal/,
      (pool) => books(pool),
    ],
    [
      'where the request goes on after the cancellation',
      /the request went on after it was given up[^]*SELECT 2/,
      (pool, signal) => books(pool, signal).catch(() => pool.query('SELECT 2')),
    ],
    [
      'where the client is kept',
      /until every client is back in the pool/,
      async (pool, signal) => {
        const client = await pool.connect()
        setTimeout(() => {
          client.release()
        }, 600)
        await books(client, signal)
      },
    ],
    [
      'where the transaction is left open',
      /until the backend is without transaction/,
      async (pool, signal) => {
        const client = await pool.connect()
        await client.query('BEGIN')
        await books(client, signal).catch(() => undefined)
        setTimeout(() => {
          void client.query('ROLLBACK').then(() => {
            client.release()
          })
        }, 600)
      },
    ],
  ])('%s', async (_, message, work) => {
    const pool = postgres.pool()
    const proof = expectRequestCancelled(
      app((signal) => work(pool, signal)),
      '/',
      { pool, ...stalled, withinMs: 300 },
    )
    await expect(proof).rejects.toThrow(message)
    await expect.poll(() => pool.idleCount === pool.totalCount).toBe(true)
  })

  it('where the runtime is broken: the request is aborted, and no cancel is sent', async () => {
    guarantees.sendCancel = false
    onTestFinished(() => {
      guarantees.sendCancel = true
    })
    const pool = postgres.pool()
    const proof = expectRequestCancelled(
      app((signal) => books(pool, signal)),
      '/',
      { pool, ...stalled, withinMs: 300 },
    )
    await expect(proof).rejects.toThrow('until the backend leaves the statement')
  })

  it.each([
    ['that is over too soon', /answered with 200 before/, () => books(postgres.pool())],
    ['without statements', /answered with 200 before/, () => undefined],
  ])('for a request %s', async (_, message, work) => {
    const { connectionString } = postgres
    await expect(expectRequestCancelled(app(work), '/', { connectionString })).rejects.toThrow(
      message,
    )
  })

  it('with the same hint where nothing could be stalled', async () => {
    const pool = postgres.pool()
    const handler = app(() => unrecorded(() => books(pool)))
    await expect(expectRequestCancelled(handler, '/', { pool, ...stalled })).rejects.toThrow(
      /sent none that was heard of.*not instrumented.*instrument\(pool\)/,
    )
  })

  it('with the statements of the request where the one to be stalled is not among them', async () => {
    const pool = postgres.pool()
    const options = { pool, stall: true, statement: /authors/ }
    await expect(
      expectRequestCancelled(
        app(() => books(pool)),
        '/',
        options,
      ),
    ).rejects.toThrow(/none matches \/authors\/ among\s+SELECT 1 AS books/)
  })

  it('with a hint where the pool’s copy of pg is not instrumented', async () => {
    const pool = postgres.pool()
    // As a bundle would have it: a statement that the ledger does not hear of.
    const handler = app(() => unrecorded(() => pool.query('SELECT pg_sleep(3)')))
    const { connectionString } = postgres
    await expect(
      expectRequestCancelled(handler, '/', { connectionString, timeoutMs: 1_500 }),
    ).rejects.toThrow(/SELECT pg_sleep\(3\).*not instrumented.*instrument\(pool\)/)
  })
})
