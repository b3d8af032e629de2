// What a signal that never aborts costs this process: CPU time of a query, against bare pg, with a server
// that answers at once from within. Nothing of the network, of PostgreSQL, or of who else uses the machine is in
// it, so that it can be compared from day to day; `overhead.mjs` sets it against whole queries.
//
//   npm run build && node bench/overhead-cpu.mjs [rounds of 1,000 queries]
//
// Prints microseconds a query: the median of the rounds, and the quickest.
import { createRequire } from 'node:module'
import { Duplex } from 'node:stream'

const require = createRequire(import.meta.url)
const rounds = Number(process.argv[2] ?? 60)

/** A copy of pg of its own, as if it were installed twice. */
function freshPg() {
  for (const file of Object.keys(require.cache)) {
    if (/[\\/](?:pg|pg-pool)[\\/]/.test(file)) Reflect.deleteProperty(require.cache, file)
  }
  return require('pg')
}

const bare = freshPg()
freshPg()
// Loading it instruments the copies in the cache: the first one is there no more.
await import('@ctx-fix/runtime/pg')
const { deriveSignal, withSignal } = await import('@ctx-fix/runtime')
const signalled = require('pg')
if (bare.Client === signalled.Client) throw new Error('both are the same copy of pg')

// https://www.postgresql.org/docs/current/protocol-message-formats.html
const message = (kind, ...parts) => {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(5)
  head.write(kind)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
const int = (bytes, value) => {
  const buffer = Buffer.alloc(bytes)
  buffer.writeIntBE(value, 0, bytes)
  return buffer
}
const text = (value) => Buffer.from(`${value}\0`)
const ready = message('Z', Buffer.from('I'))
const greeting = Buffer.concat([message('R', int(4, 0)), message('K', int(4, 1), int(4, 2)), ready])
const field = [text('n'), int(4, 0), int(2, 0), int(4, 23), int(2, 4), int(4, -1), int(2, 0)]
const answer = Buffer.concat([
  message('T', int(2, 1), ...field),
  message('D', int(2, 1), int(4, 1), Buffer.from('1')),
  message('C', text('SELECT 1')),
  ready,
])

/** The socket of a server that greets whoever connects, and answers every query with one row. */
class Server extends Duplex {
  #next = greeting

  connect() {
    process.nextTick(() => this.emit('connect'))
    return this
  }

  setNoDelay() {
    // There is no network.
  }

  _read() {
    // What there is to read is pushed.
  }

  _write(_chunk, _encoding, done) {
    const reply = this.#next
    this.#next = answer
    setImmediate(() => this.push(reply))
    done()
  }

  ref() {
    // An idle pool asks for it.
  }

  unref() {
    // The same.
  }
}

const config = { max: 1, stream: () => new Server() }
const SELECT = 'SELECT 1'
const { signal } = new AbortController()
const request = deriveSignal(null, { timeoutMs: 3_600_000 })
const clients = await Promise.all(
  [bare, signalled].map(async ({ Client }) => {
    const client = new Client(config)
    await client.connect()
    return client
  }),
)
const pools = [bare, signalled].map(({ Pool }) => new Pool(config))

for (const [name, [plain, instrumented]] of Object.entries({ client: clients, pool: pools })) {
  const us = await measure({
    bare: () => plain.query({ text: SELECT }),
    'no signal': () => instrumented.query({ text: SELECT }),
    signal: () => instrumented.query({ text: SELECT, signal }),
    'signal with a deadline': () => instrumented.query({ text: SELECT, signal: request }),
    'surrounding signal': () => withSignal(signal, () => instrumented.query({ text: SELECT })),
  })
  console.log(JSON.stringify({ name, us }))
}
// The servers would go on for ever.
process.exit()

async function measure(queries) {
  const costs = Object.fromEntries(Object.keys(queries).map((name) => [name, []]))
  // The first tenth is for the compiler.
  for (let round = -rounds / 10; round < rounds; round++) {
    for (const [name, run] of Object.entries(queries)) {
      const before = process.cpuUsage()
      for (let n = 0; n < 1_000; n++) await run()
      const { user, system } = process.cpuUsage(before)
      if (round >= 0) costs[name].push((user + system) / 1_000)
    }
  }
  return Object.fromEntries(
    Object.entries(costs).map(([name, each]) => {
      each.sort((a, b) => a - b)
      return [name, { median: each[Math.floor(each.length / 2)], least: each[0] }]
    }),
  )
}
