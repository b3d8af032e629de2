import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import knexOf from 'knex'
import { Sequelize } from 'sequelize'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AbortError, deriveSignal, statusOf, withSignal } from '../index.js'
import { instrument } from './index.js'
import { slow, useDatabase } from '../test-support/database.js'

const postgres = useDatabase()

interface Queryable {
  query(text: string): Promise<unknown>
}

/** Each with room for one connection, and half a minute's patience. */
const libraries: Record<string, () => Queryable> = {
  knex() {
    const db = knexOf({
      client: 'pg',
      connection: postgres.connectionString,
      pool: { min: 0, max: 1 },
      acquireConnectionTimeout: 30_000,
      log: { warn: () => undefined },
    })
    onTestFinished(() => db.destroy())
    return { query: (text) => Promise.resolve(db.raw(text)) }
  },
  sequelize() {
    const db = new Sequelize(postgres.connectionString, {
      logging: false,
      pool: { max: 1, acquire: 30_000 },
    })
    onTestFinished(() => db.close())
    return { query: (text) => db.query(text) }
  },
}

/** Holds the one connection of `db` until the signal that is returned aborts. */
async function occupy(db: Queryable): Promise<() => Promise<void>> {
  const controller = new AbortController()
  const held = withSignal(controller.signal, () => db.query(slow('occupied'))).catch(
    () => undefined,
  )
  await postgres.untilRunning('occupied')
  return async () => {
    controller.abort()
    await held
  }
}

describe.each(Object.keys(libraries))('a full pool of %s', (name) => {
  const connect = (): Queryable => (libraries[name] as () => Queryable)()

  it('is waited for until the deadline, and the answer is 503', async () => {
    const db = connect()
    const free = await occupy(db)
    const startedAt = performance.now()
    const signal = deriveSignal(null, { timeoutMs: 100 })
    const error: unknown = await withSignal(signal, () => db.query('SELECT 1')).catch(
      (error: unknown) => error,
    )
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    expect(error).toMatchObject({ name: 'TimeoutError', outcome: 'not-sent', phase: 'pool' })
    expect((error as AbortError).message).toContain('went on waiting for a client of the pool')
    expect(statusOf(error)).toBe(503)
    await free()
    await expect(db.query('SELECT 1')).resolves.toBeDefined()
  })

  it('serves those in line behind one that has left, and keeps no listener', async () => {
    const db = connect()
    const free = await occupy(db)
    const controller = new AbortController()
    const left = withSignal(controller.signal, () => db.query('SELECT 1')).catch(
      (error: unknown) => error,
    )
    const waiting = new AbortController()
    const served = withSignal(waiting.signal, () => db.query('SELECT 1'))
    await sleep(50)
    controller.abort()
    expect(await left).toMatchObject({ name: 'AbortError', outcome: 'not-sent' })
    await free()
    await expect(served).resolves.toBeDefined()
    expect(getEventListeners(waiting.signal, 'abort')).toHaveLength(0)
  })

  it('is not waited for after the abort, when cleanup takes a connection that is free', async () => {
    const db = connect()
    const free = await occupy(db)
    const cleanUp = () =>
      withSignal(AbortSignal.abort(), () => db.query('SELECT pg_advisory_unlock_all()'))
    await expect(cleanUp()).rejects.toMatchObject({ outcome: 'not-sent' })
    await free()
    await expect(cleanUp()).resolves.toBeDefined()
  })
})

it('a deadline that passes on the server is told through what Sequelize wraps it in', async () => {
  const db = (libraries['sequelize'] as () => Queryable)()
  // To open a connection may take longer on a busy machine.
  await db.query('SELECT 1')
  const signal = deriveSignal(null, { timeoutMs: 1_000 })
  const error: unknown = await withSignal(signal, () => db.query(slow('wrapped'))).catch(
    (error: unknown) => error,
  )
  expect(error).not.toBeInstanceOf(AbortError)
  expect(statusOf(error)).toBe(504)
})

it('a pool is taken by instrument(), for one that was bundled', () => {
  const { client } = knexOf({ client: 'pg', connection: postgres.connectionString }) as unknown as {
    client: { pool: object }
  }
  expect(() => {
    instrument(client.pool)
  }).not.toThrow()
})
