import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** A look at one database from outside its application: everything is asked of PostgreSQL. */
export async function observe({ name, connectionString }, server) {
  const observer = new pg.Client({ connectionString: server.connectionString })
  const locker = new pg.Client({ connectionString })
  await Promise.all([observer.connect(), locker.connect()])
  const ask = (where, values = []) =>
    observer
      .query(
        `SELECT pid, query_start::text AS since, xact_start::text AS "xactSince"
           FROM pg_stat_activity WHERE datname = $1 AND ${where}`,
        [name, ...values],
      )
      .then(({ rows }) => rows)

  return {
    /** Makes everything wait that touches `products`, until `unlock`. */
    lock: () => locker.query('BEGIN; LOCK TABLE products IN ACCESS EXCLUSIVE MODE'),
    unlock: () => locker.query('ROLLBACK'),
    /** How many orders have been committed. */
    async countOrders() {
      const { rows } = await locker.query('SELECT count(*)::int AS count FROM orders')
      return rows[0].count
    },
    /** The backend that comes to wait for the lock and is not among `known`, or undefined. */
    async findWaiting(known, withinMs) {
      const deadline = performance.now() + withinMs
      while (performance.now() < deadline) {
        const [backend] = await ask(
          `state = 'active' AND wait_event_type = 'Lock' AND pid <> ALL ($2)`,
          [known.map(({ pid }) => pid)],
        )
        if (backend) return backend
        await sleep(10)
      }
      return undefined
    },
    /**
     * Milliseconds until the backend is no longer in that statement; undefined where it is for longer. PostgreSQL sets
     * query_start anew when a statement that was parsed is bound, and again when it is executed; another statement has
     * another transaction as well.
     */
    async untilEnded({ pid, since, xactSince }, withinMs) {
      const started = performance.now()
      while (performance.now() < started + withinMs) {
        const running = await ask(
          `pid = $2 AND state = 'active' AND (query_start = $3::timestamptz OR xact_start = $4::timestamptz)`,
          [pid, since, xactSince],
        )
        if (running.length === 0) return Math.round(performance.now() - started)
        await sleep(5)
      }
      return undefined
    },
    /** Waits until nothing of the application runs or is in a transaction. */
    async untilIdle(withinMs) {
      const deadline = performance.now() + withinMs
      while (performance.now() < deadline) {
        const busy = await ask(`state <> 'idle' AND pid <> $2`, [locker.processID])
        if (busy.length === 0) return
        await sleep(20)
      }
    },
    /** Whether the backend is still connected. */
    async isThere({ pid }) {
      return (await ask('pid = $2', [pid])).length === 1
    },
    close: () => Promise.all([observer.end(), locker.end()]),
  }
}
