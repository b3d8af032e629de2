import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AbortError, deriveSignal, statusOf, withSignal } from '../index.js'
import { instrument } from '../pg/index.js'
import { useDatabase } from '../test-support/database.js'
import { prismaOver, type Prisma } from '../test-support/prisma.js'

const postgres = useDatabase()

/** Two tables that `holder` has locked, and a client of Prisma, with what it sends. */
async function setUp(): Promise<{ prisma: Prisma; holder: pg.Client; statements: string[] }> {
  const holder = await postgres.client()
  await holder.query(`
    DROP TABLE IF EXISTS things, others;
    CREATE TABLE things (id int PRIMARY KEY); INSERT INTO things VALUES (1), (2);
    CREATE TABLE others (id int PRIMARY KEY); INSERT INTO others VALUES (1)`)
  const statements: string[] = []
  const prisma = await prismaOver(postgres.connectionString, (text) => statements.push(text))
  onTestFinished(() => prisma.$disconnect())
  await holder.query('BEGIN; LOCK TABLE things, others')
  return { prisma, holder, statements }
}

/** What becomes of `read` under a signal of its own. */
function caller(read: () => unknown) {
  const controller = new AbortController()
  const outcome = withSignal(controller.signal, read).then(
    (value) => ({ value }),
    (error: unknown) => ({ error: (error as Error).message }),
  )
  return {
    outcome,
    leave: (who: string) => {
      controller.abort(new Error(`${who} left`))
    },
  }
}

const thing = (prisma: Prisma, id: number) => () => prisma.thing.findUnique({ where: { id } })
const saying = (text: string) => ({ error: expect.stringContaining(text) as string })

describe('reads of several callers that Prisma merges into one statement', () => {
  it('are cancelled for nobody but him who leaves', async () => {
    const { prisma, holder, statements } = await setUp()
    const callers = [caller(thing(prisma, 1)), caller(thing(prisma, 2)), caller(thing(prisma, 1))]
    await postgres.untilRunning('"things"')
    callers[0]?.leave('the first')
    callers[2]?.leave('the last')
    // They need not wait for the statement.
    for (const [index, who] of [
      [0, 'the first'],
      [2, 'the last'],
    ] as const) {
      expect(await callers[index]?.outcome).toEqual(
        saying(`${who} left; the statement goes on for others`),
      )
    }
    await holder.query('ROLLBACK')
    expect(await callers[1]?.outcome).toEqual({ value: { id: 2 } })
    expect(statements).toHaveLength(1)
    expect(statements[0]).toContain('IN ($1,$2')
  })

  it('are cancelled on the server when all have left', async () => {
    const { prisma } = await setUp()
    const callers = [caller(thing(prisma, 1)), caller(thing(prisma, 2))]
    await postgres.untilRunning('"things"')
    callers[1]?.leave('the second')
    await sleep(30)
    expect(await postgres.isRunning('"things"')).toBe(true)
    callers[0]?.leave('the first')
    expect(await callers[0]?.outcome).toEqual(
      saying('the first left; PostgreSQL cancelled the statement'),
    )
    await postgres.untilStopped('"things"')
  })

  it('run on where one of them has no signal', async () => {
    const { prisma, holder } = await setUp()
    const leaving = caller(thing(prisma, 1))
    const staying = Promise.resolve(prisma.thing.findUnique({ where: { id: 2 } }))
    await postgres.untilRunning('"things"')
    leaving.leave('the other')
    expect(await leaving.outcome).toEqual(saying('the other left'))
    await holder.query('ROLLBACK')
    expect(await staying).toEqual({ id: 2 })
  })

  it('are one statement under one signal, where the caller is the same', async () => {
    const { prisma } = await setUp()
    const both = caller(() => Promise.all([thing(prisma, 1)(), thing(prisma, 2)()]))
    await postgres.untilRunning('"things"')
    both.leave('the caller')
    expect(await both.outcome).toEqual(saying('PostgreSQL cancelled the statement'))
    await postgres.untilStopped('"things"')
  })
})

describe('reads of one tick that are not merged', () => {
  it('are cancelled each by its own caller', async () => {
    const { prisma, holder } = await setUp()
    const first = caller(thing(prisma, 1))
    const second = caller(() => prisma.other.findUnique({ where: { id: 1 } }))
    await postgres.untilRunning('"others"')
    second.leave('the second')
    expect(await second.outcome).toEqual(saying('PostgreSQL cancelled the statement'))
    await holder.query('ROLLBACK')
    expect(await first.outcome).toEqual({ value: { id: 1 } })
  })
})

describe('the error of an abort', () => {
  it('reaches the caller with its outcome, cause and phase', async () => {
    const { prisma } = await setUp()
    const controller = new AbortController()
    const read = withSignal(controller.signal, thing(prisma, 1))
    await postgres.untilRunning('"things"')
    const cause = new Error('the client left')
    controller.abort(cause)
    const error: unknown = await read.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(AbortError)
    expect(error).toMatchObject({ outcome: 'cancelled', phase: 'server', cause })
    expect(error).toMatchObject({ pgError: { code: '57014' } })
  })

  it('tells of a deadline, so that the answer is a 504', async () => {
    const { prisma } = await setUp()
    const signal = deriveSignal(null, { timeoutMs: 1_500 })
    const error: unknown = await withSignal(signal, thing(prisma, 1)).catch((e: unknown) => e)
    expect(error).toMatchObject({ name: 'TimeoutError', outcome: 'cancelled' })
    expect(statusOf(error)).toBe(504)
  })

  it('ends a transaction of several statements', async () => {
    const { prisma } = await setUp()
    const controller = new AbortController()
    const write = withSignal(controller.signal, () =>
      prisma.$transaction(async (tx) => {
        await tx.thing.findUnique({ where: { id: 1 } })
      }),
    )
    await postgres.untilRunning('"things"')
    controller.abort()
    const error: unknown = await write.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'AbortError', outcome: 'cancelled' })
  })

  it('is told from all others, which are those of Prisma', async () => {
    const { prisma, holder } = await setUp()
    await holder.query('ROLLBACK; DROP TABLE things')
    const { signal } = new AbortController()
    const error: unknown = await withSignal(signal, thing(prisma, 1)).catch((e: unknown) => e)
    expect(error).toMatchObject({ name: 'PrismaClientKnownRequestError', code: 'P2021' })
  })
})

describe('a client of Prisma', () => {
  it('may be instrumented again, also where it is extended', async () => {
    const { prisma, holder } = await setUp()
    instrument(prisma)
    const extended = prisma.$extends({ name: 'nothing' })
    instrument(extended)
    const callers = [caller(thing(extended, 1)), caller(thing(prisma, 2))]
    await postgres.untilRunning('"things"')
    callers[0]?.leave('the first')
    expect(await callers[0]?.outcome).toEqual(saying('the first left'))
    await holder.query('ROLLBACK')
    expect(await callers[1]?.outcome).toEqual({ value: { id: 2 } })
  })
})
