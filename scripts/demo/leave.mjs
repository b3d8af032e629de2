import { request as httpRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long the client waits before it goes away. */
const PATIENCE_MS = 500

/**
 * Sends a request, waits until its statement runs, takes the client away, and watches the backend in
 * pg_stat_activity until it is no longer in that statement. Asks only PostgreSQL, never the application.
 */
export async function leaveDuring({ method, path, body, statement }, { port, database, observer }) {
  const client = send({ port, method, path, body })
  const running = await findRunning(observer, database, statement)
  await sleep(PATIENCE_MS)
  if (!(await isRunning(observer, running))) {
    throw new Error(`${method} ${path}: its statement ended before the client could leave`)
  }

  client.request.destroy()
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

async function findRunning(observer, database, statement) {
  const deadline = performance.now() + 10_000
  while (performance.now() < deadline) {
    const { rows } = await observer.query(
      `SELECT pid, query_start::text AS since FROM pg_stat_activity
        WHERE datname = $1 AND state = 'active' AND query = $2`,
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
