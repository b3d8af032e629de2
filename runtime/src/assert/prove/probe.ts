import promises from 'node:timers/promises'
import type { LedgerQuery } from '../ledger/query.js'
import { Observer } from '../observer.js'
import type { Statement } from '../statement.js'
import type { ProofVerdict } from './proof-line.js'

// Taken at once, because tests install fake timers later.
const { setTimeout: sleep } = promises
const POLL_MS = 5
/** How long a statement that hangs may take to be seen. */
const UNTIL_ACTIVE_MS = 2_000

/**
 * Ends the request or the job that `query` serves, as its client or its queue would, while PostgreSQL executes `query`, and
 * looks whether that ends it within `withinMs`. What runs on is then cancelled from here.
 */
export async function probe(
  query: LedgerQuery,
  statement: Statement,
  withinMs: number,
): Promise<{ verdict: ProofVerdict; stoppedAfterMs?: number }> {
  const observer = new Observer(await statement.connectBeside())
  await observer.connect()
  try {
    const started = await until(UNTIL_ACTIVE_MS, async () => {
      const backend = await observer.backend(query.pid ?? 0)
      return backend?.state === 'active' ? backend.queryStart : undefined
    })
    if (started === undefined) return { verdict: 'seen' }
    const disconnectedAt = performance.now()
    query.entryPoint?.disconnect()
    const stopped = await until(withinMs, async () => {
      const backend = await observer.backend(query.pid ?? 0)
      return backend?.state !== 'active' || backend.queryStart !== started ? true : undefined
    })
    if (stopped) return { verdict: 'cancelled', stoppedAfterMs: performance.now() - disconnectedAt }
    await observer.run(`SELECT pg_cancel_backend(${query.pid ?? 0})`)
    return { verdict: 'ran-on' }
  } finally {
    await observer.end()
  }
}

async function until<T>(
  withinMs: number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined || performance.now() > deadline) return found
    await sleep(POLL_MS)
  }
}
