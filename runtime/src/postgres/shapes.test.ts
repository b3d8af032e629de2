import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withSignal } from '../index.js'
import { useDatabase } from '../test-support/database.js'
import { connectPostgresJs, leaveDuring, pidOf } from '../test-support/postgres-js.js'

const postgres = useDatabase()
const connect = (): Sql => connectPostgresJs(postgres.connectionString)

function fileOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ctx-fix-sql-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  const path = join(folder, 'statement.sql')
  writeFileSync(path, text)
  return path
}

const SLOW = 'SELECT n, pg_sleep(CASE n WHEN 4 THEN 30 ELSE 0 END) FROM generate_series(1, 9) n'

const shapes: Record<string, (sql: Sql, rows: (batch: unknown) => void) => PromiseLike<unknown>> = {
  'a tagged statement': (sql) => sql`SELECT pg_sleep(${30}::float8) /* shape */`,
  'a simple statement': (sql) => sql`SELECT pg_sleep(30) /* shape */`.simple(),
  'several statements': (sql) => sql.unsafe('SELECT 1; SELECT pg_sleep(30) /* shape */'),
  'a text with values': (sql) => sql.unsafe('SELECT pg_sleep($1) /* shape */', [30]),
  'a statement from a file': (sql) => sql.file(fileOf('SELECT pg_sleep(30) /* shape */')),
  'one from a file, in a transaction': (sql) =>
    sql.begin((tx) => tx.file(fileOf('SELECT pg_sleep(30) /* shape */'))),
  'rows as values': (sql) => sql`SELECT pg_sleep(30) /* shape */`.values(),
  'forEach()': (sql, rows) => sql.unsafe(`${SLOW} /* shape */`).forEach(rows),
  'a cursor with a reader': (sql, rows) => sql.unsafe(`${SLOW} /* shape */`).cursor(2, rows),
  'a cursor that is iterated': async (sql, rows) => {
    for await (const batch of sql.unsafe(`${SLOW} /* shape */`).cursor(2)) rows(batch)
  },
  'a reservation': async (sql) => {
    const reserved = await sql.reserve()
    try {
      return await reserved`SELECT pg_sleep(30) /* shape */`
    } finally {
      reserved.release()
    }
  },
}

describe.each(Object.entries(shapes))('%s', (_, run) => {
  it('is cancelled, and its connection kept', async () => {
    const sql = connect()
    const pid = await pidOf(sql)
    // The second time with what was prepared the first time.
    for (let time = 0; time < 2; time++) {
      const error = await leaveDuring(
        postgres,
        'shape',
        () => run(sql, () => undefined),
        // A cursor is then at the rows that are slow, and not between two fetches.
        () => sleep(30),
      )
      expect(error).toMatchObject({ outcome: 'cancelled', pgError: { code: '57014' } })
    }
    // Without a gap for each row that had come before.
    expect(await sql`SELECT pg_backend_pid() AS pid`).toEqual([{ pid }])
  })

  it('sends nothing after the abort', async () => {
    const sql = connect()
    const rows: unknown[] = []
    const refused = withSignal(AbortSignal.abort(), () => run(sql, (batch) => rows.push(batch)))
    await expect(refused).rejects.toMatchObject({ outcome: 'not-sent' })
    expect(rows).toEqual([])
    expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
  })
})

describe('a cursor that nobody aborts', () => {
  it('gives all of its rows, by both ways', async () => {
    const sql = connect()
    await withSignal(new AbortController().signal, async () => {
      const text = 'SELECT n FROM generate_series(1, 5) n'
      const read: unknown[] = []
      await sql.unsafe(text).cursor(2, (batch) => void read.push(...batch))
      for await (const batch of sql.unsafe(text).cursor(2)) read.push(...batch)
      expect(read).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5].map((n) => ({ n })))
      for await (const batch of sql.unsafe(text).cursor(2)) {
        expect(batch).toHaveLength(2)
        break
      }
      expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
    })
  })

  it('describes a statement', async () => {
    const sql = connect()
    const described = await withSignal(new AbortController().signal, () =>
      sql`SELECT ${1}::int AS n`.describe(),
    )
    expect(described.columns).toMatchObject([{ name: 'n' }])
    expect(await sql`SELECT 1 AS n`).toEqual([{ n: 1 }])
  })
})

