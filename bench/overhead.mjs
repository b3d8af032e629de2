// What a signal that never aborts costs: bare pg against pg with the runtime, in short blocks that take
// turns, in one process and on one server, so that whatever else the machine does happens to both.
//
//   npm run build && node bench/overhead.mjs [queries of each kind]
//   taskset -c 0 node bench/overhead.mjs        -- on one core: where the system puts a backend is no matter
//
// Prints for each comparison the median of the blocks' ratios, with the quarter of them that is below
// (`q1`) and above (`q3`), of the time that went by and of the CPU time of this process. `undisturbed` sets
// the quickest twentieth of the blocks of one side against that of the other, which tells more while
// something else runs. `bare, against
// itself` tells how far from 1 the method is today. It also sets abort → rejected against the round trip
// of a bare CancelRequest.
import { connect } from 'node:net'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase, startPostgres } from '@ctx-fix/fixtures'

const require = createRequire(import.meta.url)

/** A copy of pg of its own, as if it were installed twice. */
function freshPg() {
  for (const file of Object.keys(require.cache)) {
    if (/[\\/](?:pg|pg-pool)[\\/]/.test(file)) Reflect.deleteProperty(require.cache, file)
  }
  return require('pg')
}

/** Queries in turn on one side, before it is the other's: two milliseconds or so. */
const BLOCK = 48
/** Queries before the first is measured. */
const WARM_UP = 10_000
const count = Number(process.argv[2] ?? 10_000)
const bare = freshPg()
const otherBare = freshPg()
freshPg()
// Loading it instruments the copies in the cache: the first ones are there no more.
await import('@ctx-fix/runtime/pg')
const { deriveSignal, withSignal } = await import('@ctx-fix/runtime')
const signalled = require('pg')
if (bare.Client === signalled.Client) throw new Error('both are the same copy of pg')

const server = await startPostgres()
const database = await createDatabase(server)
const { connectionString } = database
try {
  const text = 'SELECT 1'
  const { signal } = new AbortController()
  const request = deriveSignal(null, { timeoutMs: 3_600_000 })
  const [bareClient, otherClient, client] = await Promise.all(
    [bare, otherBare, signalled].map(connected),
  )
  // How far from 1 the method itself is today.
  await compare('bare, against itself', {
    bare: () => bareClient.query({ text }),
    signalled: () => otherClient.query({ text }),
  })
  await compare('client, signal', {
    bare: () => bareClient.query({ text }),
    signalled: () => client.query({ text, signal }),
  })
  await compare('client, signal with a deadline', {
    bare: () => bareClient.query({ text }),
    signalled: () => client.query({ text, signal: request }),
  })
  await withSignal(request, () =>
    compare('client, surrounding signal', {
      bare: () => bareClient.query(text),
      signalled: () => client.query(text),
    }),
  )
  const [barePool, pool] = [bare, signalled].map(pooled)
  await compare('pool, signal', {
    bare: () => barePool.query({ text }),
    signalled: () => pool.query({ text, signal }),
  })
  await compareAborts(client.first)
  await Promise.all([bareClient.end(), otherClient.end(), client.end(), barePool.end(), pool.end()])
} finally {
  await database.drop()
  await server.stop()
}

/**
 * Several connections in rotation, because a backend that the system has put in a better place would
 * otherwise count as a faster driver.
 */
async function connected({ Client }) {
  const clients = Array.from({ length: 8 }, () => new Client({ connectionString }))
  await Promise.all(clients.map((client) => client.connect()))
  let turn = 0
  return {
    query: (...args) => clients[turn++ % clients.length].query(...args),
    first: clients[0],
    end: () => Promise.all(clients.map((client) => client.end())),
  }
}

/** The same for pools, each of which hands out one and the same client. */
function pooled({ Pool }) {
  const pools = Array.from({ length: 8 }, () => new Pool({ connectionString, max: 1 }))
  let turn = 0
  return {
    query: (...args) => pools[turn++ % pools.length].query(...args),
    end: () => Promise.all(pools.map((pool) => pool.end())),
  }
}

async function compare(what, queries) {
  // Each copy of pg is compiled by itself: one that has run before would be ahead.
  for (const query of Object.values(queries)) await run(query, WARM_UP)
  const ratios = { time: [], cpu: [] }
  const times = { bare: [], signalled: [] }
  for (let block = 0; block < count / BLOCK; block++) {
    // Who goes first changes, because the second finds warmer caches.
    const names = block % 2 === 0 ? ['bare', 'signalled'] : ['signalled', 'bare']
    const cost = {}
    for (const name of names) cost[name] = await run(queries[name], BLOCK)
    for (const name of names) times[name].push(cost[name].time)
    ratios.time.push(cost.signalled.time / cost.bare.time)
    ratios.cpu.push(cost.signalled.cpu / cost.bare.cpu)
  }
  const undisturbed = rounded(quantile(times.signalled, 0.05) / quantile(times.bare, 0.05))
  const cpu = spread(ratios.cpu)
  console.log(JSON.stringify({ what, ...spread(ratios.time), undisturbed, cpu, n: count }))
}

/** Milliseconds that `times` queries take, one after the other, and what of them is this process's own work. */
async function run(query, times) {
  const start = performance.now()
  const before = process.cpuUsage()
  for (let n = 0; n < times; n++) await query()
  const { user, system } = process.cpuUsage(before)
  return { time: performance.now() - start, cpu: (user + system) / 1_000 }
}

async function compareAborts(client) {
  const times = { aborted: [], bare: [] }
  for (let n = 0; n < Math.min(300, count); n++) {
    const controller = new AbortController()
    const query = client.query({ text: 'SELECT pg_sleep(30)', signal: controller.signal })
    await sleep(5)
    let start = performance.now()
    controller.abort()
    await query.catch(() => undefined)
    times.aborted.push(performance.now() - start)
    start = performance.now()
    await cancelNothing(client)
    times.bare.push(performance.now() - start)
  }
  const what = 'abort → rejected, against a bare CancelRequest'
  const ratio = rounded(quantile(times.aborted, 0.5) / quantile(times.bare, 0.5))
  console.log(JSON.stringify({ what, ratio, n: times.bare.length }))
}

/** A whole CancelRequest for a client that executes nothing. */
function cancelNothing({ processID, secretKey, connection }) {
  const packet = Buffer.alloc(16)
  packet.writeInt32BE(16, 0)
  packet.writeInt32BE(80_877_102, 4)
  packet.writeInt32BE(processID, 8)
  packet.writeInt32BE(secretKey, 12)
  const { remoteAddress: host, remotePort: port } = connection.stream
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => socket.write(packet))
    socket.resume().on('error', reject).on('close', resolve)
  })
}

function spread(values) {
  const [q1, ratio, q3] = [0.25, 0.5, 0.75].map((part) => rounded(quantile(values, part)))
  return { ratio, q1, q3 }
}

function quantile(values, part) {
  return values.sort((a, b) => a - b)[Math.floor(values.length * part)]
}

function rounded(ratio) {
  return Math.round(ratio * 1_000) / 1_000
}
