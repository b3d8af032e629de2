import { request as httpRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long the client waits before it goes away. */
const PATIENCE_MS = 500

/** Sends a request and waits until its statement runs, as pg_stat_activity tells. */
export async function enter({ method, path, body, statement }, { port, database, observer }) {
  const { request } = send({ port, method, path, body })
  const running = await findRunning(observer, database, statement)
  return { name: `${method} ${path}`, request, running, observer }
}

/**
 * Takes the client of a running statement away and watches the backend in pg_stat_activity until it is
 * no longer in that statement. Asks only PostgreSQL, never the application.
 */
export async function leave({ name, request, running, observer }) {
  await sleep(PATIENCE_MS)
  if (!(await isRunning(observer, running))) {
    throw new Error(`${name}: its statement ended before the client could leave`)
  }

  request.destroy()
  const left = performance.now()
  while (await isRunning(observer, running)) await sleep(5)
  return { pid: running.pid, ms: Math.round(performance.now() - left) }
}

/** Sends a request and waits for its answer. */
export async function stay({ method, path, body }, { port }) {
  const started = performance.now()
  const status = await send({ port, method, path, body }).status
  return { status, ms: Math.round(performance.now() - started) }
}

function send({ port, method, path, body }) {
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    method,
    path,
    agent: false,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
  })
  const status = new Promise((resolve) => {
    request.on('response', (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
    })
    // The hang-up itself, where the client leaves.
    request.on('error', () => resolve(undefined))
  })
  request.end(body === undefined ? undefined : JSON.stringify(body))
  return { request, status }
}

/**
 * The backend that sleeps in the statement. One that has not come to sleep yet is not meant: PostgreSQL
 * moves `query_start` on when a statement that was parsed is bound, and again when it is executed.
 */
async function findRunning(observer, database, statement) {
  const deadline = performance.now() + 10_000
  while (performance.now() < deadline) {
    const { rows } = await observer.query(
      `SELECT pid, query_start::text AS since FROM pg_stat_activity
        WHERE datname = $1 AND state = 'active' AND wait_event = 'PgSleep' AND query = $2`,
      [database, statement],
    )
    if (rows[0]) return rows[0]
    await sleep(10)
  }
  throw new Error(`the statement did not start within 10 s: ${statement}`)
}

/** Whether that backend is still in that same statement, and not in a later one or gone. */
async function isRunning(observer, { pid, since }) {
  const { rowCount } = await observer.query(
    `SELECT FROM pg_stat_activity
      WHERE pid = $1 AND state = 'active' AND query_start = $2::timestamptz`,
    [pid, since],
  )
  return rowCount === 1
}
