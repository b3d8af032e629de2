import Cursor from 'pg-cursor'
import type pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { onAbort } from '../../abort-listeners.js'
import { deriveSignal, withSignal } from '../../index.js'
import { guarantees } from '../../pg/internals.js'
import { useDatabase } from '../../test-support/database.js'
import { delayBinds } from '../../test-support/slow-bind.js'
import { asJob, Ledger } from '../index.js'
import { probe, type ProbeResult } from './probe.js'

// What `ctx-fix prove` does with one statement: a job sends it, and is cancelled while PostgreSQL sleeps ahead of it.
const postgres = useDatabase()
const BOOKS = { text: 'SELECT $1::int AS books', values: [7] }

type Job = (pool: pg.Pool, signal: AbortSignal) => Promise<unknown>

async function verdictOf(job: Job, config?: pg.PoolConfig, hang = 20): Promise<ProbeResult> {
  const pool = postgres.pool({ max: 1, ...config })
  const ledger = new Ledger()
  ledger.start()
  onTestFinished(() => {
    ledger.stop()
  })
  const found = new Promise<ProbeResult>((resolve, reject) => {
    ledger.beforeSend = (record, statement) => {
      if (!record.sql.includes('books')) return undefined
      probe(record, statement, 400).then(resolve, reject)
      return statement.gate(`SELECT pg_sleep(${hang})`)
    }
  })
  const done = asJob('mails', (signal) => job(pool, signal)).catch(() => undefined)
  const verdict = await found
  await done
  return verdict
}

it('is cancelled where the signal is passed on', async () => {
  const verdict = await verdictOf((pool, signal) => pool.query({ ...BOOKS, signal }))
  expect(verdict).toMatchObject({ verdict: 'cancelled' })
})

it('is cancelled in a cursor, whose caller is refused before the server has answered', async () => {
  const verdict = await verdictOf(async (pool, signal) => {
    const client = await pool.connect()
    try {
      await withSignal(signal, () => client.query(new Cursor(BOOKS.text, [7])).read(1))
    } finally {
      client.release()
    }
  })
  expect(verdict).toMatchObject({ verdict: 'cancelled' })
})

it.each<[string, Job]>([
  ['no signal is passed on', (pool) => pool.query(BOOKS)],
  [
    'the caller is rejected and the statement goes on',
    (pool, signal) =>
      Promise.race([
        pool.query(BOOKS),
        new Promise((_resolve, reject) => {
          onAbort(signal, () => {
            reject(signal.reason as Error)
          })
        }),
      ]),
  ],
])('runs on where %s', async (_, job) => {
  expect(await verdictOf(job)).toEqual({ verdict: 'ran-on' })
})

it('runs on where the runtime is broken: the caller is refused, and no cancel is sent', async () => {
  guarantees.sendCancel = false
  onTestFinished(() => {
    guarantees.sendCancel = true
  })
  expect(await verdictOf((pool, signal) => pool.query({ ...BOOKS, signal }))).toEqual({
    verdict: 'ran-on',
  })
})

it('runs on where it is bound late, whereby PostgreSQL gives it another start', async () => {
  const late: Job = async (pool) => {
    const client = await pool.connect()
    delayBinds(client, 150)
    try {
      await client.query(BOOKS)
    } finally {
      client.release()
    }
  }
  expect(await verdictOf(late)).toEqual({ verdict: 'ran-on' })
})

it.each<[string, Job, pg.PoolConfig, number]>([
  ['timeout', (pool) => pool.query(BOOKS), { statement_timeout: 250 }, 20],
  [
    'timeout',
    (pool) => pool.query({ ...BOOKS, signal: deriveSignal(null, { timeoutMs: 300 }) }),
    {},
    20,
  ],
  ['completion', (pool) => pool.query(BOOKS), {}, 0.25],
  ['error', (pool) => pool.query('SELECT 1 / (SELECT 0) AS books'), {}, 0.25],
  [
    'closed',
    async (pool, signal) => {
      const client = await pool.connect()
      const { processID } = client as unknown as { processID: number }
      client.on('error', () => undefined)
      onAbort(signal, () => {
        void postgres.pool().query('SELECT pg_terminate_backend($1)', [processID])
      })
      await client.query(BOOKS).finally(() => {
        client.release(true)
      })
    },
    {},
    20,
  ],
])('is not cancelled where its end is of another kind: %s', async (endedBy, job, config, hang) => {
  expect(await verdictOf(job, config, hang)).toEqual({ verdict: 'ended-otherwise', endedBy })
})
