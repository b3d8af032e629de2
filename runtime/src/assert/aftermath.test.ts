import { createServer, type Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { requestSignal } from '../http/node.js'
import { deriveSignal, detached } from '../index.js'
import { useDatabase } from '../test-support/database.js'
import { expectCancelled, expectRequestCancelled } from './index.js'

// What is left of a request or a call when the statement that was looked at has been cancelled.
const postgres = useDatabase()
const SLOW = 'SELECT pg_sleep(9) AS books'

beforeAll(async () => {
  const client = new pg.Client({ connectionString: postgres.connectionString })
  await client.connect()
  await client.query('CREATE TABLE shelf (n int)')
  await client.end()
})

type Work = (pool: pg.Pool, signal: AbortSignal, other: pg.Pool) => Promise<unknown>

const books = (pool: Pick<pg.Pool, 'query'>, signal: AbortSignal): Promise<unknown> =>
  pool.query({ text: SLOW, signal })

function handlerOf(work: (signal: AbortSignal) => Promise<unknown>): Server {
  return createServer((request, response) => {
    work(requestSignal(request, response)).then(
      () => response.end(),
      () => response.end(),
    )
  })
}

async function proofOf(work: Work, quietForMs?: number): Promise<unknown> {
  const [pool, other] = [postgres.pool(), postgres.pool()]
  const handler = handlerOf((signal) => work(pool, signal, other))
  return expectRequestCancelled(handler, '/', {
    pool,
    statement: /books/,
    withinMs: 300,
    ...(quietForMs === undefined ? {} : { quietForMs }),
  })
}

/** In a transaction beside it, which goes on when the statement is cancelled. */
function beside(statement: string, end: string): Work {
  return async (pool, signal, other) => {
    const client = await other.connect()
    try {
      await client.query('BEGIN')
      await client.query(statement)
      await books(pool, signal).catch(() => undefined)
      await client.query(end)
    } finally {
      client.release()
    }
  }
}

/** The cancelled statement itself is in the transaction. */
function within(...afterwards: string[]): Work {
  return async (pool, signal) => {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      await client.query('INSERT INTO shelf VALUES (1)')
      await client.query('SAVEPOINT s')
      await books(client, signal).catch(() => undefined)
      for (const text of afterwards) await client.query(text)
    } finally {
      client.release()
    }
  }
}

describe('a request is not over', () => {
  it.each<[string, RegExp, Work, number?]>([
    [
      'while a statement of it runs on another pool',
      /until its other statements end[^]*AS authors/,
      (pool, signal, other) =>
        Promise.all([books(pool, signal), other.query('SELECT pg_sleep(1) AS authors')]),
    ],
    [
      'where it tries again after a pause',
      /went on after it was given up[^]*AS again/,
      (pool, signal) =>
        books(pool, signal)
          .catch(() => sleep(150))
          .then(() => pool.query('SELECT 1 AS again')),
      300,
    ],
    [
      'where it commits what it has written beside the statement',
      /committed what it had written after it was given up[^]*COMMIT/,
      beside('INSERT INTO shelf VALUES (1)', 'COMMIT'),
    ],
    [
      'where it commits what it has written before the statement',
      /committed what it had written/,
      within('ROLLBACK TO s', 'COMMIT'),
    ],
  ])('%s', async (_, message, work, quietForMs) => {
    await expect(proofOf(work, quietForMs)).rejects.toThrow(message)
    await postgres.untilStopped('authors')
  })
})

describe('a request is over', () => {
  it.each<[string, Work]>([
    ['where its other transaction is rolled back', beside('DELETE FROM shelf', 'ROLLBACK')],
    ['where its other transaction has only read', beside('SELECT 1', 'COMMIT')],
    ['where its COMMIT ends a transaction that has failed', within('COMMIT')],
    ['where a COMMIT follows what was rolled back', within('ROLLBACK', 'BEGIN', 'COMMIT')],
    [
      'beside work that is detached',
      (pool, signal, other) => {
        void detached('audit', () => other.query('SELECT pg_sleep(0.6) AS audit'))
        return books(pool, signal)
      },
    ],
  ])('%s', async (_, work) => {
    await proofOf(work)
    await postgres.untilStopped('audit')
  })
})

describe('a deadline of the statement’s own proves nothing', () => {
  const own: Work = (pool) => books(pool, deriveSignal(null, { timeoutMs: 600 }))
  it.each<[string, Work]>([
    ['that comes after the client has left', own],
    ['of the platform', (pool) => books(pool, AbortSignal.timeout(600))],
  ])('%s', async (_, work) => {
    const pool = postgres.pool()
    const proof = expectRequestCancelled(
      handlerOf((signal) => work(pool, signal, pool)),
      '/',
      { pool, statement: /books/ },
    )
    await expect(proof).rejects.toThrow('a deadline of its own had it cancelled')
  })

  it('to expectCancelled either', async () => {
    const pool = postgres.pool()
    const proof = expectCancelled((signal) => own(pool, signal, pool), { pool })
    await expect(proof).rejects.toThrow('a deadline of its own had it cancelled')
  })

  it('and takes nothing from a statement that the client’s leaving ends first', async () => {
    const pool = postgres.pool()
    const handler = handlerOf((signal) => books(pool, deriveSignal(signal, { timeoutMs: 9_000 })))
    await expectRequestCancelled(handler, '/', { pool, statement: /books/ })
  })
})

describe('a call is not over', () => {
  it('while a statement of it runs on another pool', async () => {
    const [pool, other] = [postgres.pool(), postgres.pool()]
    const proof = expectCancelled(
      (signal) => Promise.all([books(pool, signal), other.query('SELECT pg_sleep(1) AS authors')]),
      { pool, statement: /books/, withinMs: 300 },
    )
    await expect(proof).rejects.toThrow(/until its other statements end[^]*AS authors/)
    await postgres.untilStopped('authors')
  })

  it('where it sends another statement', async () => {
    const pool = postgres.pool()
    const proof = expectCancelled(
      (signal) => books(pool, signal).finally(() => pool.query('SELECT 1 AS again')),
      { pool, statement: /books/ },
    )
    await expect(proof).rejects.toThrow(/the call went on after it was given up[^]*AS again/)
  })
})
