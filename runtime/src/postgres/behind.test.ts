import { setTimeout as sleep } from 'node:timers/promises'
import type { ReservedSql, Sql } from 'postgres'
import { describe, expect, it } from 'vitest'
import { deriveSignal, withSignal } from '../index.js'
import { useDatabase } from '../test-support/database.js'
import { connectPostgresJs, pidOf } from '../test-support/postgres-js.js'

const postgres = useDatabase()
const connect = (): Sql => connectPostgresJs(postgres.connectionString)

/** Leaves a statement that was given to its connection while that executes an ordinary one, which goes on. */
async function leaveBehind(
  reserved: ReservedSql,
  work: () => PromiseLike<unknown>,
): Promise<unknown> {
  let isOver = false
  const ordinary = withSignal(null, () =>
    reserved`SELECT pg_sleep(0.4) /* ordinary */`.execute(),
  ).then(() => {
    isOver = true
  })
  await postgres.untilRunning('ordinary')
  const controller = new AbortController()
  const left = withSignal(controller.signal, async () => work()).catch((error: unknown) => error)
  await sleep(20)
  controller.abort()
  const error = await left
  expect(isOver).toBe(false)
  await ordinary
  return error
}

describe('a statement behind an ordinary one', () => {
  it('is not executed for whoever left, where it has to be described', async () => {
    const sql = connect()
    await sql`CREATE TABLE behind (n int)`
    const reserved = await sql.reserve()
    const insert = () => reserved`INSERT INTO behind VALUES (${1})`
    const select = () => reserved`SELECT pg_sleep(30), ${1}::int`
    for (const work of [insert, select]) {
      expect(await leaveBehind(reserved, work)).toMatchObject({
        outcome: 'not-sent',
        phase: 'queue',
      })
    }
    expect(await reserved`SELECT * FROM behind`).toEqual([])
    // Prepared by now.
    await reserved`INSERT INTO behind VALUES (${2})`
    expect(await reserved`SELECT * FROM behind`).toEqual([{ n: 2 }])
    reserved.release()
  })

  it.each<[string, (sql: ReservedSql) => PromiseLike<unknown>]>([
    ['statement', (sql) => sql`SELECT pg_sleep(30)`],
    ['cursor', (sql) => sql`SELECT pg_sleep(30)`.cursor(2, () => undefined)],
    [
      'cursor that is iterated',
      async (sql) => {
        for await (const _ of sql`SELECT pg_sleep(30)`.cursor(2));
      },
    ],
    ['COPY out', (sql) => sql`COPY (SELECT pg_sleep(30)) TO STDOUT`.readable()],
    ['COPY in', (sql) => sql`COPY pg_temp.filled FROM STDIN`.writable()],
  ])('is unknown to whoever left, and cancelled at its turn: a %s', async (_, work) => {
    const sql = connect()
    const reserved = await sql.reserve()
    const pid = await pidOf(reserved)
    await reserved`CREATE TEMPORARY TABLE filled (n int)`
    const error = await leaveBehind(reserved, () => work(reserved))
    expect(error).toMatchObject({ outcome: 'unknown', phase: 'queue' })
    // After the grace period it would be another connection.
    expect(await pidOf(reserved)).toBe(pid)
    reserved.release()
    expect(await pidOf(sql)).toBe(pid)
  })

  it('ends at its deadline where a pool gave it the connection', async () => {
    const sql = connect()
    await sql`SELECT 1`
    // The second goes to the connection together with the reservation behind it.
    const first = sql`SELECT pg_sleep(${0.2}::float8)`.execute()
    await sleep(20)
    const second = sql`SELECT pg_sleep(2)`.execute()
    await sleep(10)
    const signal = deriveSignal(null, { timeoutMs: 500 })
    const left = withSignal(signal, async () => sql`SELECT 1`).catch((error: unknown) => error)
    expect(await Promise.race([left, second])).toMatchObject({ name: 'TimeoutError' })
    await Promise.all([first, second])
    expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
  })
})
