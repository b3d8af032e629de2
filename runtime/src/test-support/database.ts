import { setTimeout as sleep } from 'node:timers/promises'
import { createTestDatabase } from '@ctx-fix/fixtures/test-database'
import pg from 'pg'
import { afterAll, afterEach, beforeAll } from 'vitest'
import '../pg/index.js'

export interface TestPostgres {
  /** Address of the database of this test file. */
  readonly connectionString: string
  /** A pool that ends with the test. */
  pool(config?: pg.PoolConfig): pg.Pool
  /** A connected client that ends with the test. */
  client(config?: pg.ClientConfig): Promise<pg.Client>
  /** Whether a backend executes a statement that contains `marker`. */
  isRunning(marker: string): Promise<boolean>
  /** Resolves when it does; fails after twenty seconds. */
  untilRunning(marker: string): Promise<void>
  /** Resolves when none does; fails after twenty seconds. */
  untilStopped(marker: string): Promise<void>
}

/** A database for the calling test file, with an observer whose own statements never count. */
export function useDatabase(): TestPostgres {
  let connectionString = ''
  let observer: pg.Client | undefined
  let drop: (() => Promise<void>) | undefined
  let endings: (() => Promise<void>)[] = []

  beforeAll(async () => {
    const database = await createTestDatabase()
    ;({ connectionString } = database)
    drop = () => database.drop()
    observer = new pg.Client({ connectionString })
    await observer.connect()
  })
  afterEach(async () => {
    const due = endings
    endings = []
    await Promise.all(due.map((end) => end()))
  })
  afterAll(async () => {
    await observer?.end()
    await drop?.()
  })

  const isRunning = async (marker: string): Promise<boolean> => {
    const result = await observer?.query(
      `SELECT FROM pg_stat_activity
        WHERE state = 'active' AND pid <> pg_backend_pid() AND position($1 IN query) > 0`,
      [marker],
    )
    return (result?.rowCount ?? 0) > 0
  }
  const until = async (wanted: boolean, marker: string): Promise<void> => {
    const deadline = performance.now() + 20_000
    while ((await isRunning(marker)) !== wanted) {
      if (performance.now() > deadline) throw new Error(`${marker}: still ${String(!wanted)}`)
      await sleep(5)
    }
  }
  return {
    get connectionString() {
      return connectionString
    },
    pool(config) {
      const pool = new pg.Pool({ connectionString, ...config })
      endings.push(() => pool.end())
      return pool
    },
    async client(config) {
      const client = new pg.Client({ connectionString, ...config })
      await client.connect()
      endings.push(() => client.end())
      return client
    },
    isRunning,
    untilRunning: (marker) => until(true, marker),
    untilStopped: (marker) => until(false, marker),
  }
}

/** Which backend serves `queryable`: the same pid means the same connection. */
export async function backendPid(
  queryable: Pick<pg.Client | pg.Pool, 'query'>,
): Promise<number | undefined> {
  const { rows } = await (queryable as pg.Pool).query<{ pid: number }>(
    'SELECT pg_backend_pid() AS pid',
  )
  return rows[0]?.pid
}

/** A statement that runs until `holdLock` lets go of `key`, and can be found on the server. */
export function untilReleased(key: number, marker: string): string {
  return `SELECT pg_advisory_xact_lock(${key}) /* ${marker} */`
}

/** Takes the lock `key`; what is returned lets go of it. */
export async function holdLock(postgres: TestPostgres, key: number): Promise<() => Promise<void>> {
  const holder = await postgres.client()
  await holder.query('SELECT pg_advisory_lock($1)', [key])
  return async () => {
    await holder.query('SELECT pg_advisory_unlock($1)', [key])
  }
}

/** A statement that runs for half a minute and can be found on the server. */
export function slow(marker: string): string {
  return `SELECT pg_sleep(30) /* ${marker} */`
}