describe('between two fetches', () => {
  const text = 'SELECT n FROM generate_series(1, 9) n'

  it.each([0, 20])('a cursor ends without waiting for its reader, %d ms later', async (ms) => {
    const sql = connect()
    const pid = await pidOf(sql)
    const controller = new AbortController()
    const reading = withSignal(controller.signal, () =>
      sql.unsafe(text).cursor(2, () => {
        if (ms === 0) controller.abort()
        else {
          setTimeout(() => {
            controller.abort()
          }, ms)
        }
        // Not in its types.
        return new Promise(() => undefined) as never
      }),
    )
    await expect(reading).rejects.toMatchObject({ outcome: 'unknown' })
    // Which it would not be after the grace period.
    expect(await pidOf(sql)).toBe(pid)
  })

  it('whoever iterates hears of the abort, and takes the rows for no whole', async () => {
    const sql = connect()
    const controller = new AbortController()
    const read: unknown[] = []
    const reading = withSignal(controller.signal, async () => {
      for await (const batch of sql.unsafe(text).cursor(2)) {
        read.push(...batch)
        controller.abort()
        await withSignal(null, () => sql`SELECT 1`)
      }
    })
    await expect(reading).rejects.toMatchObject({ outcome: 'unknown' })
    expect(read).toHaveLength(2)
  })
})

describe('COPY', () => {
  it('out ends with its signal, also when nobody reads', async () => {
    const sql = connect()
    const pid = await pidOf(sql)
    const controller = new AbortController()
    await withSignal(controller.signal, async () => {
      const copy = sql`COPY (SELECT repeat('x', 1000) FROM generate_series(1, 100000)) TO STDOUT`
      const rows: Readable = await copy.readable()
      controller.abort()
      await expect(finished(rows)).rejects.toMatchObject({ name: 'AbortError' })
    })
    expect(await pidOf(sql)).toBe(pid)
  })

  it('in ends with its signal, also when nobody writes, and keeps nothing', async () => {
    const sql = connect()
    await sql`CREATE TABLE copied (n int)`
    const pid = await pidOf(sql)
    const controller = new AbortController()
    await withSignal(controller.signal, async () => {
      const rows: Writable = await sql`COPY copied FROM STDIN`.writable()
      rows.write('1\n')
      controller.abort()
      await expect(finished(rows)).rejects.toMatchObject({ outcome: 'cancelled' })
    })
    expect(await pidOf(sql)).toBe(pid)
    expect(await sql`SELECT * FROM copied`).toEqual([])
  })

  it('goes on to its end when nobody aborts', async () => {
    const sql = connect()
    await sql`CREATE TABLE whole (n int)`
    await withSignal(new AbortController().signal, async () => {
      const rows: Writable = await sql`COPY whole FROM STDIN`.writable()
      rows.end('1\n2\n')
      await finished(rows)
    })
    expect(await sql`SELECT * FROM whole`).toEqual([{ n: 1 }, { n: 2 }])
  })
})

describe('a transaction', () => {
  it('whose signal aborts when all is done but COMMIT is rolled back', async () => {
    const sql = connect()
    await sql`CREATE TABLE uncommitted (n int)`
    const controller = new AbortController()
    const transaction = withSignal(controller.signal, () =>
      sql.begin(async (tx) => {
        await tx`INSERT INTO uncommitted VALUES (1)`
        controller.abort()
      }),
    )
    await expect(transaction).rejects.toMatchObject({ outcome: 'not-sent' })
    expect(await sql`SELECT * FROM uncommitted`).toEqual([])
  })

  it('sends what it does not wait for before its COMMIT', async () => {
    const sql = connect()
    await sql`CREATE TABLE unawaited (n int, xid text)`
    await withSignal(new AbortController().signal, () =>
      sql.begin((tx) => {
        for (const n of [1, 2, 3]) {
          void tx`INSERT INTO unawaited VALUES (${n}, pg_current_xact_id())`.execute()
        }
      }),
    )
    expect(
      await sql`SELECT count(*)::int AS n, count(DISTINCT xid)::int AS xids FROM unawaited`,
    ).toEqual([{ n: 3, xids: 1 }])
  })
})

it('whoever listens goes on to', async () => {
  const sql = connect()
  const heard: string[] = []
  const controller = new AbortController()
  const listening = await withSignal(controller.signal, () =>
    sql.listen('news', (payload) => void heard.push(payload)),
  )
  controller.abort()
  await sql.notify('news', 'later')
  await expect.poll(() => heard).toEqual(['later'])
  await listening.unlisten()
})
