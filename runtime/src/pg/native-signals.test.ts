import { getEventListeners } from 'node:events'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { withSignal } from '../index.js'
import { useDatabase } from '../test-support/database.js'
import { instrument } from './index.js'
import { heedsSignals } from './native-signals.js'

const postgres = useDatabase()

interface SeenConfig {
  readonly text?: string
  readonly signal?: AbortSignal | null
}

/** What a later pg may be: today's, with a client that looks at signals, and notes what it was given. */
function futurePg(): { Client: typeof pg.Client; seen: SeenConfig[] } {
  const seen: SeenConfig[] = []
  const today = pg.Client.prototype as unknown as Record<string, (...args: unknown[]) => unknown>
  class Future extends pg.Client {}
  const define = (name: PropertyKey, value: unknown) =>
    Object.defineProperty(Future.prototype, name, { value, configurable: true, writable: true })
  // It is a copy of its own, which nobody has patched.
  for (const name of ['_pulseQueryQueue', '_attachListeners', 'connect']) define(name, today[name])
  define(Symbol.for('@ctx-fix/runtime.pg.patched:1'), undefined)
  define('query', function query(this: pg.Client, config: SeenConfig, ...rest: unknown[]) {
    if (config.signal?.aborted) return Promise.reject(new Error('native refusal'))
    if (config.text !== '') seen.push(config)
    config.signal?.addEventListener('abort', () => {
      const done = rest.find((each) => typeof each === 'function') as
        ((error: Error) => void) | undefined
      done?.(Object.assign(new Error('native abort'), { name: 'AbortError' }))
    })
    return today['query']?.call(this, { text: config.text, signal: null }, ...rest)
  })
  return { Client: Future, seen }
}

describe('a pg that heeds signals by itself', () => {
  it('is told from one that does not', () => {
    const { Client } = futurePg()
    expect(heedsSignals(Client.prototype)).toBe(true)
    class Today extends pg.Client {
      override query(): never {
        return undefined as never
      }
    }
    expect(heedsSignals(Today.prototype)).toBe(false)
  })

  it('refuses in its own words through a pool too', async () => {
    const { Client } = futurePg()
    instrument(Client)
    const controller = new AbortController()
    const pool = postgres.pool({ Client })
    const query = withSignal(controller.signal, () =>
      pool.query('SELECT pg_sleep(0.5) /* words */'),
    )
    await postgres.untilRunning('words')
    controller.abort()
    await expect(query).rejects.toThrow('native abort')
  })

  it('is given both signals as one, which leaves no listener on either', async () => {
    const { Client } = futurePg()
    instrument(Client)
    const pool = postgres.pool({ Client })
    const controllers = [new AbortController(), new AbortController()] as const
    const [outer, own] = controllers
    const query = (text: string, controller: AbortController) =>
      withSignal(outer.signal, () => pool.query({ text, signal: controller.signal }))
    for (let n = 0; n < 20; n++) await query('SELECT 1', own)
    for (const { signal } of controllers) expect(getEventListeners(signal, 'abort')).toEqual([])
    const running = query('SELECT pg_sleep(0.5) /* both */', own)
    await postgres.untilRunning('both')
    outer.abort()
    await expect(running).rejects.toThrow('native abort')
  })

  it('is given the surrounding signal, and cancels as it likes', async () => {
    const { Client, seen } = futurePg()
    instrument(Client)
    const client = new Client({ connectionString: postgres.connectionString })
    await client.connect()
    const controller = new AbortController()
    const { signal } = controller
    await withSignal(signal, async () => {
      await client.query('BEGIN')
      await client.query('SELECT 1')
      await client.query({ text: 'SELECT 2', signal: null })
      controller.abort()
      await expect(client.query('SELECT 3')).rejects.toThrow('native refusal')
      await client.query('ROLLBACK')
    })
    await client.end()
    expect(seen.map(({ text, signal: given }) => [text, given === signal])).toEqual([
      ['BEGIN', false],
      ['SELECT 1', true],
      ['SELECT 2', false],
      ['ROLLBACK', false],
    ])
  })
})
