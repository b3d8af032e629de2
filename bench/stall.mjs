// Which way to make a statement hang: for each, which statements it can hang, whether a cancel ends the hang, what
// it costs where nothing hangs, and what it leaves behind. The choice and its reasons are in docs/assert.md.
//
//   npm run build && node bench/stall.mjs
//
// - advisory lock: `SELECT pg_advisory_xact_lock_shared(key)` ahead of the statement, on its connection, as the shim
//   sends it; another session holds the lock. Let go by closing that session.
// - pg_sleep: `SELECT pg_sleep(s)` ahead of it. Ends by itself, and cannot be let go.
// - table lock: another session holds ACCESS EXCLUSIVE on a table of the statement's; nothing is sent ahead.
import { setTimeout as sleep } from 'node:timers/promises'
import { startPostgres } from '@ctx-fix/fixtures'
import '@ctx-fix/runtime/pg'
import { Ledger } from '@ctx-fix/runtime/assert'
import pg from 'pg'
import Cursor from 'pg-cursor'

const KEY = 4_711
/** How long a statement may take to be seen waiting. */
const SEEN_MS = 400

// The shim's own way to send something ahead of a statement.
const ledger = new Ledger()
let ahead
ledger.beforeSend = (_record, statement) => {
  const gate = ahead
  ahead = undefined
  return gate && statement.gate(gate)
}
ledger.start()

const sentAhead = (gate) => ({
  send: (client, statement) => {
    ahead = gate
    return statement(client)
  },
})
const methods = {
  'advisory lock': {
    ...sentAhead(`SELECT pg_advisory_xact_lock_shared(${KEY})`),
    hold: (holder) => holder.query(`SELECT pg_advisory_lock(${KEY})`),
    release: (holder) => holder.query(`SELECT pg_advisory_unlock(${KEY})`),
  },
  pg_sleep: {
    ...sentAhead('SELECT pg_sleep(20)'),
    hold: () => undefined,
    release: () => undefined,
  },
  'table lock': {
    send: (client, statement) => statement(client),
    hold: async (holder) => {
      await holder.query('BEGIN')
      await holder.query('LOCK TABLE books IN ACCESS EXCLUSIVE MODE')
    },
    release: (holder) => holder.query('ROLLBACK'),
  },
}

const transaction = (...before) => ({
  prepare: async (client) => {
    await client.query('BEGIN')
    for (const sql of before) await client.query(sql)
  },
})
const statements = {
  SELECT: { run: (client) => client.query('SELECT title FROM books') },
  'SELECT without a table': { run: (client) => client.query('SELECT 7') },
  INSERT: { run: (client) => client.query("INSERT INTO books (title) VALUES ('b')") },
  'prepared, parsed before': {
    prepare: (client) =>
      client.query({ name: 'n', text: 'SELECT $1::int FROM books', values: [1] }),
    run: (client) => client.query({ name: 'n', text: 'SELECT $1::int FROM books', values: [1] }),
  },
  cursor: {
    run: async (client) => {
      const cursor = client.query(new Cursor('SELECT title FROM books'))
      await cursor.read(1)
      await cursor.close()
    },
  },
  COPY: { run: (client) => client.query('COPY books TO STDOUT') },
  'DDL on the table': { run: (client) => client.query('ALTER TABLE books ADD COLUMN n int') },
  'DDL on another': { run: (client) => client.query('CREATE TABLE shelves (id int)') },
  VACUUM: { run: (client) => client.query('VACUUM books') },
  'second in a transaction': {
    ...transaction('SELECT 1'),
    run: (client) => client.query('SELECT title FROM books'),
  },
  'on what its transaction has locked': {
    // Nobody else can hold this lock then.
    ...transaction('CREATE TEMP TABLE mine AS SELECT 1 AS n', 'LOCK TABLE mine'),
    run: (client) => client.query('SELECT n FROM mine'),
  },
  'of another session, not meant': {
    isBystander: true,
    run: (client) => client.query('SELECT title FROM books'),
  },
}

const { connectionString, stop } = await startPostgres()
const setUp = await connect()
try {
  await setUp.query('CREATE TABLE books (id serial, title text)')
  const names = Object.keys(methods)
  console.log(`| statement | ${names.join(' | ')} |`)
  console.log(`| --- | ${names.map(() => '---').join(' | ')} |`)
  for (const [name, statement] of Object.entries(statements)) {
    const cells = []
    for (const method of Object.values(methods)) cells.push(await outcome(method, statement))
    console.log(`| ${name} | ${cells.join(' | ')} |`)
  }
  console.log(`| CPU of the client, µs a statement more | ${(await costs()).join(' | ')} |`)
} finally {
  await setUp.end()
  await stop()
}

/** Whether the statement hangs by this method, whether a cancel ends that, and whether it can be let go. */
async function outcome(method, { prepare, run, isBystander = false }) {
  const seen = []
  for (const ending of ['cancel', 'release']) {
    const [holder, client] = [await connect(), await connect()]
    await prepare?.(client)
    await method.hold(holder)
    const pid = client.processID
    const call = isBystander ? run(client) : method.send(client, run)
    const settled = call.then(
      () => 'completed',
      (error) => error.code,
    )
    if (!(await isActive(pid))) {
      await method.release(holder)
      await Promise.all([holder.end(), client.end()])
      return isBystander ? 'untouched' : 'does not hang'
    }
    if (ending === 'cancel') {
      await setUp.query('SELECT pg_cancel_backend($1)', [pid])
      seen.push((await settled) === '57014' ? 'hangs, cancelled by 57014' : 'hangs, not cancelled')
      await method.release(holder)
    } else {
      await method.release(holder)
      const end = await Promise.race([settled, sleep(1_000)])
      seen.push(end === 'completed' ? 'let go' : 'cannot be let go')
      await setUp.query('SELECT pg_terminate_backend($1)', [pid])
    }
    client.on('error', () => undefined)
    await Promise.allSettled([holder.end(), client.end()])
    await setUp.query('DROP TABLE IF EXISTS shelves; ALTER TABLE books DROP COLUMN IF EXISTS n')
  }
  if (isBystander) return 'hangs as well'
  return seen.join(', ')
}

async function isActive(pid) {
  const until = performance.now() + SEEN_MS
  let times = 0
  while (performance.now() < until) {
    const { rows } = await setUp.query('SELECT state FROM pg_stat_activity WHERE pid = $1', [pid])
    times = rows[0]?.state === 'active' ? times + 1 : 0
    if (times > 5) return true
    await sleep(10)
  }
  return false
}

/** What is sent ahead costs where nobody holds the lock; in turns, least of five. */
async function costs() {
  const rounds = 2_000
  const client = await connect()
  const gates = [undefined, `SELECT pg_advisory_xact_lock_shared(${KEY})`, 'SELECT pg_sleep(0)']
  const least = gates.map(() => Infinity)
  for (let turn = 0; turn < 5; turn += 1) {
    for (const [at, gate] of gates.entries()) {
      const before = process.cpuUsage()
      for (let round = 0; round < rounds; round += 1) {
        ahead = gate
        await client.query('SELECT 7')
        ledger.take()
      }
      const { user, system } = process.cpuUsage(before)
      least[at] = Math.min(least[at], (user + system) / rounds)
    }
  }
  await client.end()
  const [bare, lock, asleep] = least
  return [Math.round(lock - bare), Math.round(asleep - bare), 0]
}

async function connect() {
  const client = new pg.Client({ connectionString })
  client.on('error', () => undefined)
  await client.connect()
  return client
}
