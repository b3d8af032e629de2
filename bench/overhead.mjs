// What a signal that never aborts costs: bare pg against pg with the runtime, one query each in turn,
// in one process and on one server, so that whatever else the machine does happens to both.
//
//   npm run build && node bench/overhead.mjs [queries of each kind]
//
// Prints the ratio of the medians, and of the CPU time of this process. It also sets abort → rejected against the round trip of a bare
// CancelRequest.
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
  const [barePool, pool] = [bare, signalled].map(
    ({ Pool }) => new Pool({ connectionString, max: 1 }),
  )
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

async function compare(what, { bare, signalled }) {
  const times = { bare: [], signalled: [] }
  for (let n = -500; n < count; n++) {
    // Who goes first changes, because the second finds warmer caches.
    const order = n % 2 === 0 ? [bare, signalled] : [signalled, bare]
    for (const query of order) {
      const start = performance.now()
      await query()
      const time = performance.now() - start
      if (n >= 0) times[query === bare ? 'bare' : 'signalled'].push(time)
    }
  }
  report(what, times.signalled, times.bare, await compareCpu({ bare, signalled }))
}

/**
 * The ratio of this process's own work, in blocks that take turns. On a machine that others use, the
 * time of a query is mostly theirs.
 */
async function compareCpu(queries) {
  const work = { bare: 0, signalled: 0 }
  for (let block = 0; block < count / 250; block++) {
    for (const [name, query] of Object.entries(queries)) {
      const before = process.cpuUsage()
      for (let n = 0; n < 250; n++) await query()
      const { user, system } = process.cpuUsage(before)
      work[name] += user + system
    }
  }
  return Math.round((work.signalled / work.bare) * 1_000) / 1_000
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
  report('abort → rejected, against a bare CancelRequest', times.aborted, times.bare)
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

function report(what, numerators, denominators, cpuRatio) {
  const ratio = median(numerators) / median(denominators)
  console.log(
    JSON.stringify({
      what,
      ratio: Math.round(ratio * 1_000) / 1_000,
      cpuRatio,
      n: numerators.length,
    }),
  )
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
}
