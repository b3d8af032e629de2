import { once } from 'node:events'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { clientOf } from '../test-support/exchange.js'
import { adapters } from '../test-support/http-adapters.js'

const bodies = {
  GET: undefined,
  'POST with JSON': JSON.stringify({ small: true }),
  'POST with a large body': JSON.stringify({ large: 'x'.repeat(2_000_000) }),
}

const rows = Object.entries(adapters).flatMap(([name, adapter]) =>
  adapter.protocols.flatMap((protocol) =>
    (adapter.streams ? [false, true] : [false]).map((isStream) => {
      const kind = isStream ? 'a stream' : 'one answer'
      return { name, protocol, kind, isStream, adapter }
    }),
  ),
)

describe.each(rows)('$name, $protocol, $kind', ({ adapter, protocol, isStream }) => {
  it.each(Object.entries(bodies))('%s of a client that stays', async (_, body) => {
    const signals: AbortSignal[] = []
    const port = await adapter.start(async (signal) => {
      signals.push(signal)
      await sleep(10)
      return isStream ? drip(4) : 'whole'
    }, protocol)
    const client = clientOf(protocol, port)
    onTestFinished(() => {
      client.close()
    })
    // The second on the same connection.
    for (let n = 0; n < 2; n++) expect(await client.send(body).body).toContain('whole')
    client.close()
    await sleep(20)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
    expect(signals[0]).not.toBe(signals[1])
  })

  it.each(Object.entries(bodies))('%s of a client that leaves', async (_, body) => {
    const signals: AbortSignal[] = []
    const port = await adapter.start(async (signal) => {
      signals.push(signal)
      if (isStream) return drip(Infinity, signal)
      await once(signal, 'abort')
      return 'nobody reads this'
    }, protocol)
    const client = clientOf(protocol, port)
    onTestFinished(() => {
      client.close()
    })
    const exchange = client.send(body)
    if (isStream) await exchange.firstBytes
    else await soon(() => signals.length === 1)
    await sleep(20)
    expect(signals[0]?.aborted).toBe(false)
    exchange.leave()
    await soon(() => signals[0]?.aborted === true)
    expect(signals[0]?.reason).toMatchObject({ message: 'the client closed the connection' })
  })
})

/** A body of so many pieces, one every few milliseconds. */
function drip(pieces: number, until?: AbortSignal): Readable {
  async function* make() {
    for (let n = 0; n < pieces && until?.aborted !== true; n++) {
      await sleep(5)
      yield n + 1 === pieces ? 'whole' : 'piece '
    }
  }
  return Readable.from(make(), { objectMode: false })
}

async function soon(isSo: () => boolean): Promise<void> {
  await vi.waitFor(
    () => {
      expect(isSo()).toBe(true)
    },
    { interval: 5, timeout: 3_000 },
  )
}
